/**
 * What every part of the page stands on: links and forms without reloading, messages, panels.
 *
 * The server renders everything. A page that is there asks for its next state with the header `Sayso-Fragment`, gets the same
 * template without its shell, and takes over what differs, region by region.
 * @module
 */

/** @typedef {{ push?: boolean, init?: RequestInit, failed?: (error: unknown, again: (_?: unknown) => unknown) => unknown }} VisitOptions */

const root = document.documentElement;
const policy = trustedTypes().createPolicy('sayso', {
  createHTML: (/** @type {string} */ html) => html,
  createScriptURL: () => '/sw.js',
});

/** The browser's own, or a stand-in where it has none. */
function trustedTypes() {
  const none = { createPolicy: (/** @type {string} */ _name, /** @type {any} */ rules) => rules };
  return /** @type {any} */ (window).trustedTypes ?? none;
}

/** What this page knows about itself. */
export const state = {
  /** What every form carries. */
  csrf: document.body.dataset.csrf ?? '',
  /** Whether single letters are commands. */
  keys: document.body.dataset.keys !== 'false',
  /** The journal's number when the page was rendered. */
  get seq() {
    return Number(document.getElementById('tasks')?.dataset.seq ?? 0);
  },
  /** How many visits are under way. */
  busy: 0,
};

/**
 * The one place where text becomes elements. Only what this server has rendered may come here.
 * @param {string} html
 */
export function parse(html) {
  return new DOMParser().parseFromString(policy.createHTML(html), 'text/html');
}

/** The worker that keeps the page readable without a connection. Nothing but it can be made from this policy. */
export async function worker() {
  await navigator.serviceWorker?.register(policy.createScriptURL(''));
}

/**
 * Makes `from` like `to`, and touches only what differs: focus, selection and what is being typed stay.
 * @param {Element} from
 * @param {Element} to
 */
export function morph(from, to) {
  // What a script has made, or is just making, it makes itself.
  if (from.hasAttribute('data-keep')) return;
  for (const { name } of [...from.attributes]) {
    if (!to.hasAttribute(name) && !name.startsWith('data-keep')) from.removeAttribute(name);
  }
  for (const { name, value } of to.attributes) {
    if (from.getAttribute(name) !== value) from.setAttribute(name, value);
  }
  if (from instanceof HTMLInputElement || from instanceof HTMLTextAreaElement) {
    if (from !== document.activeElement && !from.closest('[data-keep-typed]')) from.value = /** @type {any} */ (to).value;
    return;
  }
  /** @type {Map<string | null, Element>} */
  const named = new Map();
  for (const child of from.children) if (idOf(child)) named.set(idOf(child), child);
  const kept = new Set(Array.from(to.children, idOf));
  let at = from.firstChild;
  for (const wanted of [...to.childNodes]) {
    // What goes is passed over, so that what stays need not be moved, which would cost it the focus.
    while (at instanceof Element && (isOwn(at) || (idOf(at) && !kept.has(idOf(at))))) {
      const next = at.nextSibling;
      if (!isOwn(at)) at.remove();
      at = next;
    }
    const known = wanted instanceof Element ? named.get(idOf(wanted)) : undefined;
    if (known) {
      if (known === at) at = at.nextSibling;
      else from.insertBefore(known, at);
      morph(known, /** @type {Element} */ (wanted));
    } else if (at && like(at, wanted)) {
      const next = at.nextSibling;
      if (at instanceof Element) morph(at, /** @type {Element} */ (wanted));
      else if (at.nodeValue !== wanted.nodeValue) at.nodeValue = wanted.nodeValue;
      at = next;
    } else {
      from.insertBefore(document.importNode(wanted, true), at);
    }
  }
  while (at) {
    const next = at.nextSibling;
    if (!isOwn(at)) at.remove();
    at = next;
  }
}

/** What still waits for a decision is of this page alone, and stays. @param {Node} node */
const isOwn = (node) => node instanceof Element && node.matches('.failed');

/**
 * The id of an element. A form with a field of that name would give the field.
 * @param {Element} element
 */
const idOf = (element) => element.getAttribute('id');

/**
 * Whether one node can become the other.
 * @param {Node} a
 * @param {Node} b
 */
function like(a, b) {
  if (a.nodeType !== b.nodeType || a.nodeName !== b.nodeName) return false;
  return !(a instanceof Element && b instanceof Element) || (!idOf(a) && !idOf(b));
}

/**
 * Takes over the regions of an answer.
 * @param {string} html
 */
