// The capture line: what it marks, what it says it has understood, and that nothing is read that is not meant.
import assert from 'node:assert/strict';
import { becomes, house } from './house.mjs';

/** @import { Visit } from './house.mjs' */

const { test } = house();

/**
 * Lines, the title that is left, and what is marked in them. Whatever is not listed must not be marked.
 *
 * @type {[line: string, title: string, ...marks: [kind: string, words: string][]][]}
 */
const LINES = [
  // Plain, in every kind.
  ['call bank fri 3pm #home p1', 'Call bank', ['date', 'fri 3pm'], ['project', '#home'], ['priority', 'p1']],
  ['call mum tomorrow 6pm', 'Call mum', ['date', 'tomorrow 6pm']],
  ['submit report next friday', 'Submit report', ['date', 'next friday']],
  ['meet Ana at noon on 3 december', 'Meet Ana', ['date', 'at noon on 3 december']],
  ['dentist in 2 weeks', 'Dentist', ['date', 'in 2 weeks']],
  ['pay invoice 2026-12-01', 'Pay invoice', ['date', '2026-12-01']],
  ['pay rent every 1st at 9', 'Pay rent', ['repeat', 'every 1st at 9']],
  ['water ferns every 2 weeks on friday', 'Water ferns', ['repeat', 'every 2 weeks on friday']],
  ['water plants every! 7 days', 'Water plants', ['repeat', 'every! 7 days']],
  ['standup every weekday at 9:30', 'Standup', ['repeat', 'every weekday at 9:30']],
  ['buy milk @shop @errand', 'Buy milk', ['tag', '@shop'], ['tag', '@errand']],
  ['plan party +Home !2', 'Plan party', ['project', '+Home'], ['priority', '!2']],
  ['tidy the shed #garden tomorrow', 'Tidy the shed', ['tag', '#garden'], ['date', 'tomorrow']],
  ['birthday on 29 february', 'Birthday', ['date', 'on 29 february']],
  // Quoted, or with a backslash.
  ['read "The 5th Wave"', 'Read The 5th Wave'],
  ['read "tomorrow and tomorrow" tomorrow', 'Read tomorrow and tomorrow', ['date', 'tomorrow']],
  ['delete mails up to "january 30th"', 'Delete mails up to january 30th'],
  ['say \\tomorrow out loud', 'Say tomorrow out loud'],
  ['watch "friday night lights" on saturday', 'Watch friday night lights', ['date', 'on saturday']],
  // Names and titles.
  ['read The 5th Wave', 'Read The 5th Wave'],
  ['read The 9/11 Report', 'Read The 9/11 Report'],
  ['Meet with Friday', 'Meet with Friday'],
  ['ask May about the flat', 'Ask May about the flat'],
  ['lunch with April on friday', 'Lunch with April', ['date', 'on friday']],
  ['read 1984', 'Read 1984'],
  ['2001: a space odyssey', '2001: a space odyssey'],
  ['renew the daily mirror subscription', 'Renew the daily mirror subscription'],
  ['email sun microsystems', 'Email sun microsystems'],
  // Words that have another inside them, or are another where they stand.
  ['monitor to attic', 'Monitor to attic'],
  ['Renovation - 2nd floor', 'Renovation - 2nd floor'],
  ['march to the beat', 'March to the beat'],
  ['order a may pole', 'Order a may pole'],
  ['buy wed dress', 'Buy wed dress'],
  ['fix the sat nav', 'Fix the sat nav'],
  ['sort second hand books', 'Sort second hand books'],
  ['clean the second floor on sunday', 'Clean the second floor', ['date', 'on sunday']],
  ['write monthly report', 'Write monthly report'],
  ['a midnight snack for the fridge', 'A midnight snack for the fridge'],
  ['iron the evening dress', 'Iron the evening dress'],
  // Numbers.
  ['watch 24 hours in the life', 'Watch 24 hours in the life'],
  ['buy 7 up', 'Buy 7 up'],
  ['book a table for 4', 'Book a table for 4'],
  ['call 555 1234', 'Call 555 1234'],
  ['buy 3 m screws', 'Buy 3 m screws'],
  ['update node to 20', 'Update node to 20'],
  ['sort room 12', 'Sort room 12'],
  // Signs.
  ['pay invoice #2026', 'Pay invoice #2026'],
  ['email ana@example.com', 'Email ana@example.com'],
  ['see https://example.com/today', 'See https://example.com/today'],
  ['call c# developer', 'Call c# developer'],
  ['add + sign to the keypad', 'Add + sign to the keypad'],
  ['🎉 party tomorrow 🎉', '🎉 party 🎉', ['date', 'tomorrow']],
];

/** Types a line and waits until it has been read. @param {Visit} visit @param {string} line */
async function write(visit, line) {
  const read = visit.page.waitForResponse((response) => new URLSearchParams(response.request().postData() ?? '').get('text') === line);
  await visit.capture.fill(line);
  await (await read).finished();
}

