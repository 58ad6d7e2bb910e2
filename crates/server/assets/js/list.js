/**
 * The list under the keys: which row has the focus, which are picked, what is done to them.
 *
 * A change is shown at once as a class of its row and always replaced by what the server answers.
 * @module
 */
import { Failure, fail, fire, load, on, send, show, state, visit } from './core.js';

/** @typedef {[string, string][]} Pairs */
/** @typedef {{ url?: string, quiet?: boolean, refused?: (error: Failure) => boolean }} ActOptions */

const { body, documentElement: root } = document;
/** @param {string} id */
export const byId = (id) => document.getElementById(id);
const all = (/** @type {string} */ selector) => /** @type {HTMLElement[]} */ ([...document.querySelectorAll(selector)]);
const box = (/** @type {Element} */ row) => /** @type {HTMLInputElement} */ (row.querySelector('.pick'));
/** @param {Element} row */
export const link = (row) => /** @type {HTMLAnchorElement} */ (row.querySelector('.what a'));
/** @param {Element} row */
export const number = (row) => row.id.slice(1);

/** The rows that can be seen, in their order. */
export const rows = () => all('#list .row').filter((row) => row.checkVisibility());
const picks = () => rows().filter((row) => box(row).checked);

let last = '';
on('focusin', '#list .row', (_, row) => {
  last = row.id;
  // What its keys do should be here before they are pressed.
  for (const name of /** @type {const} */ (['commands', 'hands'])) load(name);
});

/** The row that has the focus, or had it. */
export const current = () => /** @type {HTMLElement | null} */ (document.activeElement?.closest('#list .row') ?? byId(last));

/** The rows a command is about: those that are picked, or the one that has the focus. */
export function chosen() {
  const row = current();
  return picks().length || !row ? picks() : [row];
}

/**
 * The row so many places from another.
 * @param {number} by
 * @param {Element | null} [from]
 */
export function beyond(by, from = current()) {
  const list = rows();
  const at = list.findIndex((row) => row === from);
  return list[at < 0 && by < 0 ? list.length - 1 : at + by];
}

/**
 * Goes to another row.
 * @param {number} by
 * @param {boolean} [extend] whether the rows on the way are picked
 */
export function step(by, extend) {
  const [row, next] = [current(), beyond(by)];
  if (extend) for (const one of [row, next]) if (one) pick(one, true);
  if (next) link(next).focus();
}

/**
 * @param {Element} row
 * @param {boolean} [wanted]
 */
export function pick(row, wanted = !box(row).checked) {
  box(row).checked = wanted;
  picked();
}

/** Picks nothing any more, and empties the fields of the bar. Whether something was picked. */
export function unpick() {
  const count = picks().length;
  /** @type {HTMLFormElement | null} */ (byId('list'))?.reset();
  picked();
  return count > 0;
}

function picked() {
  const count = picks().length;
  body.toggleAttribute('data-picking', count > 0);
  for (const output of all('.bar output')) output.textContent = `${count} selected`;
}

/** @type {Promise<void>} */
let queue = Promise.resolve();
let waiting = 0;
/** What could not be saved, by its row. @type {Map<string, { pairs: Pairs, options: ActOptions }>} */
const failures = new Map();
const ENDS = ['complete', 'reopen', 'delete', 'restore'];

/**
 * Sends a change, one after another, so that what is shown last is what holds.
 * @param {Pairs} pairs
 * @param {HTMLElement[]} touched
 * @param {ActOptions} [options]
 */
export function act(pairs, touched, options = {}) {
  const sent = new URLSearchParams([['csrf', state.csrf], ['back', location.pathname + location.search], ...pairs]);
  const going = pairs.some((pair) => pair.some((word) => ENDS.includes(word))) ? touched : [];
  for (const row of touched) {
    failures.delete(row.id);
    row.querySelector('.failed')?.remove();
    row.dataset.keepBusy = '';
  }
  for (const row of going) leave(row);
  const settle = () => {
    for (const row of touched) delete row.dataset.keepBusy;
    return --waiting;
  };
  waiting++;
  const answer = queue.then(async () => (await send(options.url ?? '/tasks', { method: 'POST', body: sent })).text());
  queue = answer.then(
    (html) => {
      if (settle()) return;
      const places = going.map((row) => /** @type {const} */ ([row, row.parentElement, row.nextSibling]));
      show(html);
      if (options.quiet) byId('toast')?.replaceChildren();
      for (const [row, list, next] of places) if (!row.isConnected && list?.isConnected) fold(row, list, next);
    },
    (error) => {
      settle();
      for (const row of going) row.classList.remove('going');
      if (!(error instanceof Failure)) throw error;
      if (options.refused?.(error)) return;
      // What did not get there can be sent again; what was refused is said.
      if (error.html || (error.status && error.status < 500) || !touched[0]) return fail(error);
      failures.set(touched[0].id, { pairs, options });
      showFailures();
    },
  );
  return queue;
}