export function show(html) {
  const page = parse(html);
  const regions = [];
  for (const wanted of page.querySelectorAll('[data-region]')) {
    const region = document.getElementById(wanted.id);
    if (!region) continue;
    morph(region, wanted);
    regions.push(wanted.id);
  }
  const title = page.querySelector('title')?.textContent;
  if (title) document.title = title;
  fire('sayso:morphed', { regions });
}

/**
 * @param {string} name
 * @param {object} [detail]
 */
export function fire(name, detail) {
  document.dispatchEvent(new CustomEvent(name, { detail }));
}

/** A request failed, and what is to be said of it. */
export class Failure extends Error {
  /**
   * @param {string} message
   * @param {{ status?: number, html?: string, wait?: number, reference?: string | null }} [more]
   */
  constructor(message, more = {}) {
    super(message);
    this.status = more.status ?? 0;
    this.html = more.html;
    this.wait = more.wait;
    this.reference = more.reference;
  }
}

/**
 * Asks the server, as the page does. Answers of a page that says what is wrong come back too.
 * @param {string | URL} url
 * @param {RequestInit} [init]
 */
export async function send(url, init = {}) {
  const headers = new Headers(init.headers);
  headers.set('Sayso-Fragment', '1');
  /** @type {Response} */
  let response;
  try {
    response = await fetch(url, { ...init, headers });
  } catch {
    throw new Failure(navigator.onLine ? 'The server does not answer. Nothing was changed.' : 'You are offline.');
  }
  if (response.ok) return response;
  const kind = response.headers.get('content-type') ?? '';
  const html = kind.startsWith('text/html') ? await response.text() : undefined;
  const problem = kind.includes('json') ? await response.json().catch(() => ({})) : {};
  const wait = Number(response.headers.get('retry-after')) || undefined;
  const reference = response.headers.get('x-request-id');
  let message = problem.detail ?? 'That did not work.';
  // What broke off has changed nothing; anything else says itself what it did.
  if (response.status === 500) message = 'Something went wrong on the server. Nothing was changed.';
  if (response.status >= 500 && reference) message += ` Reference ${reference}.`;
  throw new Failure(message, { status: response.status, html, wait, reference });
}

let visits = 0;

/**
 * Goes to another page of ours, without leaving this one.
 * @param {string | URL} url
 * @param {VisitOptions} [options]
 */
export async function visit(url, { push = true, init, failed = fail } = {}) {
  const number = ++visits;
  state.busy += 1;
  try {
    const response = await send(url, init);
    const html = await response.text();
    // Accepted, and no more: it waits for a connection.
    if (number !== visits || response.status === 202) return;
    const address = new URL(response.url);
    address.searchParams.delete('change');
    const elsewhere = address.pathname !== location.pathname;
    if (push && address.href !== location.href) history.pushState(null, '', address);
    else if (init) history.replaceState(null, '', address);
    show(html);
    if (elsewhere) arrive();
  } catch (error) {
    await failed(error, () => {
      if (init?.body instanceof URLSearchParams) init.body.set('csrf', state.csrf);
      return visit(url, { push, init, failed });
    });
  } finally {
    state.busy -= 1;
  }
}

/** Begins at the top of another page, as a browser does. */
function arrive() {
  const main = document.getElementById('tasks');
  for (const place of [main, document.scrollingElement]) place?.scrollTo(0, 0);
  main?.focus({ preventScroll: true });
  for (const open of document.querySelectorAll(':popover-open')) /** @type {HTMLElement} */ (open).hidePopover();
}

/** Asks for this page again and takes over what has changed. */
export function refresh() {
  return visit(location.href, { push: false });
}

/**
 * Sends a form, as pressing `submitter` would.
 * @param {HTMLFormElement} form
 * @param {HTMLElement | null} [submitter]
 */
export async function submit(form, submitter) {
  const data = new FormData(form, submitter);
  const action = submitter?.getAttribute('formaction') ?? form.getAttribute('action') ?? location.href;
  const url = new URL(action, location.href);
  const body = new URLSearchParams(/** @type {any} */ (data));
  if (form.method === 'get') {
    url.search = body.toString();
    return visit(url);
  }
  return visit(url, { push: form.dataset.push !== undefined, init: { method: 'POST', body } });
}

/**
 * Shows what went wrong.
 * @param {unknown} error
 * @param {() => unknown} [again] sends the request once more
 */
export function fail(error, again = refresh) {
  if (!(error instanceof Failure)) throw error;
  if (error.html && error.status !== 401) return show(error.html);
  return load('trouble').then(
    (part) => part.handle(error, again),
    () => toast(error.message, { problem: true }),
  );
}

/**
 * Says something where everybody sees and hears it. One at a time.
 * @param {string} text
 * @param {{ problem?: boolean }} [options]
 */
