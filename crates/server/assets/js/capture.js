/**
 * The line that tasks are added by. What its words mean comes from the server, with all that stands under it; only signs are
 * marked at once.
 * @module
 */

import { fail, fire, morph, on, parse, send, visit } from './core.js';

/** @typedef {{ start: number, end: number, kind?: string }} Stretch Words and what they are read as; plainly without a kind. */
/** @typedef {{ text: string, read: Stretch[], due?: string, each?: string, key: string }} Line What is written, and how it is read. */

/** After how long without a key the server is asked. */
const PAUSE_MS = 60;
/** What is understood of an empty line. */
const NOTHING = '<div class="understood" data-read="[]"><p class="hidden" role="status"></p></div>';
const SIGNS = /(?<!\S)(?:([@#+])(?!\d+\b)[\p{L}\p{N}_-]+|!{2,3}|![1-3]|p[1-4])(?![^\s,;.])/giu;
const WORD = /[\p{L}\p{N}]/u;

/** @type {(selector: string, within?: ParentNode) => any} */
const find = (selector, within = document) => within.querySelector(selector);
const KEY = 'plain ' + find('#tasks').dataset.keeper;

/** @type {Record<string, number>} Words that were un-read in a line, by 1, and those that are always plain, by 2. */
const words = JSON.parse(localStorage[KEY] ?? '{}');

/** @type {(word: string, how: number) => void} */
function remember(word, how) {
  words[word] = how;
  localStorage[KEY] = JSON.stringify(words);
}

/** @type {(text?: string) => Line} */
const fresh = (text = '') => ({ text, read: [], key: '' + Math.random() });

/** @type {WeakMap<Element, (text?: string) => void>} How to go to the line of a form. */
const lines = new WeakMap();

/**
 * Makes the line of a form.
 * @param {HTMLFormElement} form
 */
function upgrade(form) {
  /** @type {any} */
  const kept = form.lastElementChild;
  const plain = find('[name=text]', kept);
  const before = document.activeElement;
  kept.replaceChildren(find('#capture').content.cloneNode(true));
  /** @type {HTMLTextAreaElement} */
  const area = find('textarea', kept);
  const told = find('.told', kept);
  let now = fresh(plain?.value);
  let last = now;
  let asked = 0;
  let chosen = -1;
  /** @type {any} Where one was before. */
  let back;

  const list = () => find('#names', kept);
  /** @type {() => HTMLElement[]} */
  const options = () => [...(list()?.children ?? [])];

  /**
   * What the form says, and how it is to be read.
   * @param {boolean} [open] Whether the task is to be opened.
   */
  function filled(open) {
    const how = { read: JSON.stringify(now.read), words: JSON.stringify(words), caret: area.selectionEnd, open, back: location.pathname + location.search };
    return new URLSearchParams(/** @type {any} */ ({ ...Object.fromEntries(new FormData(form)), ...now, ...how }));
  }

  /** Follows what was typed: words that are still there, or have only moved, are read as before. */
  function typed() {
    const text = area.value;
    const moved = text.length - now.text.length;
    const read = now.read.flatMap(({ start, end, kind }) => {
      const fits = (/** @type {number} */ by) => text.slice(start + by, end + by) === now.text.slice(start, end) && !WORD.test(text.charAt(start + by - 1) + text.charAt(end + by));
      return [0, moved].filter(fits).slice(0, 1).map((by) => ({ start: start + by, end: end + by, kind }));
    });
    for (const { 0: words, 1: sign, index: start } of text.matchAll(SIGNS)) {
      const end = start + words.length;
      const kind = sign === '+' ? 'project' : sign ? 'tag' : 'priority';
      if (!read.some((mark) => mark.start < end && start < mark.end)) read.push({ start, end, kind });
    }
    now = { ...now, text, read };
    told.textContent = '';
    ask(PAUSE_MS);
  }

  function paint() {
    const parts = [];
    let at = 0;
    for (const { start, end, kind } of now.read.sort((a, b) => a.start - b.start)) {
      if (!kind || start < at) continue;
      const mark = document.createElement('mark');
      mark.dataset.kind = kind;
      mark.textContent = now.text.slice(start, end);
      parts.push(now.text.slice(at, start), mark);
      at = end;
    }
    find('.mirror', kept).replaceChildren(...parts, now.text.slice(at));
  }

  /**
   * Shows what is read so far, and asks what the words mean, after a pause. Of several answers only the last counts.
   * @param {number} [pause]
   */
  function ask(pause) {
    const number = ++asked;
    paint();
    setTimeout(async () => {
      if (number !== asked) return;
      try {
        const html = now.text.trim() ? await (await send('/add/read', { method: 'POST', body: filled() })).text() : NOTHING;
        if (number === asked) show(html);
      } catch {
        if (number === asked) told.textContent = told.dataset.offline;
      }
    }, pause);
  }

  /** @param {string} html */
  function show(html) {
    const shown = find('.understood', kept);
    morph(shown, find('.understood', parse(html)));
    now.read = [...now.read.filter(({ kind }) => !kind), ...JSON.parse(shown.dataset.read)];
    paint();
    choose(-1);
  }

  function write(line = fresh()) {
    last = now;
    now = { ...line };
    area.value = now.text;
    ask();
    return last;
  }

  /** @param {boolean} [open] */
  function add(open) {
    if (!now.text.trim()) return area.focus();
    const init = { method: 'POST', body: filled(open) };
    for (const { start, end, kind } of now.read) if (!kind) remember(now.text.slice(start, end).toLowerCase(), 1);
    const sent = write();
    visit('/add', {
      push: false,
      init,
      failed(/** @type {any} */ error, again) {
        if (!now.text) write(sent);
        if (error.status && error.status !== 422) return fail(error, () => again(write()));
        told.textContent = error.message;
      },
    });
  }

  /** @param {number} at */
  function choose(at) {
    const all = options();
    chosen = at < -1 ? all.length - 1 : at < all.length ? at : 0;
    all.forEach((option, n) => Object.assign(option, { id: form.id + n, ariaSelected: n === chosen }));
    area.setAttribute('aria-activedescendant', all[chosen]?.id ?? '');
  }

  /** @type {(words: string, start: number) => void} */
  function insert(words, start) {
    area.setRangeText(words, start, area.selectionEnd, 'end');
    typed();
  }

  /** @param {Stretch | undefined} mark */
  function unread(mark) {
    if (!mark) return true;
    mark.kind = '';
    ask();
  }

  /** @type {Record<string, (data: any) => unknown>} What is under the line does this when it is pressed. */
  const acts = {
    edit: ({ start, end }) => area.setSelectionRange(start, end),
    unread: ({ start }) => unread(now.read.find((mark) => mark.start === +start)),
    due: ({ due }) => (now.due = due),
    note: () => (now.each = ''),
    plain: ({ word, how }) => remember(word, +how),
    ask: () => fire('sayso:ask', { text: write().text }),
    pick: ({ name, start }) => insert(name + ' ', start),
  };

  /** @type {Record<string, (event: KeyboardEvent) => unknown>} What keys do; `true` if it is not ours. */
  const keys = {
    Enter: (event) => event.shiftKey || (options()[chosen] ? options()[chosen].click() : event.altKey ? acts.ask({}) : add(event.ctrlKey || event.metaKey)),
    Tab: ({ shiftKey }) => shiftKey || !list() || options()[Math.max(chosen, 0)].click(),
    ArrowDown: () => !list() || choose(chosen + 1),
    ArrowUp: () => (list() ? choose(chosen - 1) : !!now.text || write(last)),
    Backspace: () => unread(now.read.find(({ end, kind }) => kind && end === area.selectionStart && end === area.selectionEnd)),
    Escape: () => (list() ? list().remove() : now.text ? write() : (form.closest('dialog')?.close(), area.blur(), back?.focus())),
  };

  area.addEventListener('input', typed);
  area.addEventListener('keydown', (event) => {
    if (!event.isComposing && event.key in keys && keys[event.key](event) !== true) event.preventDefault();
  });
  area.addEventListener('paste', (/** @type {any} */ event) => {
    const pasted = event.clipboardData.getData('text');
    if (now.text.includes('\n') || !/\S\s*\n\s*\S/.test(pasted)) return;
    event.preventDefault();
    now.each = 'yes';
    insert(pasted, area.selectionStart);
  });
  kept.addEventListener('click', (/** @type {any} */ event) => {
    const button = event.target.closest('[data-act]');
    if (!button) return;
    area.focus();
    acts[button.dataset.act]({ ...button.parentElement.dataset, ...button.dataset });
    ask();
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    add();
  });
  lines.set(form, (text) => {
    back = document.activeElement;
    if (text) write(fresh(text));
    area.focus();
  });
  write(now);
  if (before === plain) area.focus();
}

/**
 * Goes to the line: to the page's own if it is in view, else to one on top of it.
 * @param {string} [text] What to write into it.
 * @param {boolean} [aside] Whether not to the page's own in any case.
 */
export function capture(text, aside) {
  const own = find('#add');
  const sheet = find('#adding');
  const isOwn = !aside && own?.getBoundingClientRect().top > 0;
  if (!isOwn && !sheet.open) {
    sheet.showModal();
    // What is said of it has to be said above the page.
    sheet.append(find('#toast'));
    sheet.onclose = () => find('#tasks').before(find('#toast'));
  }
  lines.get(isOwn ? own : find('form', sheet))?.(text);
}

function begin() {
  for (const form of document.querySelectorAll('.capture:not(:has(.mirror))')) upgrade(/** @type {any} */ (form));
}

on('click', '.plus, [data-text]', (event, { dataset }) => {
  event.preventDefault();
  capture(dataset.text, !dataset.text);
});
document.addEventListener('sayso:morphed', begin);
begin();
