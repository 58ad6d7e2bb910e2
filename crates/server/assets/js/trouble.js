/**
 * What to do when the server says no: sign in again, wait, try again.
 * @module
 */

import { close, Failure, open, parse, state, toast } from './core.js';

/** @typedef {() => unknown} Again */

/**
 * @param {Failure} error
 * @param {Again} again what sends the request once more
 */
export function handle(error, again) {
  if (error.status === 401) signIn(again);
  else if (error.status === 429) wait(error.wait ?? 8, again);
  else if (error.status >= 500 || error.status === 0) offer(error, again);
  else toast(error.message, { problem: true });
}

/** Whether a request is tried again by itself; that is done once. */
let isSecond = false;

/**
 * Counts down where everybody sees it, and tries once more by itself.
 * @param {number} seconds
 * @param {Again} again
 */
function wait(seconds, again) {
  if (isSecond) return offer(new Failure(`Still too fast. Try again in ${seconds} s.`), again);
  if (seconds < 1) return retry(again);
  toast(`Slow down a moment — trying again in ${seconds} s.`, { problem: true });
  setTimeout(() => wait(seconds - 1, again), 1000);
}

/** @param {Again} again */
async function retry(again) {
  document.getElementById('toast')?.replaceChildren();
  isSecond = true;
  await again();
  isSecond = false;
}

/**
 * Says what went wrong, and offers to try again.
 * @param {Failure} error
 * @param {Again} again
 */
function offer(error, again) {
  toast(error.message, { problem: true });
  const line = document.querySelector('#toast .problem');
  button(line, 'Retry', () => retry(again));
  const { reference } = error;
  if (reference) button(line, 'Copy reference', () => navigator.clipboard.writeText(reference));
}

/**
 * @param {Element | null} place
 * @param {string} text
 * @param {() => void} press
 */
function button(place, text, press) {
  const made = { className: 'quiet', type: 'button', textContent: text, onclick: press };
  place?.append(Object.assign(document.createElement('button'), made));
}

/** @type {any} */
let sheet = null;

/**
 * Asks to sign in again, over the page as it is: what was typed stays.
 * @param {Again} again
 */
async function signIn(again) {
  if (sheet) return;
  const page = parse(await (await fetch('/sign-in')).text());
  const form = page.querySelector('form');
  if (!form) return location.reload();
  const textContent = 'You are not signed in any more. Sign in to go on; what you typed is kept.';
  const why = Object.assign(document.createElement('p'), { textContent, role: 'alert' });
  sheet = Object.assign(document.createElement('dialog'), { className: 'card', ariaLabel: 'Sign in again' });
  sheet.append(why, document.importNode(form, true));
  document.body.append(sheet);
  open(sheet, { modal: true, done: () => (sheet = sheet.remove()) });
  sheet.querySelector('[name="email"]').focus();
  sheet.addEventListener('submit', (/** @type {any} */ event) => {
    event.preventDefault();
    event.stopPropagation();
    enter(event.target, why).then((entered) => {
      if (!entered) return;
      close(sheet);
      again();
    });
  });
}

/**
 * Signs in. Whether that was it.
 * @param {HTMLFormElement} form
 * @param {Element} why
 */
async function enter(form, why) {
  /** @type {any} */
  const data = new FormData(form);
  data.set('back', location.pathname + location.search);
  const headers = { 'Sayso-Fragment': '1' };
  const answer = await fetch('/sign-in', { method: 'POST', body: new URLSearchParams(data), headers }).catch(() => null);
  /** @type {any} */
  const page = parse((await answer?.text()) ?? '');
  if (!answer?.ok) {
    why.textContent = page.querySelector('.problem')?.textContent ?? 'The server does not answer.';
    return false;
  }
  // Somebody else's page is not gone on with.
  const whose = page.getElementById('tasks')?.dataset.keeper;
  if (whose !== document.getElementById('tasks')?.dataset.keeper) return location.reload();
  state.csrf = page.querySelector('[name="csrf"]')?.value ?? '';
  /** @type {any} */
  const old = document.querySelectorAll('[name="csrf"]');
  for (const field of old) field.value = state.csrf;
  return true;
}
