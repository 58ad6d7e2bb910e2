/**
 * What is seldom done with an answer.
 * @module
 */
import { toast } from './core.js';

/** What is kept of reports, in characters. */
const KEPT = 50_000;

/** @param {HTMLElement} reply */
const words = (reply) => /** @type {HTMLElement | null} */ (reply.querySelector('.blocks'))?.innerText ?? '';

/**
 * Copies it.
 * @param {HTMLElement} reply
 */
export async function copy(reply) {
  await navigator.clipboard.writeText(words(reply));
  toast('Copied.');
}

/**
 * Notes that something was read wrong, for whoever wants to look into it at this browser.
 * @param {HTMLElement} reply
 */
export function report(reply) {
  const said = reply.previousElementSibling?.querySelector('p')?.textContent;
  const line = JSON.stringify({ said, answered: words(reply) });
  localStorage.setItem('reports', `${localStorage.getItem('reports') ?? ''}${line}\n`.slice(-KEPT));
  toast('Noted in this browser. Nothing was sent.');
}
