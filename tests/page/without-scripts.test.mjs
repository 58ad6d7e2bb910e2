// The core of what one does with tasks, by somebody whose browser runs no scripts: each step is a form that posts and a page
// that comes back.
import assert from 'node:assert/strict';
import { becomes, house, SCREENS } from './house.mjs';

const { test } = house({ model: true });

for (const screen of SCREENS) {
  test(`the core flow at ${screen.width} in ${screen.look}`, { ...screen, scripts: false }, async (visit, person) => {
    const { page } = visit;
    // Add, with everything a line can say.
    for (const line of ['call bank tomorrow 3pm #home p1', 'pay rent every month on the 1st', 'buy milk', 'buy bread', 'buy eggs']) {
      if (await visit.capture.isVisible()) await visit.capture.fill(line);
      else {
        await page.getByRole('link', { name: 'Add', exact: true }).click();
        await visit.capture.fill(line);
      }
      await visit.add.click();
      await visit.toast.getByText('Added').waitFor();
    }
    await visit.go('/all');
    assert.deepEqual((await visit.titles()).sort(), ['Buy bread', 'Buy eggs', 'Buy milk', 'Call bank', 'Pay rent']);

    // Edit.
    await visit.row('Call bank').getByRole('link', { name: 'Call bank', exact: true }).click();
    await visit.detail.getByRole('textbox', { name: 'Title' }).fill('Call the bank');
    await visit.detail.getByRole('button', { name: 'Save' }).click();
    await visit.row('Call the bank').waitFor();
    await visit.go('/all');

    // Repeat and complete: the next time is there at once.
    const due = (await person.task('Pay rent')).due_date;
    await visit.check('Pay rent').click();
    await visit.toast.getByRole('button', { name: /^Undo/ }).waitFor();
    await becomes(async () => (await person.tasks('pending')).filter((task) => task.title === 'Pay rent' && task.due_date > due).length, 1);

    // Select three, and schedule them together.
    for (const title of ['Buy milk', 'Buy bread', 'Buy eggs']) await visit.pick(title).check();
    await visit.selected.getByRole('button', { name: 'Schedule' }).click();
    await page.getByRole('textbox', { name: 'When' }).fill('friday');
    await page.locator(':popover-open').getByRole('button', { name: 'Schedule' }).click();
    const friday = (await person.task('Buy milk')).due_date;
    assert.equal(new Date(friday).getUTCDay(), 5);
    for (const title of ['Buy bread', 'Buy eggs']) assert.equal((await person.task(title)).due_date, friday);

    // Undo all three.
    await visit.toast.getByRole('button', { name: /^Undo/ }).click();
    for (const title of ['Buy milk', 'Buy bread', 'Buy eggs']) assert.equal((await person.task(title)).due_date, null);

    // Search.
    await visit.search.fill('bread');
    await visit.search.press('Enter');
    await becomes(() => visit.titles(), ['Buy bread']);

    // Ask: the answer is on the next page.
    await visit.go('/assistant');
    await visit.composer.fill('how many tasks do I have?');
    await visit.send.click();
    await visit.assistant.getByText(/\b5 tasks/).waitFor();

    // Choose.
    await visit.composer.fill('mark buy as done');
    await visit.send.click();
    await visit.assistant.getByRole('button', { name: /Buy bread/ }).click();
    await becomes(async () => (await person.task('Buy bread')).completed, true);

    // Approve.
    await visit.composer.fill('delete buy milk and buy eggs');
    await visit.send.click();
    assert.equal((await person.tasks('pending')).filter((task) => task.title.startsWith('Buy')).length, 2, 'nothing before the yes');
    await visit.assistant.getByRole('button', { name: /^Approve/ }).click();
    await becomes(async () => (await person.tasks('pending')).filter((task) => task.title.startsWith('Buy')).length, 0);
  });
}
