/**
 * The command palette, the shortcut sheet, the menu of a row, and what a search finds while it is typed.
 * @module
 */
import { fire, on, parse, send, visit } from './core.js';
import { ABOUT_TASKS, actions } from './commands.js';
import { keys, run } from './keys.js';
import { byId, chosen, link } from './list.js';

/**
 * @template {keyof HTMLElementTagNameMap} N
 * @param {N} name
 * @param {object} [properties]
 * @param {(string | Node)[]} inside
 */
const make = (name, properties = {}, ...inside) => {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...inside);
  return made;
};

const small = (/** @type {string} */ words) => make('small', {}, words);

/** The keys of an action as a keyboard says them. @param {string} name */
function press(name) {
  const word = keys.get(name)?.[0] ?? '';
  /** @type {Record<string, string>} */
  const signs = { mod: navigator.platform.startsWith('Mac') ? '⌘' : 'Ctrl', up: '↑', down: '↓' };
  const parts = word.split('+').map((key) => signs[key] ?? key);
  return make('kbd', {}, parts.join(/^[gt]\+/.test(word) ? ' then ' : ' '));
}

/**
 * @param {string} title
 * @param {Node[]} inside
 */
function dialog(title, ...inside) {
  const made = make('dialog', { className: 'sheet', ariaLabel: title, closedBy: 'any', onclose: () => made.remove() }, ...inside);
  document.body.append(made);
  made.showModal();
  return made;
}

/**
 * Goes up or down, round and round. Whether the key was one for that.
 * @param {Element} list
 * @param {Element | null} now
 * @param {string} key
 * @param {(item: Element) => void} reach
 */
function along(list, now, key, reach) {
  const by = { ArrowDown: 1, ArrowUp: -1 }[key];
  const items = [...list.children];
  const next = by && items.at((items.indexOf(/** @type {Element} */ (now)) + by) % items.length);
  if (next) reach(next);
  return by;
}

/** Shows what the keys are. */
export function sheet() {
  const list = make('dl', {});
  for (const name of keys.keys()) list.append(make('div', {}, make('dt', {}, actions[name][0]), make('dd', {}, press(name))));
  const close = make('button', { onclick: () => made.close() }, 'Close');
  const made = dialog('Keyboard shortcuts', make('header', {}, make('h2', {}, 'Shortcuts'), close), list);
}

/** The menu of a row. @param {HTMLElement | null} row */
export function menu(row) {
  if (!row) return;
  link(row).focus();
  const made = make('div', { className: 'pop menu', id: 'row-menu', popover: 'auto', role: 'dialog', ariaLabel: `More about: ${link(row).textContent}` });
  for (const name of ABOUT_TASKS) {
    const does = () => {
      made.hidePopover();
      run(name);
    };
    made.append(make('button', { type: 'button', onclick: does }, make('span', {}, actions[name][0]), press(name)));
  }
  made.onkeydown = ({ key }) => along(made, document.activeElement, key, (item) => /** @type {HTMLElement} */ (item).focus());
  made.addEventListener('toggle', (event) => event.newState === 'closed' && made.remove());
  document.body.append(made);
  made.showPopover();
  /** @type {HTMLElement} */ (made.firstElementChild).focus();
}

let asked = 0;
/**
 * What the server finds for some words; nothing if other words came after them.
 * @param {string} words
 */
async function find(words) {
  const number = ++asked;
  await new Promise((done) => setTimeout(done, 60));
  if (number !== asked || !words) return;
  const found = parse(await (await send(`/find?filter=${encodeURIComponent(words)}`)).text());
  return number === asked ? found : undefined;
}

/** Opens the palette. */
export function palette() {
  const rows = chosen();
  const list = make('ul', { id: 'options', role: 'listbox', ariaLabel: 'Commands' });
  const input = make('input', { id: 'command', role: 'combobox', ariaLabel: 'Go to, do, find', autocomplete: 'off', ariaExpanded: 'true', ariaAutoComplete: 'list' });
  input.setAttribute('aria-controls', 'options');
  const made = dialog('Command palette', input, list);

  /** @type {Map<Element, () => void>} */
  const does = new Map();
  /** @param {(string | Node)[]} inside @param {() => void} way */
  const offer = (inside, way) => {
    const item = make('li', {}, ...inside.map((part) => (typeof part === 'string' ? make('span', {}, part) : part)));
    item.role = 'option';
    item.id = `o${does.size}`;
    does.set(item, way);
    list.append(item);
  };
  /** @param {Element | null} item */
  const choose = (item) => {
    for (const other of does.keys()) other.setAttribute('aria-selected', String(other === item));
    input.setAttribute('aria-activedescendant', item?.id ?? '');
    item?.scrollIntoView({ block: 'nearest' });
  };
  const take = (/** @type {Element | null} */ item) => {
    made.close();
    if (item) does.get(item)?.();
  };
  const fill = (/** @type {Document | undefined} */ found) => {
    const words = input.value.trim();
    const fits = (/** @type {string} */ name) => name.toLowerCase().includes(words.toLowerCase());
    does.clear();
    list.replaceChildren();
    for (const name of ABOUT_TASKS) {
      if (rows.length && fits(actions[name][0])) offer([actions[name][0], small(rows[1] ? `${rows.length} tasks` : link(rows[0]).textContent ?? ''), press(name)], () => run(name));
    }
    for (const place of /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll('#lists li a'))) {
      const name = place.querySelector('span')?.textContent ?? '';
      if (fits(name)) offer([name, small('Go to')], () => visit(place.href));
    }
    for (const name of Object.keys(actions)) {
      if (words && actions[name][1] && !ABOUT_TASKS.includes(name) && fits(actions[name][0])) offer([actions[name][0], press(name)], () => run(name));
    }
    for (const item of found?.querySelectorAll('li') ?? []) offer([...document.importNode(item, true).childNodes], () => visit(item.dataset.visit ?? '/'));
    if (found?.querySelector('li')) offer(['Show all', small(found.querySelector('.echo')?.textContent ?? '')], () => visit(`/search?filter=${encodeURIComponent(words)}`));
    if (words) offer([`Ask the assistant: ${words}`], () => fire('sayso:ask', { text: words }));
    choose(list.firstElementChild);
  };
  input.oninput = async () => {
    fill(undefined);
    const found = await find(input.value.trim());
    if (found) fill(found);
  };
  input.onkeydown = (event) => {
    const now = list.querySelector('[aria-selected="true"]');
    if (event.key === 'Enter') take(now);
    else if (!along(list, now, event.key, choose)) return;
    event.preventDefault();
  };
  list.onclick = (event) => take(/** @type {Element} */ (event.target).closest('li'));
  fill(undefined);
}

on('input', '#filter', async (_, field) => {
  const echo = byId('echo') ?? make('p', { id: 'echo', role: 'status' });
  field.after(echo);
  const found = await find(/** @type {HTMLInputElement} */ (field).value.trim());
  echo.replaceChildren(...(found?.querySelector('.echo')?.childNodes ?? []));
});
