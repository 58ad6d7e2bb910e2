// Every stop of the Tab key has a ring that is seen and is not hidden, with the popup and a toast on the page.
import assert from 'node:assert/strict';
import { becomes, house, LOOKS, WIDTHS } from './house.mjs';

/** @import { Visit } from './house.mjs' */

const { test } = house();

/** What is wrong with how the focus is shown, if anything is; and what has it. @param {Visit} visit */
function shown(visit) {
  return visit.page.evaluate(() => {
    const focused = document.activeElement;
    if (!focused || focused === document.body) return { name: '', problem: '' };
    const name = focused.outerHTML.slice(0, 120);
    // A line of a form may show its focus on the frame around it.
    const ringed = [focused, focused.parentElement, focused.parentElement?.parentElement].find((element) => {
      const { outlineStyle, outlineWidth } = element ? getComputedStyle(element) : { outlineStyle: 'none', outlineWidth: '0' };
      return outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2;
    });
    if (!ringed) return { name, problem: 'no ring of 2 px' };
    const box = ringed.getBoundingClientRect();
    if (box.width === 0 || box.height === 0) return { name, problem: 'it has no size' };
    const points = [[0.5, 0.5], [0.1, 0.5], [0.9, 0.5], [0.5, 0.1], [0.5, 0.9]].map(([x, y]) => [box.left + box.width * x, box.top + box.height * y]);
    const seen = points.filter(([x, y]) => {
      const top = document.elementFromPoint(x, y);
      return top && (ringed.contains(top) || top.contains(ringed));
    });
    const hidden = points.filter(([x, y]) => x < 0 || y < 0 || x > innerWidth || y > innerHeight);
    if (hidden.length === points.length) return { name, problem: `outside of the window at ${JSON.stringify(box)}` };
    // None of it may be behind anything: a bar, the popup or the toast.
    if (seen.length + hidden.length < points.length) {
      const covers = points.map(([x, y]) => document.elementFromPoint(x, y)).find((top) => top && !ringed.contains(top) && !top.contains(ringed));
      return { name, problem: `behind ${covers?.outerHTML.slice(0, 80)}` };
    }
    return { name, problem: '' };
  });
}

for (const width of WIDTHS) {
  for (const look of LOOKS) {
    test(`the ring at every stop at ${width} in ${look}`, { width, look, path: '/all' }, async (visit, person) => {
      await person.has(...Array.from({ length: 12 }, (_, n) => ({ title: `Errand ${n + 1}`, project: 'Home', tags: ['errand'] })));
      await visit.go('/all');
      if (width >= 700) {
        // On a phone the assistant covers the page, and so nothing is behind it.
        await visit.openAssistant();
        await visit.press('Escape');
        await visit.openAssistant();
      }
      await visit.check('Errand 1').press('Enter');
      await visit.toast.getByRole('button', { name: /^Undo/ }).waitFor();
      await visit.page.evaluate(() => /** @type {HTMLElement} */ (document.activeElement)?.blur());
      // Once round, from wherever it is.
      /** @type {Set<string>} */
      const stops = new Set();
      let first = '';
      /** @type {string[]} */
      const problems = [];
      for (let pressed = 0; pressed < 200; pressed++) {
        await visit.press('Tab');
        const { name, problem } = await shown(visit);
        if (name && name === first) break;
        first ||= name;
        if (problem) problems.push(`${name}: ${problem}`);
        if (name) stops.add(name);
      }
      assert.deepEqual(problems, []);
      assert.ok(stops.size > 20, `${stops.size} stops`);
    });
  }
}

test('F6 goes round, and nothing traps', {}, async (visit, person) => {
  const [task] = await person.has('Buy milk');
  await visit.go(`/all?task=${task.id}`);
  await visit.openAssistant();
  const where = () => visit.page.evaluate(() => ['lists', 'tasks', 'detail', 'assistant'].find((id) => document.getElementById(id)?.contains(document.activeElement)) ?? '');
  const visited = new Set();
  for (let pressed = 0; pressed < 4; pressed++) {
    const before = await where();
    await visit.press('F6');
    await becomes(async () => (await where()) !== before, true);
    visited.add(await where());
  }
  assert.deepEqual([...visited].sort(), ['assistant', 'detail', 'lists', 'tasks']);
});

test('the skip links', {}, async (visit) => {
  await visit.press('Tab');
  await visit.page.getByRole('link', { name: 'Skip to tasks' }).and(visit.page.locator(':focus')).waitFor();
  await visit.press('Enter');
  assert.equal(await visit.page.evaluate(() => document.activeElement?.closest('main') !== null), true);
});
