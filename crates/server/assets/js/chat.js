/**
 * The assistant: as a popup over the list, beside it, as a sheet on the phone, or on its own page. The server renders all of
 * it; here a reply is put in as it is written.
 * @module
 */
import { Failure, announce, close as shut, fail, morph, open as lay, parse, refresh, send, state, visit } from './core.js';
import { make, markdown } from './md.js';

/** @typedef {{ id: string, name: string, data: any }} Happened */
/** @typedef {{ text?: string, about?: number[], send?: boolean }} Ask */
/** @typedef {{ url: string, body?: URLSearchParams, words?: string }} Request */

const EVENTS = { accept: 'text/event-stream' };
const phone = matchMedia('(max-width: 699px)');
const tabs = new BroadcastChannel('sayso-chat');
const popup = document.createElement('dialog');
popup.id = 'chat';
popup.ariaLabel = 'Assistant';

/** Its styles come with it; its own page has them already. */
const styled =
  document.querySelector('link[href$="/chat.css"]') ??
  new Promise((done) => {
    const href = new URL('chat.css', import.meta.url).href;
    document.head.append(Object.assign(make('link', ''), { rel: 'stylesheet', href, onload: done }));
  });

const section = () => document.getElementById('assistant');
/** @param {string} selector @returns {any[]} */
const all = (selector) => [...(section()?.querySelectorAll(selector) ?? [])];
/** @param {string} selector @returns {any} */
const one = (selector) => all(selector).at(-1);
/** @returns {HTMLTextAreaElement | undefined} */
const box = () => one('#message');
const isPage = () => !popup.contains(section());
const conversation = () => section()?.dataset.conversation;
const draft = () => `draft-${conversation()}`;
/** @param {Element} message */
const number = (message) => Number(message.id.slice(1));
const pause = (/** @type {number} */ ms) => new Promise((done) => setTimeout(done, ms));
/** The elements of what the server has rendered. @param {string} html */
const parts = (html) => [...parse(html).body.children].map((part) => document.importNode(part, true));

// Where it is.

/** @param {boolean} [quietly] without taking the focus */
async function open(quietly) {
  await styled;
  if (!section()) await go('/assistant');
  if (!section() || isPage() || popup.open) return;
  if (quietly) popup.open = true;
  else lay(popup, { modal: phone.matches });
  grown(true);
}

/** Opens the assistant and goes to its composer, or closes it where the focus is in it. */
export async function toggle() {
  if (popup.open && popup.contains(document.activeElement)) return shut(popup);
  await ask();
}

/**
 * Opens the assistant with words in it, about these tasks.
 * @param {Ask} [asks]
 */
export async function ask({ text, about, send: now } = {}) {
  await open();
  if (about?.length || !box()) await go(`/assistant?conversation=${conversation() ?? ''}&about=${about ?? ''}`);
  fill(text);
  if (now && text) box()?.form?.requestSubmit();
}

/** @param {string} [text] */
function fill(text) {
  const field = box();
  if (!field) return;
  field.value = text ?? field.value;
  field.focus();
  typed();
}

/** Keeps what is being typed, and counts near the end of what fits. */
function typed() {
  const value = box()?.value ?? '';
  const left = 4096 - value.length;
  one('#count').textContent = left < 410 ? `${left} left` : '';
  sessionStorage.setItem(draft(), value);
}

/** @param {boolean} is */
function dock(is) {
  popup.toggleAttribute('data-docked', is);
  document.cookie = `dock=${+is}; path=/; max-age=31536000; samesite=lax`;
}

/**
 * Shows another view of the assistant where it is.
 * @param {string} url
 * @param {RequestInit} [init]
 */
async function go(url, init) {
  try {
    const wanted = parse(await (await send(url, init)).text()).getElementById('assistant');
    const here = section();
    if (!wanted || running) return;
    if (here) morph(here, wanted);
    else document.body.appendChild(popup).replaceChildren(document.importNode(wanted, true));
    wire(wanted.querySelector('textarea')?.value);
  } catch (error) {
    problem(error);
  }
}

/**
 * Makes what the server has rendered ready for use.
 * @param {string} [text] what stands in the composer
 */
function wire(text) {
  all('.text').forEach(format);
  const field = box();
  if (!field || running) return;
  field.value = text || field.value || (sessionStorage.getItem(draft()) ?? '');
  typed();
  grown(true);
  if (one('.writing')) follow();
}

