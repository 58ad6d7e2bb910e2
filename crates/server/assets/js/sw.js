/**
 * Stands between the page and the network: keeps what the page is made of and the last lists, and changes that could not be
 * sent. Only ever for one user: whoever comes next, or signs out, finds nothing.
 */

/** The worker itself; `dom`, which the page is checked against, does not know it. */
const worker = /** @type {any} */ (self);
/** What the server has put before this file: the files of its version. @type {{ folder: string, files: string[] }} */
const assets = worker.assets;

const SHELL = `shell ${assets.folder}`;
const PAGES = 'pages ';
/** The pages that are kept, at most; the oldest goes first. */
const PAGES_MAX = 40;
/** Changes that can wait. */
const CAN_WAIT = /^\/(add|tasks|tasks\/\d+)$/;
/** Pages that can be read offline. */
const CAN_KEEP = /^\/($|upcoming$|inbox$|all$|done$|help$|projects(\/\d+)?$|labels(\/[^/]+)?$)/;

/** For whom pages are kept. */
let keeper = '';
/** Since when there is no connection: when the page that is shown was kept. */
let kept = 0;
/** Goes up when everything is forgotten, so that an answer from before is not kept after. */
let era = 0;

worker.addEventListener('install', (/** @type {any} */ event) => {
  event.waitUntil(caches.open(SHELL).then((cache) => cache.addAll(assets.files)).then(() => worker.skipWaiting()));
});

worker.addEventListener('activate', (/** @type {any} */ event) => {
  event.waitUntil(drop((name) => name.startsWith('shell ') && name !== SHELL).then(() => worker.clients.claim()));
});

worker.addEventListener('fetch', (/** @type {any} */ event) => {
  /** @type {Request} */
  const request = event.request;
  const url = new URL(request.url);
  if (url.origin !== location.origin) return;
  const isStream = request.headers.get('accept') === 'text/event-stream';
  const isPage = !isStream && (request.mode === 'navigate' || request.headers.has('sayso-fragment'));
  if (url.pathname.startsWith('/assets/')) {
    event.respondWith(caches.match(request).then((found) => found ?? fetch(request)));
  } else if (request.method === 'POST' && CAN_WAIT.test(url.pathname)) {
    event.respondWith(change(request));
  } else if (request.method === 'POST' && /^\/(sign-out|account\/delete)$/.test(url.pathname)) {
    event.waitUntil(forget());
  } else if (request.method === 'GET' && isPage) {
    event.respondWith(page(event, request, url));
  }
});

worker.addEventListener('message', (/** @type {any} */ event) => {
  event.waitUntil(deliver(event.data).then(() => tell()));
});

/**
 * A page: from the server, or as it was.
 * @param {any} event
 * @param {Request} request
 * @param {URL} url
 */
async function page(event, request, url) {
  const then = era;
  try {
    const response = await fetch(request);
    if (kept) {
      kept = 0;
      event.waitUntil(tell());
    }
    event.waitUntil(keep(request, url, response.clone(), then));
    return response;
  } catch {
    const found = await find(request, url);
    kept = Number(found?.headers.get('sayso-kept')) || Date.now();
    event.waitUntil(tell());
    return found ?? nothing();
  }
}

/**
 * What a page is kept under. What it says of a change is no part of it.
 * @param {URL} url
 * @param {boolean} isPart
 */
function key(url, isPart) {
  const address = new URL(url);
  address.searchParams.delete('change');
  if (isPart) address.searchParams.set('part', '1');
  return address.href;
}

/**
 * @param {Request} request
 * @param {URL} url
 * @param {Response} response
 * @param {number} then
 */
async function keep(request, url, response, then) {
  if (response.status === 401) return forget();
  if (!response.ok || response.redirected || !CAN_KEEP.test(url.pathname)) return;
  const html = await response.text();
  // Text in a page has no quotation marks, so nobody's title can say this.
  const owner = /data-keeper="(\w+)"/.exec(html)?.[1];
  if (!owner || then !== era) return;
  if ((await whose()) !== owner) await forget();
  keeper = owner;
  const cache = await caches.open(PAGES + owner);
  const headers = { 'content-type': 'text/html; charset=utf-8', 'sayso-kept': String(Date.now()) };
  for (const [name, value] of response.headers) if (name.startsWith('content-security')) Object.assign(headers, { [name]: value });
  await cache.put(key(url, request.headers.has('sayso-fragment')), new Response(html, { headers }));
  const all = await cache.keys();
  for (const old of all.slice(0, Math.max(0, all.length - PAGES_MAX))) await cache.delete(old);
}

/** Whose pages are kept here. */
async function whose() {
  keeper ||= (await caches.keys()).find((name) => name.startsWith(PAGES))?.slice(PAGES.length) ?? '';
  return keeper;
}

