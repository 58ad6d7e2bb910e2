/**
 * What others change, as they do; and whether we are connected at all.
 *
 * One page of a browser listens to the server and tells the others: over HTTP/1.1 a browser has six connections to us in all.
 * @module
 */

import { announce, fire, load, on, refresh, state, worker as stay } from './core.js';

/** @typedef {{ type: string, seq?: number, actor?: any, text?: string, state?: string }} Told */

/** @type {any} */
const { keeper } = document.getElementById('tasks')?.dataset;
const others = new BroadcastChannel(keeper);
const worker = navigator.serviceWorker;
/**
 * Changes that wait in this browser, since when pages come from what it has kept, and what was refused at last.
 * @type {{ waiting: unknown[], kept: number, refused?: unknown }}
 */
let offline = { waiting: [], kept: 0 };
/** How the page that listens is heard. */
let heard = '';
let listens = false;
/** Whether the page says more about it than one line. */
let isMarked = false;
/** The newest change that we have been told of. */
let newest = 0;
let timer = 0;

/** Says how things stand. */
function stand() {
  /** @type {any} */
  const line = document.getElementById('live');
  const away = !navigator.onLine || offline.kept > 0;
  const count = offline.waiting.length;
  const live = heard === 'live';
  line.dataset.state = away ? 'offline' : live ? 'live' : 'waiting';
  const waiting = count ? ` – ${count} change${count > 1 ? 's' : ''} waiting` : '';
  const text = away ? 'Offline' + waiting : live ? 'Live' : heard && 'Reconnecting…';
  if (line.textContent !== text) line.textContent = text;
  const marks = away || count > 0;
  // What was refused is told once, and while the part loads more may be told.
  const told = offline;
  if (marks || isMarked || told.refused) load('offline').then((part) => part.show(told, away), () => {});
  isMarked = marks;
}

/**
 * Takes in what was told, by the server or by the page that listens.
 * @param {Told} told
 */
function take(told) {
  const { type, seq = 0, actor, text } = told;
  if (type === 'ask') {
    if (listens) tell({ type: 'stand', state: heard });
  } else if (type === 'stand') {
    heard = told.state ?? '';
    if (heard === 'live') hand();
    stand();
  } else {
    fire('sayso:change', told);
    if (seq <= state.seq) return;
    if (type === 'change' && actor?.name && !document.hidden) announce(`Changed by ${actor.name}: ${text}`);
    newest = Math.max(newest, seq);
    settle();
  }
}

/** Shows what is new, once, and never under the hands of somebody who is writing. */
function settle() {
  clearTimeout(timer);
  timer = setTimeout(() => {
    if (newest <= state.seq) return;
    if (state.busy || isWriting()) settle();
    else refresh();
  }, 200);
}

/** Whether there is text, or a question about it, that a new page would take away. The field with the focus keeps its own, and so do scripts. */
function isWriting() {
  /** @type {any} */
  const fields = document.querySelectorAll('[data-region] :is(input:not([type=hidden]), textarea):not(:focus, [data-keep] *)');
  for (const field of fields) if (field.value !== field.defaultValue) return true;
  return document.querySelector('#detail .failed');
}

/**
 * Tells the other pages, and this one.
 * @param {Told} told
 */
function tell(told) {
  others.postMessage(told);
  take(told);
}

/** Listens to the server, for every page of this browser. */
function listen() {
  listens = true;
  const stream = new EventSource(`/api/events?after=${state.seq}`);
  for (const type of ['hello', 'change', 'conversation', 'reset']) {
    stream.addEventListener(type, (event) => tell({ type, ...JSON.parse(event.data) }));
  }
  stream.onopen = () => tell({ type: 'stand', state: 'live' });
  stream.onerror = () => {
    tell({ type: 'stand', state: 'waiting' });
    // It goes on by itself unless it was refused; somebody signed out learns that from the page.
    if (stream.readyState === EventSource.CLOSED) setTimeout(() => refresh().then(listen), 30_000);
  };
}

/** Gives the worker what it needs to send what waits. */
async function hand() {
  (await worker?.ready)?.active?.postMessage({ csrf: state.csrf, keeper });
}

others.addEventListener('message', ({ data }) => take(data));
worker?.addEventListener('message', ({ data }) => {
  offline = data;
  stand();
  // Some networks are there a moment before they carry anything, and a server may be away by itself.
  if (data.kept && data.waiting[0] && navigator.onLine) setTimeout(hand, 3_000);
});
stay().then(hand, () => {});
addEventListener('online', hand);
addEventListener('offline', stand);
on('click', '[data-zone]', (_, button) => load('settings').then((part) => part.zone(button)));
if (navigator.locks) navigator.locks.request(keeper, () => new Promise(listen));
else listen();
others.postMessage({ type: 'ask' });
stand();
