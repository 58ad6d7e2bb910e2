/**
 * What the settings take from the browser.
 * @module
 */

/** @param {HTMLElement} button whose field gets the zone of this browser */
export function zone({ dataset }) {
  const field = document.getElementById(dataset.zone ?? '');
  if (field instanceof HTMLInputElement) field.value = Intl.DateTimeFormat().resolvedOptions().timeZone;
}