test('fifty lines with traps', {}, async (visit, person) => {
  await person.has({ title: 'x', project: 'Home' });
  assert.ok(LINES.length >= 50);
  /** @type {Record<string, unknown>} */
  const wrong = {};
  for (const [line, title, ...marks] of LINES) {
    await write(visit, line);
    // What is not to be marked must not be marked later either, so the frame after the answer is looked at.
    await visit.page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    const got = await visit.marks();
    if (JSON.stringify(got) !== JSON.stringify(marks)) wrong[line] = got;
    await visit.capture.press('Enter');
    await becomes(async () => (await person.tasks()).some((task) => task.title === title), true).catch(async () => {
      wrong[`${line} (title)`] = (await person.tasks()).map((task) => task.title).at(-1);
    });
    await becomes(() => visit.capture.inputValue(), '');
  }
  assert.deepEqual(wrong, {});
});

test('every mark can be un-read, and leaves the text to the letter', {}, async (visit, person) => {
  await person.has({ title: 'x', project: 'Home' });
  const read = LINES.filter(([, , ...marks]) => marks.length > 0);
  for (const [line, , ...marks] of read) {
    await write(visit, line);
    await becomes(() => visit.marks(), marks);
    // Directly after the last mark, Backspace takes the meaning and not the letter.
    const [, words] = marks[marks.length - 1];
    const end = line.lastIndexOf(words) + words.length;
    await visit.capture.evaluate((field, end) => /** @type {HTMLTextAreaElement} */ (field).setSelectionRange(end, end), end);
    await visit.press('Backspace');
    await becomes(() => visit.marks(), marks.slice(0, -1));
    assert.equal(await visit.capture.inputValue(), line);
    // The others by their chips, once no suggestions are above them.
    if (await visit.page.getByRole('listbox').isVisible()) await visit.press('Escape');
    for (let left = marks.length - 1; left > 0; left--) {
      await visit.chips.getByRole('button', { name: /plain words/ }).first().click();
      await becomes(async () => (await visit.marks()).length, left - 1);
      assert.equal(await visit.capture.inputValue(), line);
    }
    await visit.capture.fill('');
  }
  // What was un-read is added as words.
  await write(visit, 'call mum tomorrow');
  await becomes(() => visit.marks(), [['date', 'tomorrow']]);
  await visit.press('Backspace', 'Enter');
  await becomes(async () => (await person.tasks()).map(({ title, due_date: due }) => [title, due]).at(-1), ['Call mum tomorrow', null]);
});

test('a second Backspace deletes', {}, async (visit) => {
  await write(visit, 'call mum tomorrow');
  await becomes(() => visit.marks(), [['date', 'tomorrow']]);
  await visit.press('Backspace');
  await becomes(() => visit.marks(), []);
  await visit.press('Backspace');
  assert.equal(await visit.capture.inputValue(), 'call mum tomorro');
});

test('a date that may be two is asked about, and never blocks', {}, async (visit, person) => {
  await person.api('PATCH', '/settings', { time_zone: 'UTC' });
  await write(visit, 'call bank next friday');
  const chip = visit.chips.getByRole('listitem').first();
  const read = await person.api('POST', '/parse', { text: 'call bank next friday' });
  const date = read.spans.find((/** @type {any} */ span) => span.kind === 'date');
  await chip.getByText(date.meaning).first().waitFor();
  for (const { meaning } of date.alternatives) await chip.getByText(meaning).waitFor();
  await visit.capture.press('Enter');
  await becomes(async () => (await person.tasks()).at(-1)?.due_date, read.task.due);
});

test('a repeat says its next dates', {}, async (visit, person) => {
  const line = 'water ferns every 2 weeks on friday';
  await write(visit, line);
  const [repeat] = (await person.api('POST', '/parse', { text: line })).spans.filter((/** @type {any} */ span) => span.kind === 'repeat');
  const text = visit.page.locator('.capture').or(visit.chips);
  for (const { meaning } of repeat.next) await text.getByText(meaning.replace(/^\w+ /, '')).first().waitFor();
});

test('several lines are added at once, and taken back at once', {}, async (visit, person) => {
  await visit.capture.focus();
  await visit.context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await visit.page.evaluate(() => navigator.clipboard.writeText('buy milk\nbuy bread tomorrow\nbuy eggs'));
  await visit.press('Control+v');
  await visit.page.getByRole('button', { name: 'Add 3 tasks' }).click();
  await becomes(async () => (await person.tasks()).map((task) => task.title), ['Buy milk', 'Buy bread', 'Buy eggs']);
  await visit.toast.getByRole('button', { name: /^Undo/ }).click();
  await becomes(async () => (await person.tasks('pending')).length, 0);
});

test('a request is hinted at, and never sent by itself', {}, async (visit, person) => {
  await write(visit, "what's due today?");
  await visit.page.getByText('Alt+Enter').first().waitFor();
  await visit.press('Alt+Enter');
  await visit.composer.waitFor();
  await visit.assistant.getByText("what's due today?").waitFor();
  assert.deepEqual(await person.tasks(), []);
});

test('somebody new has a task after one press and Enter', {}, async (visit, person) => {
  await visit.page.getByText('Nothing here yet').waitFor();
  await visit.page.getByRole('button', { name: 'Call mum tomorrow 6pm' }).click();
  await visit.capture.and(visit.page.locator(':focus')).waitFor();
  await visit.press('Enter');
  await becomes(async () => (await person.tasks()).map((task) => task.title), ['Call mum']);
  await visit.go('/all');
  await visit.row('Call mum').waitFor();
});
