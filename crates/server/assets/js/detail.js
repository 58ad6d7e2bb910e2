/**
 * The task that is open: every field saves by itself.
 * @module
 */
import { Failure, announce, on, parse, show } from './core.js';
import { act, byId, hands, line } from './list.js';

/** @typedef {HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement} Field */

const detail = /** @type {HTMLElement} */ (byId('detail'));
/** What a field said, and of which version, before somebody wrote into it. @type {WeakMap<Element, { value: string, version: string }>} */
const was = new WeakMap();
const valueOf = (/** @type {Field} */ field, /** @type {string} */ name) => /** @type {Field | null} */ (field.form?.elements.namedItem(name) ?? null)?.value ?? '';
/** @param {Field} field */
const remember = (field) => was.set(field, { value: field.value, version: valueOf(field, 'version') });

/** The page has taken over another state. */
export function arrive() {
  const before = detail.dataset.keepTask ?? '';
  const now = detail.firstElementChild ? new URLSearchParams(location.search).get('task') ?? '' : '';
  cover();
  preview();
  if (now === before) return;
  if (before) for (const said of detail.querySelectorAll('.failed')) said.remove();
  detail.dataset.keepTask = now;
  detail.tabIndex = -1;
  if (now && document.activeElement !== document.body) detail.focus({ preventScroll: true });
  else if (!now && document.activeElement === document.body) byId(`l${before}`)?.focus();
}

/** Shows a note as it reads, where it is written with signs. */
async function preview() {
  const written = () => /** @type {HTMLTextAreaElement | null} */ (byId('description'))?.value;
  const markdown = written() && (await import('./md.js')).markdown;
  // Another task may be open by now.
  const [place, note] = [byId('note'), written()];
  if (!place) return;
  place.replaceChildren(markdown && note ? markdown(note) : '');
  place.hidden = !place.querySelector('a, b, code, li, pre');
}

/** Where it covers everything, nothing under it can be reached. */
function cover() {
  const covers = innerWidth < 700 && !detail.hidden;
  for (const part of document.querySelectorAll('#tasks, #lists, .top, .bottom, .ask')) /** @type {HTMLElement} */ (part).inert = covers;
}
addEventListener('resize', cover);

// What others change goes into a field until somebody writes into it.
for (const before of /** @type {const} */ (['focusin', 'beforeinput'])) {
  on(before, '.editor :is(input, textarea, select)', (_, field) => {
    if (!field.hasAttribute('data-keep-typed')) remember(/** @type {Field} */ (field));
  });
}
on('input', '.editor :is(input, textarea)', (_, field) => {
  field.setAttribute('data-keep-typed', '');
  if (field.id === 'description') preview();
});
on('keydown', '.editor :is(input, textarea.title)', (event, field) => {
  if (event.key !== 'Enter' || event.isComposing) return;
  event.preventDefault();
  field.blur();
});
on('change', '.editor :is(input, textarea, select)', (_, field) => save(/** @type {Field} */ (field)));

/**
 * @param {Field} field
 * @param {string} [version]
 */
function save(field, version = was.get(field)?.version ?? valueOf(field, 'version')) {
  const form = /** @type {HTMLFormElement} */ (field.form);
  const url = form.getAttribute('action') ?? '';
  const place = field.closest('fieldset') ?? field;
  for (const said of form.querySelectorAll('.failed')) said.remove();
  /** @type {import('./list.js').Pairs} */
  const pairs = [[field.name, field.value], ['version', version]];
  if (field.name === 'due' || field.name === 'repeat') pairs.push([`${field.name}_was`, valueOf(field, `${field.name}_was`)]);
  const settled = () => {
    field.removeAttribute('data-keep-typed');
    was.delete(field);
  };
  const refused = (/** @type {Failure} */ error) => {
    const page = error.html ? parse(error.html) : null;
    const theirs = page?.querySelector(`.editor [name="${field.name}"]`);
    if (error.status === 409 && theirs && page) {
      const now = /** @type {HTMLInputElement} */ (page.querySelector('.editor [name="version"]')).value;
      const text = theirs instanceof HTMLInputElement && theirs.type === 'radio' ? '' : /** @type {Field} */ (theirs).value;
      // Something else of the task has changed; that is nobody's business here.
      if (text === was.get(field)?.value || !text) save(field, now);
      else {
        const take = () => {
          settled();
          show(error.html ?? '');
        };
        hands().then(({ compare }) => compare(place, text, () => save(field, now), take));
      }
      return true;
    }
    const said = page?.querySelector('.problem')?.textContent?.trim() ?? error.message;
    place.after(line([said], { Retry: () => save(field), Discard: () => { field.value = was.get(field)?.value ?? ''; settled(); } }));
    return error.status !== 401 && error.status !== 429;
  };
  // What is on its way counts as typed no more: the answer says how it was understood.
  if (document.activeElement !== field) field.removeAttribute('data-keep-typed');
  act(pairs, [], { url, quiet: true, refused }).then(() => {
    if (form.querySelector('.failed')) return;
    settled();
    announce('Saved');
  });
}
