// The whole core flow by somebody who has no pointer, at every width.
import assert from 'node:assert/strict';
import { becomes, house, SCREENS } from './house.mjs';

/** @import { Visit } from './house.mjs' */

const { test } = house({ model: true });

/** Moves down the list, and up again, until a row has the focus. @param {Visit} visit @param {string} title */
async function to(visit, title) {
  const has = () => visit.row(title).evaluate((row) => row.contains(document.activeElement));
  for (let pressed = 0; !(await has()); pressed++) {
    // The list may be about to become another one.
    assert.ok(pressed < 400, `the row of ${title} can be reached`);
    await visit.press(pressed % 40 < 20 ? 'j' : 'k');
  }
}

for (const screen of SCREENS) {
  test(`the core flow by keyboard at ${screen.width} in ${screen.look}`, screen, async (visit, person, house) => {
    const { page } = visit;
    // Add, from anywhere.
    await visit.press('q');
    for (const line of ['call bank tomorrow 3pm #home p1', 'pay rent', 'buy milk', 'buy bread', 'buy eggs']) {
      await visit.capture.and(page.locator(':focus')).waitFor();
      await visit.type(line);
      await visit.press('Enter');
      await becomes(() => visit.capture.inputValue(), '');
    }
    await becomes(async () => (await person.tasks()).length, 5);
    await visit.press('Escape', 'Escape', 'g', 'a');
    await becomes(async () => (await visit.titles()).length, 5);

    // Edit.
    await to(visit, 'Call bank');
    await visit.press('e');
    await page.locator('.edit:focus').waitFor();
    await visit.press('End');
    await visit.type(' today');
    await visit.press('Enter');
    await visit.row('Call bank today').waitFor();
    await visit.press('Escape');

    // Repeat.
    await to(visit, 'Pay rent');
    await visit.press('r');
    await page.locator('[name=repeat]:focus').waitFor();
    await visit.type('every month on the 1st');
    await visit.press('Enter');
    await becomes(async () => (await person.task('Pay rent')).repeat?.rule, 'FREQ=MONTHLY;BYMONTHDAY=1');

    // Complete: the next time is there at once.
    await to(visit, 'Pay rent');
    await visit.press('d');
    await becomes(async () => (await person.tasks()).filter((task) => task.title === 'Pay rent').map((task) => task.completed).sort(), [false, true]);
    await visit.toast.getByText(/Completed/).waitFor();

    // Select three, and schedule them together.
    for (const title of ['Buy milk', 'Buy bread', 'Buy eggs']) {
      await to(visit, title);
      await visit.press('x');
    }
    await visit.selected.getByText('3').first().waitFor();
    await visit.press('s');
    await page.locator('[name=due]:focus').waitFor();
    await visit.type('friday');
    await visit.press('Enter');
    const dates = async () => (await person.tasks()).filter((task) => task.title.startsWith('Buy')).map((task) => task.due_date && new Date(task.due_date).getUTCDay());
    await becomes(dates, [5, 5, 5]);

    // Undo all three.
    await visit.press('Escape', 'u');
    await becomes(dates, [null, null, null]);

    // Search.
    await visit.press('/');
    await visit.search.and(page.locator(':focus')).waitFor();
    await visit.type('bread');
    await visit.press('Enter');
    await becomes(() => visit.titles(), ['Buy bread']);
    await visit.press('Escape', 'Escape', 'g', 'a');

    // Ask.
    await visit.press('c');
    await visit.composer.and(page.locator(':focus')).waitFor();
    await visit.type('how many tasks do I have?');
    await visit.press('Enter');
    await visit.turns.nth(1).locator('.foot').waitFor();

    // Choose.
    await visit.type('mark buy as done');
    await visit.press('Enter');
    await visit.turns.nth(3).locator('.foot').waitFor();
    const choices = await visit.turns.nth(3).getByRole('button', { name: /^1\b.*Buy/ }).innerText();
    // While an answer comes, Escape stops it.
    await visit.stop.waitFor({ state: 'hidden' });
    await visit.press('Escape');
    await visit.composer.waitFor({ state: 'hidden' });
    await visit.press('c');
    await visit.composer.and(page.locator(':focus')).waitFor();
    await visit.press('Shift+Tab');
    await visit.press('1');
    await becomes(async () => (await person.tasks('completed')).some((task) => choices.includes(task.title)), true);

    // Approve: Enter alone never does.
    await visit.composer.focus();
    await visit.type('delete all tasks with buy');
    await visit.press('Enter');
    await visit.assistant.getByRole('button', { name: /^Approve/ }).waitFor();
    const waiting = async () => (await person.tasks('pending')).filter((task) => task.title.startsWith('Buy')).length;
    const before = await waiting();
    await visit.assistant.getByRole('heading', { name: /\?$/ }).last().focus();
    await visit.press('Enter');
    assert.equal(await waiting(), before);
    await visit.press('Control+Enter');
    await becomes(waiting, 0);

    // Stop.
    await house.model.says({ text: 'One word and another. And so on and on.', text_piece: 26, held: [[2, 'never']] });
    await visit.composer.focus();
    await visit.type('tell me something that takes long');
    await visit.press('Enter');
    await visit.assistant.getByText('One word').waitFor();
    await visit.press('Control+.');
    await visit.stop.waitFor({ state: 'hidden' });
    await visit.turns.last().getByText(/[Ss]topped|[Ii]nterrupted/).waitFor();
  });
}

test('letters are letters where one writes, and can be switched off', {}, async (visit, person) => {
  await person.has('Buy milk');
  await visit.go('/all');
  await visit.search.focus();
  await visit.type('dq1x');
  assert.equal(await visit.search.inputValue(), 'dq1x');
  assert.equal((await person.task('Buy milk')).completed, false);
  await visit.go('/settings');
  await visit.page.getByRole('checkbox', { name: /[Ss]ingle/ }).uncheck();
  await visit.page.getByRole('checkbox', { name: /[Ss]ingle/ }).locator('xpath=ancestor::form').getByRole('button', { name: 'Save' }).click();
  await visit.go('/all');
  await visit.press('?');
  await visit.page.evaluate(() => new Promise(requestAnimationFrame));
  assert.equal(await visit.shortcuts.isVisible(), false);
  await visit.press('Control+k');
  await visit.palette.waitFor();
});

test('everything that opens closes with Escape, and gives the focus back', {}, async (visit, person) => {
  await person.has('Buy milk');
  await visit.go('/all');
  await visit.press('j');
  const focused = () => visit.page.evaluate(() => document.activeElement?.closest('li')?.id ?? document.activeElement?.id);
  const before = await focused();
  for (const [key, opened] of /** @type {const} */ ([
    ['?', visit.shortcuts], ['Control+k', visit.palette], ['c', visit.composer], ['o', visit.detail], ['q', visit.capture],
  ])) {
    await visit.press(key);
    await opened.waitFor();
    await visit.isAccessible(key);
    for (let pressed = 0; pressed < 3 && (await focused()) !== before; pressed++) await visit.press('Escape');
    await becomes(focused, before);
  }
});