/** @param {HTMLElement} block */
function format(block) {
  if (block.hasAttribute('data-keep')) return;
  block.dataset.keep = '';
  block.replaceChildren(markdown(block.textContent ?? ''));
}

// What is in view: new text is followed as long as the end is.

let atEnd = true;

function grown(is = atEnd) {
  const scroll = one('.scroll');
  atEnd = is;
  if (is && scroll) scroll.scrollTop = scroll.scrollHeight;
  one('.jump')?.toggleAttribute('hidden', is);
}

document.addEventListener('scroll', ({ target }) => {
  const scroll = one('.scroll');
  if (target === scroll) grown(scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 24);
}, true);

// A turn.

let running = false;
/** @type {HTMLElement | undefined} */
let reply;
let isStopped = false;
/** @type {ReturnType<typeof setTimeout>[]} */
let waits = [];

/** @param {boolean} is */
function busy(is) {
  const button = one('.send');
  // With nothing written, the browser would ask for words and not stop.
  if (button) Object.assign(button, { ariaLabel: is ? 'Stop' : 'Send', formNoValidate: is });
  section()?.toggleAttribute('data-keep', is);
  for (const asks of document.querySelectorAll('[data-ask]')) asks.ariaLabel = is ? 'Ask: working' : null;
}

/** @param {string} text */
function status(text) {
  const line = one('.turns .status');
  if (line) line.textContent = text;
  grown();
}

/** Says how long it takes from now on, unless something happens. @param {number} first */
function wait(first) {
  waits.forEach(clearTimeout);
  waits = [setTimeout(status, first, first < 8000 ? 'Thinking…' : 'Still working…'), setTimeout(status, 20_000, 'This is taking long. Stop it, or keep waiting.')];
}

/** Stops what is being written. */
export function stop() {
  isStopped = true;
  status('Stopping…');
  const id = conversation();
  if (!running || !id || !reply) return;
  send('/stop', { method: 'POST', headers: EVENTS, body: new URLSearchParams({ csrf: state.csrf, conversation: id }) }).catch(problem);
}

/** Reads what another tab or device has begun, or what was begun before this page was there. */
function follow() {
  const last = one('.turns > [id]');
  if (last) read({ url: `/assistant/events?conversation=${conversation()}&known=${number(last) - all('.writing').length}` });
}

/**
 * Reads a reply to its end, over as many connections as it takes. What is said stands there at once.
 * @param {Request} request
 */
async function read({ url, body, words }) {
  if (running) return;
  running = true;
  const from = Date.now();
  let [last, first, lost, late, code] = ['', 0, 0, 0, 0];
  isStopped = false;
  reply = undefined;
  if (body) {
    busy(true);
    all('.turns > .pending, .hint').forEach((old) => old.remove());
    one('.turns').append(make('li', 'mine pending', make('p', '', words ?? '')), make('li', 'reply pending', make('p', 'status')));
    wait(400);
    grown(true);
  }
  try {
    while (lost < 8) {
      try {
        const at = last ? `/assistant/events?conversation=${conversation()}` : url;
        const headers = { ...EVENTS, ...(last && { 'last-event-id': last }) };
        const response = await send(at, { headers, ...(body && !last && { method: 'POST', body }) });
        if (response.status === 204) return;
        for await (const event of events(response)) {
          if (!box()) return;
          wait(8000);
          busy(true);
          if (event.data.engine === 'model') first = Date.now();
          last = event.id || last;
          lost = 0;
          happened(event);
          // A model's reply begins at once; if it comes with its end only, something has held it back.
          if (event.name === 'end' && body && first - from > 2000 && Date.now() - first < 100) one('.late').hidden = false;
          if (event.name === 'end' || event.name === 'error') return;
        }
      } catch (error) {
        ({ status: code = 0, wait: late = 0 } = /** @type {any} */ (error));
        // What stands before the server says 502 to 504 while the server is away.
        if (code && code < 502 && (!late || lost++)) throw error;
      }
      if (!body && !last) return;
      status(late ? `Slow down a moment. Trying again in ${late} s.` : 'Connection lost. Reconnecting…');
      await pause(late * 1000 || Math.min(8000, 200 * 2 ** lost++));
    }
    throw new Failure('The server does not answer. Your message is kept.');
  } catch (error) {
    problem(error, body && { url, body, words });
  } finally {
    waits.forEach(clearTimeout);
    running = false;
    busy(false);
  }
}