export function toast(text, { problem = false } = {}) {
  const place = document.getElementById('toast');
  if (!place) return;
  const line = document.createElement('p');
  line.className = problem ? 'problem' : 'what';
  line.textContent = text;
  place.replaceChildren(line);
  fire('sayso:morphed', { regions: ['toast'] });
}

/** For how long something is said. What it can undo can be undone later, too. */
const SAID_MS = 10_000;
let saying = 0;

document.addEventListener('sayso:morphed', (event) => {
  const place = document.getElementById('toast');
  if (!place?.firstElementChild || !(/** @type {CustomEvent} */ (event).detail.regions.includes('toast'))) return;
  clearTimeout(saying);
  saying = setTimeout(function fade() {
    if (place.matches(':hover, :focus-within')) saying = setTimeout(fade, SAID_MS);
    else place.replaceChildren();
  }, SAID_MS);
});

/**
 * Says something to those who listen.
 * @param {string} text
 */
export function announce(text) {
  const place = document.getElementById('said');
  if (place) place.textContent = text;
}

/**
 * Listens at the root for events of elements that match.
 * @param {string} event
 * @param {string} selector
 * @param {(event: any, element: HTMLElement) => void} handler
 */
export function on(event, selector, handler) {
  root.addEventListener(event, (happened) => {
    const target = happened.target instanceof Element ? happened.target.closest(selector) : null;
    if (target instanceof HTMLElement) handler(happened, target);
  });
}

// What has the focus may lie behind a bar, the assistant or what was said last; their room is in the style sheet.
on('focusin', 'main *', (_, focused) => {
  if (focused.matches(':focus-visible')) focused.scrollIntoView({ block: 'nearest' });
});

/** @type {{ element: HTMLElement, back: Element | null, done?: () => void }[]} */
const layers = [];

/**
 * Puts something on top: Escape closes it, and focus goes back to where it was.
 * @param {HTMLElement} element
 * @param {{ modal?: boolean, done?: () => void }} [options]
 */
export function open(element, { modal = false, done } = {}) {
  layers.push({ element, back: document.activeElement, done });
  if (element instanceof HTMLDialogElement) modal ? element.showModal() : element.show();
  else element.hidden = false;
}

/**
 * Closes what `open` has opened.
 * @param {HTMLElement} element
 */
export function close(element) {
  const at = layers.findIndex((layer) => layer.element === element);
  const [layer] = at < 0 ? [] : layers.splice(at, 1);
  if (element instanceof HTMLDialogElement) element.close();
  else element.hidden = true;
  layer?.done?.();
  if (layer?.back instanceof HTMLElement && layer.back.isConnected) layer.back.focus();
}

/** Closes the topmost thing. Whether there was one. */
export function closeTop() {
  const top = layers.at(-1);
  if (top) close(top.element);
  return top !== undefined;
}

/**
 * A part of the page that loads when it is first needed.
 * @param {'capture' | 'chat' | 'commands' | 'detail' | 'hands' | 'offline' | 'palette' | 'settings' | 'trouble'} name
 * @returns {Promise<any>}
 */
export function load(name) {
  return import(`./${name}.js`);
}

/**
 * Whether a link opens here.
 * @param {HTMLAnchorElement} link
 */
function isOurs(link) {
  return link.origin === location.origin && !link.target && !link.hasAttribute('download') && !link.dataset.whole;
}

on('click', 'a[href]', (event, link) => {
  const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
  if (event.defaultPrevented || !plain || !(link instanceof HTMLAnchorElement) || !isOurs(link)) return;
  if (link.hash && link.pathname === location.pathname && link.search === location.search) return;
  event.preventDefault();
  visit(link.href);
});

on('submit', 'form', (event, form) => {
  if (event.defaultPrevented || form.dataset.whole !== undefined) return;
  event.preventDefault();
  submit(/** @type {HTMLFormElement} */ (form), event.submitter);
});

// The attribute `autofocus` would be complained of where a page is taken over that has the focus somewhere.
document.addEventListener('toggle', (event) => {
  /** @type {any} */
  const { target, newState } = event;
  if (newState === 'open') target.querySelector('[data-focus]')?.focus();
}, true);

addEventListener('popstate', () => visit(location.href, { push: false }));

on('click', '[data-ask]', (event) => {
  event.preventDefault();
  load('chat').then((chat) => chat.toggle());
});

document.addEventListener('sayso:ask', (event) => {
  load('chat').then((chat) => chat.ask({ ...(/** @type {CustomEvent} */ (event).detail), send: true }));
});

/** The assistant is there from the beginning where it has its own page, or is docked. */
function wake() {
  if (document.getElementById('assistant') || document.cookie.includes('dock=1')) load('chat');
}

document.addEventListener('sayso:morphed', wake);
wake();
