// What changes elsewhere is seen here, and nothing that one is writing is lost over it.
import assert from 'node:assert/strict';
import { becomes, house } from './house.mjs';

const { test } = house();

test('what is added, changed and done elsewhere comes by itself', { path: '/all' }, async (visit, person) => {
  await visit.page.getByText('Live', { exact: true }).waitFor();
  const [task] = await person.has('Buy milk');
  await visit.row('Buy milk').waitFor();
  await person.api('PATCH', `/tasks/${task.id}`, { title: 'Buy oat milk' });
  await visit.row('Buy oat milk').waitFor();
  await person.api('PATCH', `/tasks/${task.id}/complete`);
  await visit.row('Buy oat milk').waitFor({ state: 'detached' });
  await person.api('POST', '/journal/undo', {}).catch(() => person.api('PATCH', `/tasks/${task.id}/reopen`));
  await visit.row('Buy oat milk').waitFor();
});

test('two tabs share what they hear', { path: '/all' }, async (visit, person) => {
  const other = await visit.tab('/all');
  await visit.page.getByText('Live', { exact: true }).waitFor();
  await other.page.getByText('Live', { exact: true }).waitFor();
  await person.has('Buy milk');
  for (const tab of [visit, other]) await tab.row('Buy milk').waitFor();
  // Whoever held the stream goes, and the other goes on.
  await visit.page.close();
  await person.has('Buy bread');
  await other.row('Buy bread').waitFor();
});

test('what one is writing stays', { path: '/all' }, async (visit, person) => {
  await person.has('Buy milk');
  await visit.row('Buy milk').waitFor();
  await visit.capture.fill('half a sente');
  await visit.capture.focus();
  await person.has('Buy bread');
  await visit.row('Buy bread').waitFor();
  assert.equal(await visit.capture.inputValue(), 'half a sente');
  assert.equal(await visit.capture.evaluate((field) => field === document.activeElement), true);
});

test('a change elsewhere to what one is editing: both are shown, and nothing is overwritten', { path: '/all' }, async (visit, person) => {
  const [task] = await person.has('Buy milk');
  await visit.row('Buy milk').getByRole('link', { name: 'Buy milk', exact: true }).click();
  const title = visit.detail.getByRole('textbox', { name: 'Title' });
  await title.fill('Buy milk for two');
  await person.api('PATCH', `/tasks/${task.id}`, { title: 'Buy oat milk' });
  await visit.row('Buy oat milk').waitFor();
  assert.equal(await title.inputValue(), 'Buy milk for two');
  // The answer is a 409, and Chromium says so.
  visit.allow(/409/);
  await title.press('Enter');
  await visit.page.getByText('Buy oat milk').first().waitFor();
  const mine = visit.page.getByRole('button', { name: 'Keep mine' });
  await mine.waitFor();
  await visit.page.getByRole('button', { name: 'Take theirs' }).waitFor();
  assert.equal((await person.tasks())[0].title, 'Buy oat milk');
  await mine.click();
  await becomes(async () => (await person.tasks())[0].title, 'Buy milk for two');
});

test('a session that ends while one writes', { path: '/all' }, async (visit, person, house) => {
  await visit.capture.fill('buy milk');
  const cookies = await visit.context.cookies();
  await visit.context.clearCookies({ name: /session/ });
  // The answer is a 401, and Chromium says so.
  visit.allow(/401/);
  await visit.capture.press('Enter');
  const password = visit.page.getByLabel('Password', { exact: true });
  await password.waitFor();
  assert.equal(await visit.capture.inputValue(), 'buy milk', 'what was typed is kept');
  const email = visit.page.getByLabel(/[Ee]-?mail/);
  if (await email.inputValue() === '') await email.fill(person.email);
  await password.fill('correct horse 1');
  await password.press('Enter');
  await password.waitFor({ state: 'hidden' });
  await visit.capture.press('Enter');
  await becomes(async () => (await person.tasks()).map((task) => task.title), ['Buy milk']);
  assert.ok(cookies.length > 0 && house);
});
