// Text twice as large, the page four times as large, wider spacing of text, the keyboard of a phone: nothing is lost, and
// nothing goes off sideways.
import assert from 'node:assert/strict';
import { house } from './house.mjs';

/** @import { Person, Visit } from './house.mjs' */

const { test } = house();
const VIEWS = ['/', '/upcoming', '/all', '/all?task=1', '/search?filter=overdue', '/assistant', '/activity', '/settings', '/account', '/help', '/add'];

/** @param {Person} person */
async function furnish(person) {
  await person.has(
    { title: 'Renew passport before the summer', due: '2020-01-01', project: 'Home improvements', tags: ['paperwork'], priority: 'high' },
    { title: 'Draft the quarterly report for the board', due: 'today', repeat: 'FREQ=MONTHLY', project: 'Work', description: 'Long.' },
    'Water the plants',
  );
  await person.say('how many are overdue?');
}

/** Words that are cut off: longer than the box that hides what does not fit in it. @param {Visit} visit @returns {Promise<string[]>} */
function cut(visit) {
  return visit.page.evaluate(() => [...document.querySelectorAll('button, a, label, h1, h2, h3, legend, summary, .chip, p')].filter((element) => {
    if (!element.checkVisibility() || element.closest('.hidden, .skip')) return false;
    const { overflowX, overflowY, textOverflow, webkitLineClamp } = getComputedStyle(element);
    // Titles end after two lines, and are whole in the detail.
    if (textOverflow === 'ellipsis' || webkitLineClamp !== 'none') return false;
    return (overflowX !== 'visible' && overflowX !== 'auto' && element.scrollWidth > element.clientWidth + 1)
      || (overflowY === 'hidden' && element.scrollHeight > element.clientHeight + 1);
  }).map((element) => `cut off: ${element.outerHTML.slice(0, 120)}`));
}

/** What is wrong on any of the views. @param {Visit} visit @param {() => Promise<unknown>} [prepare] */
async function everywhere(visit, prepare) {
  /** @type {Record<string, string[]>} */
  const found = {};
  for (const path of VIEWS) {
    await visit.go(path);
    await prepare?.();
    const here = [...await visit.wider(), ...await cut(visit)];
    if (here.length > 0) found[path] = here;
  }
  assert.deepEqual(found, {});
}

for (const width of [1440, 820, 390, 320]) {
  test(`text twice as large at ${width}`, { width, path: null }, async (visit, person) => {
    await furnish(person);
    const devtools = await visit.context.newCDPSession(visit.page);
    await devtools.send('Page.setFontSizes', { fontSizes: { standard: 32, fixed: 26 } });
    await everywhere(visit);
    await visit.go('/all');
    await visit.check('Water the plants').click();
    await visit.toast.getByRole('button', { name: /^Undo/ }).click();
  });
}

// 1280 × 1024 at 400 %.
test('four times as large', { width: 320, height: 256, path: null }, async (visit, person) => {
  await furnish(person);
  await everywhere(visit);
  await visit.go('/all');
  await visit.check('Water the plants').click();
  await visit.toast.getByRole('button', { name: /^Undo/ }).click();
  await visit.openAssistant();
  await visit.composer.fill('how many are overdue?');
  await visit.send.click();
  assert.deepEqual(await visit.wider(), []);
});

test('wider spacing of text', { width: 390, path: null }, async (visit, person) => {
  await furnish(person);
  await everywhere(visit, () => visit.page.evaluate(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync('* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important } p { margin-bottom: 2em !important }');
    document.adoptedStyleSheets = [sheet];
  }));
});

test('words half as long again, and from right to left', { width: 390, path: '/all' }, async (visit, person) => {
  await furnish(person);
  await visit.go('/all');
  await visit.page.evaluate(() => { document.documentElement.dir = 'rtl'; });
  assert.deepEqual(await visit.wider(), []);
});

test('the keyboard of a phone is open', { width: 390, path: null }, async (visit, person) => {
  for (let turn = 0; turn < 6; turn++) await person.say(`add errand ${turn}`);
  await visit.go('/');
  await visit.openAssistant();
  await visit.tell('how many tasks do I have?');
  await visit.composer.focus();
  // The page says that its content is resized for the keyboard, which takes about 336 of 844 pixels.
  const content = await visit.page.locator('meta[name=viewport]').getAttribute('content');
  assert.match(content ?? '', /interactive-widget=resizes-content/);
  await visit.page.setViewportSize({ width: 390, height: 508 });
  const isSeen = (/** @type {import('playwright-core').Locator} */ place) => place.evaluate((element) => {
    const { top, bottom } = element.getBoundingClientRect();
    return top >= 0 && bottom <= innerHeight + 1;
  });
  await visit.page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  assert.equal(await isSeen(visit.composer), true, 'the composer');
  assert.equal(await isSeen(visit.send), true, 'Send');
  assert.equal(await isSeen(visit.turns.last().locator('p').first()), true, 'the last message');
});

test('what one touches is large enough', { width: 390, path: null }, async (visit, person) => {
  await furnish(person);
  for (const [path, least] of /** @type {const} */ ([['/', 44], ['/all', 44], ['/assistant', 44], ['/settings', 24], ['/activity', 24]])) {
    await visit.go(path);
    const small = await visit.page.evaluate((least) => [...document.querySelectorAll('button, select, input:not([type=hidden]), nav a, .row a.more')]
      .filter((element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && !element.closest('.hidden, .skip'))
      .filter((element) => {
        // A label around it is touched as well, and so is what it spreads over its row.
        const target = element.closest('label') ?? element;
        const { width, height } = target.getBoundingClientRect();
        const spread = getComputedStyle(element, '::after');
        const more = spread.content !== 'none' && spread.position === 'absolute' ? Math.max(0, -parseFloat(spread.top) * 2 || 0) : 0;
        return width > 0 && (width + more < least || height + more < least);
      }).map((element) => {
        const { width, height } = element.getBoundingClientRect();
        return `${Math.round(width)} × ${Math.round(height)}: ${element.outerHTML.slice(0, 100)}`;
      }), least);
    assert.deepEqual(small, [], path);
  }
});
