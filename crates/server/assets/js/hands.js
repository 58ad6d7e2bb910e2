/**
 * What hands do to rows: write into them, carry them, swipe them. Loads when the first hand comes near.
 * @module
 */
import { announce, on, parse, show } from './core.js';
import { act, ask, beyond, bulk, byId, current, line, link, number, pick, toggle } from './list.js';

const root = document.documentElement;
const title = (/** @type {Element} */ row) => link(row).textContent ?? '';

/**
 * Shows what somebody else has written beside what was typed here.
 * @param {Element} place
 * @param {string} theirs
 * @param {() => void} keep
 * @param {() => void} take
 */
export function compare(place, theirs, keep, take) {
  const value = Object.assign(document.createElement('q'), { dir: 'auto', textContent: theirs });
  place.after(line(['Changed elsewhere to ', value], { 'Keep mine': keep, 'Take theirs': take }));
}

/** What is being written into a row. @type {{ id: string, input: HTMLInputElement, was: string, version: string } | null} */
let editing = null;

/** Lets the title of a row be changed where it stands. */
export function edit(row = current()) {
  if (!row || editing) return;
  const input = document.createElement('input');
  input.className = 'edit';
  input.maxLength = 500;
  input.dir = 'auto';
  input.ariaLabel = 'Title';
  input.value = title(row);
  editing = { id: row.id, input, was: title(row), version: row.dataset.version ?? '' };
  input.addEventListener('keydown', (event) => {
    if (event.key === 'Enter') finish(true);
    else if (event.key === 'Escape') finish(false);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  input.addEventListener('blur', () => input.isConnected && finish(true));
  writeInto(row);
}

/** @param {HTMLElement} row */
function writeInto(row) {
  if (!editing) return;
  link(row).hidden = true;
  link(row).after(editing.input);
  editing.input.focus();
}

/** @param {boolean} keep */
function finish(keep) {
  if (!editing) return;
  const { id, input, was, version } = editing;
  const row = byId(id);
  editing = null;
  input.remove();
  if (!row) return;
  link(row).hidden = false;
  link(row).focus();
  const text = input.value.trim();
  if (keep && text && text !== was) rename(row, text, was, version);
}

/**
 * @param {HTMLElement} row
 * @param {string} text
 * @param {string} was
 * @param {string} version
 */
function rename(row, text, was, version) {
  link(row).textContent = text;
  const again = (/** @type {string} */ now) => rename(row, text, was, now);
  act([['title', text], ['version', version]], [row], {
    url: `/tasks/${number(row)}`,
    refused: (error) => {
      const theirs = error.status === 409 && error.html ? parse(error.html).getElementById(row.id) : null;
      if (!theirs) return false;
      const now = theirs.dataset.version ?? '';
      if (title(theirs) === was) again(now);
      else compare(link(row), title(theirs), () => again(now), () => show(error.html ?? ''));
      return true;
    },
  });
}

/**
 * Moves a row up or down in a list that is in order by hand.
 * @param {number} by
 * @param {HTMLElement | null} [row]
 */
export function nudge(by, row = current()) {
  const beside = beyond(by, row);
  if (row && beside) put(row, beside, by < 0);
}

/**
 * @param {HTMLElement} row
 * @param {HTMLElement} beside
 * @param {boolean} before
 */
function put(row, beside, before) {
  if (!row.closest('[data-by-hand]')) return announce('Sort by hand to move tasks up and down');
  const had = row.contains(document.activeElement);
  if (before) beside.before(row);
  else beside.after(row);
  if (had) link(row).focus();
  act([['move', number(row)], [before ? 'before' : 'after', number(beside)]], [row]);
}

/** The row that is on its way. @type {HTMLElement | null} */
let carried = null;
/** @type {Element | null} */
let over = null;
on('pointerdown', '#list .row', (event, row) => {
  row.draggable = event.pointerType === 'mouse' && !event.target.closest('button, input');
});
on('dragstart', '#list .row', (_, row) => {
  carried = row;
});
root.addEventListener('dragover', (event) => {
  if (!carried) return;
  over?.removeAttribute('data-keep-drop');
  const target = /** @type {Element} */ (event.target);
  over = target.closest('#list[data-by-hand] .row, #lists a:is([href^="/projects/"], [href="/inbox"], [href="/"])');
  if (!over || over === carried) return;
  event.preventDefault();
  const { top, height } = over.getBoundingClientRect();
  over.setAttribute('data-keep-drop', event.clientY < top + height / 2 ? 'before' : 'after');
});
on('dragend', '*', () => {
  over?.removeAttribute('data-keep-drop');
  carried = null;
});
on('drop', '[data-keep-drop]', (event, place) => {
  event.preventDefault();
  const before = place.dataset.keepDrop === 'before';
  const address = place.getAttribute('href');
  const name = place.querySelector('span')?.textContent ?? '';
  if (!carried) return;
  if (!address) put(carried, place, before);
  else bulk(address === '/' ? 'due=today' : `project=${address === '/inbox' ? '' : name}`, [carried]);
});

/** A finger on a row. @type {{ row: HTMLElement, x: number, y: number, by: number, held: number } | null} */
let touch = null;
on('pointerdown', '#list .row', (event, row) => {
  if (event.pointerType !== 'touch') return;
  touch = { row, x: event.clientX, y: event.clientY, by: 0, held: setTimeout(() => pick(row), 500) };
});
addEventListener('pointermove', (event) => {
  if (!touch) return;
  const [x, y] = [event.clientX - touch.x, event.clientY - touch.y];
  if (Math.hypot(x, y) > 10) clearTimeout(touch.held);
  touch.by = Math.abs(x) > 24 && Math.abs(x) > Math.abs(y) ? x : 0;
  touch.row.style.transform = touch.by ? `translateX(${touch.by}px)` : '';
});
for (const end of /** @type {const} */ (['pointerup', 'pointercancel'])) {
  addEventListener(end, () => {
    if (!touch) return;
    const { row, by, held } = touch;
    clearTimeout(held);
    row.style.transform = '';
    touch = null;
    if (end === 'pointercancel') return;
    if (by > 80) toggle([row]);
    else if (by < -80) ask('p-due', row);
  });
}

document.addEventListener('sayso:morphed', () => {
  const row = editing && byId(editing.id);
  if (row && !editing?.input.isConnected) writeInto(row);
});