/**
 * The events of a response.
 * @param {Response} response
 * @returns {AsyncGenerator<Happened>}
 */
async function* events({ body }) {
  const reader = body?.pipeThrough(new TextDecoderStream()).getReader();
  for (let text = '', read; (read = await reader?.read()) && !read.done; ) {
    const frames = (text + read.value).split('\n\n');
    text = frames.pop() ?? '';
    for (const frame of frames) {
      /** @type {any} */
      const fields = Object.fromEntries(frame.split('\n').map((line) => line.split(/: (.*)/)));
      if (fields.data) yield { id: fields.id, name: fields.event, data: JSON.parse(fields.data) };
    }
  }
}

/** The text that grows, and what of it is not in the page yet. @type {HTMLElement | undefined} */
let growing;
let more = '';

/** Puts in what has come since the last frame. */
function flush() {
  growing?.append(more);
  more = '';
  grown();
}

/** @param {Happened} event */
function happened({ name, data }) {
  if (name === 'turn') return begun(data);
  if (name === 'status') return status(`${data.text}…`);
  const blocks = reply?.querySelector('.blocks');
  const id = `${reply?.id}-${data.block}`;
  if (growing && growing.id !== id) {
    flush();
    format(growing);
    growing = undefined;
  }
  if (name === 'text') {
    growing ??= make('div', 'block text');
    growing.id = id;
    blocks?.append(growing);
    if (!more) requestAnimationFrame(flush);
    more += data.delta;
    return;
  }
  if (name === 'error') return problem(new Failure(data.text));
  if (name === 'end') return finish(data);
  blocks?.append(...parts(data.html));
  if (name === 'receipt' && !isPage()) refresh();
  // Whoever was writing goes to what waits for them.
  if (document.activeElement === box()) one(`#${id} h2, .question#${id}`)?.focus();
  grown();
}

/** @param {any} data */
function begun(data) {
  const turns = one('.turns');
  const fields = one('.composer').elements;
  const edited = Number(fields.edit?.value || Infinity);
  sessionStorage.removeItem(draft());
  fields.conversation.value = data.conversation_id;
  section()?.setAttribute('data-conversation', data.conversation_id);
  fields.key.value = crypto.randomUUID();
  all('.turns > [id]').forEach((old) => number(old) >= edited && old.remove());
  all('.pending, .edited, .about, .edit, .turns :is(.answers, .approval, .again), .suggested > *').forEach((old) => old.remove());
  for (const part of parts(data.html)) {
    document.getElementById(part.id)?.remove();
    turns.append(part);
    reply = /** @type {HTMLElement} */ (part);
  }
  status('');
  if (section()?.dataset.whole !== undefined) one('.blocks').hidden = true;
  const earlier = one('.earlier');
  // 60 turns are enough to hold.
  for (; turns.children.length > 120; earlier.hidden = false) {
    turns.firstElementChild.remove();
    earlier.href = `/assistant?conversation=${conversation()}&before=${number(turns.firstElementChild)}`;
  }
  if (isStopped) stop();
  tabs.postMessage('');
  grown(true);
}

/** @param {any} data */
function finish(data) {
  const [foot, suggested] = parts(data.html);
  one('.blocks').hidden = false;
  one('.writing')?.replaceWith(foot);
  one('.suggested').replaceWith(suggested);
  announce(data.said);
  grown();
}

/**
 * Says what went wrong where somebody looks.
 * @param {unknown} error
 * @param {Request} [again]
 */
function problem(error, again) {
  const turns = one('.turns');
  if (!(error instanceof Failure) || error.status === 401 || !turns) return fail(error, again && (() => read(again)));
  const line = make('p', 'block problem', parse(error.html ?? '').querySelector('.problem')?.textContent ?? error.message);
  if (again) {
    const retry = make('button', '', 'Retry');
    retry.onclick = () => read(again);
    line.append(' ', retry);
  }
  (turns.lastElementChild ?? turns).append(line);
  announce(line.innerText);
  grown();
}

// What is done in it. Heard here before the root hears it, which would do it with the whole page.

