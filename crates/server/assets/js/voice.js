/**
 * A button to speak with. Loaded only where somebody has switched that on.
 * @module
 */
import { on } from './core.js';

const Recognition = /** @type {any} */ (window).SpeechRecognition ?? /** @type {any} */ (window).webkitSpeechRecognition;
const WHERE = 'Your browser may send what it hears to its maker, who makes words of it.';

/**
 * Puts the button beside `field`.
 * @param {HTMLElement} field
 */
function offer(field) {
  if (!Recognition || field.parentElement?.querySelector('.speak')) return;
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'speak';
  button.textContent = 'Speak';
  button.title = WHERE;
  button.onclick = () => hear(/** @type {HTMLTextAreaElement} */ (field), button);
  field.after(button);
}

/**
 * Writes down what is said.
 * @param {HTMLTextAreaElement} field
 * @param {HTMLButtonElement} button
 */
function hear(field, button) {
  const recognition = new Recognition();
  recognition.lang = navigator.language;
  recognition.onresult = (/** @type {any} */ { results }) => {
    field.value = `${field.value} ${results[0][0].transcript}`.trim();
    field.dispatchEvent(new Event('input', { bubbles: true }));
  };
  recognition.onend = () => (button.ariaPressed = 'false');
  button.ariaPressed = 'true';
  const line = document.getElementById('count');
  if (line) line.textContent = WHERE;
  recognition.start();
}

on('focusin', '#message', (_, field) => offer(field));