/**
 * The page as it was; a part will do for another, and any whole page asks for its own part.
 * @param {Request} request
 * @param {URL} url
 */
async function find(request, url) {
  const owner = await whose();
  if (!owner) return undefined;
  const cache = await caches.open(PAGES + owner);
  const isPart = request.headers.has('sayso-fragment');
  const whole = await cache.match(key(url, false));
  const part = await cache.match(key(url, true));
  if (isPart) return part ?? whole;
  if (whole || !part) return whole;
  const all = await cache.keys();
  const any = all.find((kept) => !new URL(kept.url).searchParams.has('part'));
  return any && cache.match(any);
}

function nothing() {
  const headers = { 'content-type': 'application/problem+json' };
  const detail = 'You are offline, and this page has not been kept.';
  return new Response(JSON.stringify({ detail }), { status: 503, headers });
}

/** Forgets whoever was here. */
async function forget() {
  era += 1;
  keeper = '';
  await drop((name) => name.startsWith(PAGES));
  await waiting('readwrite', (store) => store.clear());
}

/** @param {(name: string) => boolean} which */
async function drop(which) {
  const names = (await caches.keys()).filter(which);
  await Promise.all(names.map((name) => caches.delete(name)));
}

/**
 * A change: sent, or kept to be sent. It has a name, its form's or one of its own, so that one that did arrive is not made
 * twice.
 * @param {Request} request
 */
async function change(request) {
  const body = await request.clone().text();
  const form = new URLSearchParams(body);
  const given = form.get('key') ?? '';
  const all = await waiting('readonly', (store) => store.getAll());
  // A page that could not be drawn anew has the name of the last one still.
  const name = given && !all.some((one) => one.name === given) ? given : crypto.randomUUID();
  const headers = new Headers(request.headers);
  headers.set('idempotency-key', name);
  try {
    return await fetch(request.url, { method: 'POST', headers, body, redirect: request.redirect });
  } catch {
    const owner = await whose();
    if (!owner) return Response.error();
    kept ||= Date.now();
    await waiting('readwrite', (store) => store.add({ owner, url: request.url, body, name }));
    await tell();
    const back = form.get('back') ?? '/';
    if (request.mode === 'navigate') return Response.redirect(new URL(back, location.origin).href, 303);
    return new Response('', { status: 202, headers: { 'content-type': 'text/html' } });
  }
}

/**
 * What waits, in the order in which it came.
 * @template T
 * @param {IDBTransactionMode} mode
 * @param {(store: IDBObjectStore) => IDBRequest<T>} act
 * @returns {Promise<T>}
 */
function waiting(mode, act) {
  return new Promise((done, fail) => {
    const opening = indexedDB.open('sayso', 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore('waiting', { keyPath: 'id', autoIncrement: true });
    opening.onerror = () => fail(opening.error);
    opening.onsuccess = () => {
      const all = opening.result.transaction('waiting', mode);
      const asked = act(all.objectStore('waiting'));
      all.oncomplete = () => {
        opening.result.close();
        done(asked.result);
      };
      all.onerror = () => fail(all.error);
    };
  });
}

/** @type {Promise<void>} */
let sending = Promise.resolve();

/**
 * Sends what waits, one after the other, for a page that can.
 * @param {{ csrf: string, keeper: string }} from
 */
function deliver(from) {
  sending = sending.then(() => deliverAll(from)).catch(() => {});
  return sending;
}

/** @param {{ csrf: string, keeper: string }} from */
async function deliverAll(from) {
  for (const { id, owner, url, body, name } of await waiting('readonly', (store) => store.getAll())) {
    const form = new URLSearchParams(body);
    form.set('csrf', from.csrf);
    const headers = { 'sayso-fragment': '1', 'idempotency-key': name };
    const answer = owner === from.keeper ? await fetch(url, { method: 'POST', headers, body: form }) : null;
    if (answer) kept = 0;
    // Not signed in, too fast, or the server's own fault: it waits on.
    if (answer && ([401, 403, 429].includes(answer.status) || answer.status >= 500)) return;
    await waiting('readwrite', (store) => store.delete(id));
    if (answer && !answer.ok) await tell({ refused: { url, body, ...(await why(answer)) } });
  }
}

/** @param {Response} answer */
async function why(answer) {
  const { status, headers } = answer;
  const text = await answer.text();
  if (headers.get('content-type')?.startsWith('text/html')) return { status, html: text };
  return { status, detail: JSON.parse(text).detail };
}

/**
 * Tells every page how things stand.
 * @param {object} [more]
 */
async function tell(more) {
  const all = await waiting('readonly', (store) => store.getAll());
  const mine = all.map(({ url, body }) => ({ url, body }));
  for (const client of await worker.clients.matchAll()) client.postMessage({ waiting: mine, kept, ...more });
}