document.body.addEventListener('submit', (event) => {
  const form = /** @type {HTMLFormElement} */ (event.target);
  const submitter = /** @type {HTMLElement | null} */ (event.submitter);
  const url = form.getAttribute('action') ?? '';
  const isTurn = url === '/say' || url === '/approval';
  if (!section()?.contains(form) || (isPage() && !isTurn && url !== '/stop')) return;
  event.preventDefault();
  const body = new URLSearchParams(/** @type {any} */ (new FormData(form, submitter)));
  const field = form.querySelector('textarea');
  // An answer may be faster than the end of what asks for it.
  if (isTurn && running && !field) setTimeout(() => form.isConnected && form.requestSubmit(submitter), 50);
  else if (url === '/stop' || (isTurn && running)) stop();
  else if (form.method === 'get') go(`${url}?${body}`);
  else if (!isTurn) go(url, { method: 'POST', body }).then(refresh);
  else {
    read({ url, body, words: body.get('text') ?? submitter?.innerText });
    if (field) field.value = '';
  }
});

document.body.addEventListener('input', ({ target }) => {
  if (target === box()) return typed();
  const form = target instanceof Element && target.closest('.approval');
  if (form) one('.approval [value=approve]').textContent = `Approve ${form.querySelectorAll(':checked').length}`;
});

document.body.addEventListener('click', (event) => {
  const target = /** @type {Element} */ (event.target).closest('#assistant :is(a, button)');
  if (!(target instanceof HTMLElement)) return;
  const { href = '', search = '', pathname = '' } = /** @type {HTMLAnchorElement} */ (target);
  const { text, do: act, answer } = target.dataset;
  const isHere = pathname.startsWith('/assistant') && (!isPage() || target.matches('.edit, .earlier'));
  const isTask = search.startsWith('?task=') && !isPage();
  if (act || answer || text || isHere || isTask) event.preventDefault();
  if (act === 'close' || (href && !isHere && phone.matches && !isPage())) shut(popup);
  if (act === 'dock') dock(!popup.hasAttribute('data-docked'));
  if (act === 'jump') grown(true);
  if (answer) import('./answer.js').then((/** @type {any} */ does) => does[answer](target.closest('.reply')));
  if (text) fill(text);
  else if (isHere) go(href).then(() => act === 'retry' ? box()?.form?.requestSubmit() : target.matches('.edit') && fill());
  else if (isTask) {
    const list = new URL(location.href);
    list.searchParams.set('task', search.slice(6));
    visit(list);
  }
});

document.body.addEventListener('keydown', (event) => {
  const { key } = event;
  const target = /** @type {HTMLElement} */ (event.target);
  if (!target.closest('#assistant') || event.isComposing) return;
  const field = target === box();
  const isFree = field ? !box()?.value : !target.matches('input:not([type=checkbox])');
  let press;
  if (key === 'Enter' && (event.ctrlKey || event.metaKey) && isFree) press = one('.approval [value=approve]');
  else if (key === 'Enter' && field && !event.shiftKey) press = running ? field : one('.send');
  else if (key === 'ArrowUp' && field && isFree) press = one('.mine .edit');
  else if (key > '0' && key < '6' && isFree) press = one(`.question [value="${key}"]`);
  else if (key === 'Escape') press = running ? one('.send') : isPage() || one('[data-do=close]');
  if (!press) return;
  event.preventDefault();
  press.click?.();
});

// A proposal ends after ten minutes. A minute before, it can be asked again.
setInterval(() => {
  const again = one('.again[hidden]');
  if (!again || Number(again.dataset.until) - Date.now() > 60_000) return;
  again.hidden = false;
  announce(again.innerText);
}, 5000);

// Another tab or another device may have begun something.
const look = () => document.hidden || (section()?.checkVisibility() && follow());
tabs.onmessage = look;
for (const name of ['sayso:change', 'visibilitychange']) document.addEventListener(name, look);

document.addEventListener('sayso:morphed', () => {
  if (document.querySelector('main #assistant') && popup.firstChild) {
    shut(popup);
    popup.replaceChildren();
  }
  if (isPage()) wire();
});

dock(document.cookie.includes('dock=1'));
if (section()) wire();
else if (popup.hasAttribute('data-docked') && innerWidth > 1099) open(true);