/**
 * Lets a row look as if it were done with; the focus goes on.
 * @param {HTMLElement} row
 */
function leave(row) {
  const next = beyond(1, row) ?? beyond(-1, row);
  if (next && row.contains(document.activeElement)) link(next).focus();
  row.classList.add('going');
}

/**
 * Keeps a row that is gone for a moment, so that one sees it go.
 * @param {HTMLElement} row
 * @param {Element} list
 * @param {ChildNode | null} next
 */
function fold(row, list, next) {
  row.id = '';
  row.inert = true;
  list.insertBefore(row, next?.parentNode === list ? next : null);
  setTimeout(() => row.remove(), 600);
}

/**
 * A line in which something is to be decided.
 * @param {(string | Node)[]} words
 * @param {Record<string, () => void>} ways
 */
export function line(words, ways) {
  const made = Object.assign(document.createElement('p'), { className: 'failed', role: 'alert' });
  made.append(...words);
  for (const [textContent, does] of Object.entries(ways)) {
    const onclick = () => {
      made.remove();
      does();
    };
    made.append(Object.assign(document.createElement('button'), { type: 'button', textContent, onclick }));
  }
  return made;
}

function showFailures() {
  for (const [id, { pairs, options }] of failures) {
    const row = byId(id);
    if (!row || row.querySelector('.failed')) continue;
    row.append(line(['Not saved'], { Retry: () => act(pairs, [row], options), Discard: () => failures.delete(id) }));
  }
}

/**
 * @param {string} value
 * @param {HTMLElement[]} [about]
 */
export function bulk(value, about = chosen()) {
  if (!about.length) return;
  act([['bulk', value], ...about.map((row) => /** @type {[string, string]} */ (['id', number(row)]))], about);
  unpick();
}

/**
 * Completes, or opens again.
 * @param {HTMLElement[]} [about]
 */
export function toggle(about = chosen()) {
  bulk(about[0]?.querySelector('.check')?.getAttribute('name') ?? 'restore', about);
}

/** The row that is picked for one field only. @type {Element | null} */
let alone = null;
/**
 * Opens a field of the bar for the chosen rows.
 * @param {string} id
 */
export function ask(id, row = current()) {
  if (!picks().length && row) {
    alone = row;
    box(row).checked = true;
  }
  if (picks().length) byId(id)?.showPopover();
}

/**
 * Listens before the page itself does.
 * @param {string} event
 * @param {(event: any) => void} handler
 */
const first = (event, handler) => root.addEventListener(event, handler, true);

// What opens is beside what opened it: its button, or the row.
first('beforetoggle', ({ target, newState }) => {
  if (!target.matches('.pop')) return;
  if (newState === 'open') {
    const from = [document.querySelector(`[popovertarget="${target.id}"]`), current()?.querySelector('.more')];
    const { top = 0, bottom = 0, left = 0 } = from.find((one) => one?.checkVisibility())?.getBoundingClientRect() ?? {};
    const place = top < innerHeight / 2 ? `${bottom + 4}px auto auto` : `auto auto ${innerHeight - top + 4}px`;
    target.style.inset = `${place} ${Math.max(8, Math.min(left, innerWidth - 350))}px`;
  } else if (alone) {
    box(alone).checked = false;
    alone = null;
  }
});

first('submit', (event) => {
  const { target: form, submitter } = event;
  if (!form.matches('#list')) return;
  event.preventDefault();
  const row = submitter.closest('.row');
  // What the form carries anyway comes first: the token, and where to go back to.
  if (row) return act([[submitter.name, submitter.value]], [row]);
  act(/** @type {Pairs} */ ([...new FormData(form, submitter)].slice(2)), submitter.value.startsWith('overdue') ? [] : picks());
  for (const open of all('.pop:popover-open')) open.hidePopover();
  unpick();
});

first('click', (event) => {
  const { target } = event;
  const row = target.closest('#list .row');
  const menu = target.closest('.more');
  const picking = event.shiftKey || (event.pointerType === 'touch' && 'picking' in body.dataset);
  if (!row || !target.closest('a') || !(menu || picking)) return;
  event.preventDefault();
  if (menu) load('palette').then((palette) => palette.menu(row));
  else pick(row);
});

on('change', '.pick', picked);
on('click', '.unpick', unpick);
on('click', '.about', () => fire('sayso:ask', { about: chosen().map((row) => Number(number(row))) }));

/** Hands have more to do than keys; their part comes when the first is near. */
export const hands = () => load('hands');
addEventListener('pointerover', hands, { once: true });

/** What has to be there again after the page has taken over an answer. */
function settled() {
  showFailures();
  picked();
  const detail = byId('detail');
  if (detail?.firstElementChild || detail?.dataset.keepTask) load('detail').then((module) => module.arrive());
}
document.addEventListener('sayso:morphed', settled);
settled();
