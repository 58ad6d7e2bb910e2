/**
 * What a page says while there is no connection: since when it is as it is, and which changes wait.
 * @module
 */

import { load, refresh, show as take, state, toast, visit } from './core.js';

/**
 * @typedef {{ url: string, body: string }} Waiting
 * @typedef {Waiting & { status: number, html?: string, detail?: string }} Refused
 * @typedef {{ waiting: Waiting[], kept: number, refused?: Refused }} Standing
 */

/** @type {Standing} */
let now = { waiting: [], kept: 0 };
let isAway = false;
/** The address whose page was asked for because another was kept in its place. */
let asked = '';

/**
 * Shows how things stand.
 * @param {Standing} standing
 * @param {boolean} away
 */
export function show(standing, away) {
  const wasSent = standing.waiting.length < now.waiting.length;
  now = standing;
  isAway = away;
  mark();
  const { refused } = standing;
  delete standing.refused;
  const isOther = document.getElementById('tasks')?.dataset.path !== location.pathname && asked !== location.href;
  if (refused) refuse(refused);
  else if (wasSent || (away && isOther)) refresh();
  asked = location.href;
}

/** Puts the marks where they belong; a page that has been taken over has lost them. */
function mark() {
  document.getElementById('offline')?.remove();
  for (const row of document.querySelectorAll('[data-waiting]')) row.removeAttribute('data-waiting');
  const main = document.getElementById('tasks');
  const place = document.createElement('section');
  place.id = 'offline';
  place.className = 'notice';
  const added = document.createElement('ul');
  for (const { url, body } of now.waiting) {
    const form = new URLSearchParams(body);
    const path = new URL(url).pathname;
    const ids = path === '/tasks' ? ['id', 'complete', 'reopen', 'delete', 'restore'].flatMap((name) => form.getAll(name)) : [path.slice(7)];
    if (path === '/add') line(added, form.get('text') ?? '');
    else for (const id of ids) document.getElementById(`t${id}`)?.setAttribute('data-waiting', '');
  }
  if (isAway) {
    const since = now.kept ? new Date(now.kept).toLocaleTimeString([], { timeStyle: 'short' }) : '';
    const kept = since ? ` This page is as it was at ${since}.` : '';
    line(place, `You are offline.${kept} What you add, complete or edit is sent when you are back; the assistant needs the server.`, 'p');
  }
  if (added.children.length) {
    line(place, 'Waiting to be added:', 'p');
    place.append(added);
  }
  if (place.children.length) main?.prepend(place);
}

/**
 * @param {Element} place
 * @param {string} text
 * @param {string} [kind]
 */
function line(place, text, kind = 'li') {
  const element = document.createElement(kind);
  element.textContent = text;
  element.dir = 'auto';
  place.append(element);
}

/**
 * A change that waited cannot be made any more: both values side by side, or the page that says why, or the words.
 * @param {Refused} refused
 */
async function refuse({ url, body, status, html, detail }) {
  const form = new URLSearchParams(body);
  const [name, mine] = [...form].find(([name]) => !/^(csrf|back|key|version|.*_was)$/.test(name)) ?? [];
  if (status === 409) await visit(form.get('back') ?? '/');
  /** @type {any} */
  const field = document.querySelector(`#detail .editor[action="${new URL(url).pathname}"] [name="${name}"]`);
  if (status !== 409 || !field) {
    return html ? take(html) : toast(`A change that waited was not made: ${detail}`, { problem: true });
  }
  const theirs = field.value;
  const { version } = field.form.elements;
  field.value = mine;
  const { compare } = await load('hands');
  compare(field, theirs, keep, () => (field.value = theirs));
  function keep() {
    form.set('csrf', state.csrf);
    form.set('version', version.value);
    visit(url, { push: false, init: { method: 'POST', body: form } });
  }
}

document.addEventListener('sayso:morphed', mark);
