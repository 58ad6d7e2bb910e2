// The assistant: it never says that something is done which is not, and whatever breaks, what was done is shown and nothing twice.
import assert from 'node:assert/strict';
import { becomes, house } from './house.mjs';

const { test } = house({ model: true });

/** What the engine makes nothing of, though it names the first three tasks and says that they are over. */
const OVER = 'the dentist, milk and rent sagas are over at last';
const complete = (/** @type {number} */ id) => ({ name: 'complete_task', arguments: { task_id: id } });
/** Twelve tasks, of which the first three are spoken of. */
const TWELVE = ['Dentist', 'Milk', 'Rent', ...Array.from({ length: 9 }, (_, n) => `Errand ${n + 1}`)];
/** Three changes, and a call that fails, so that the model is asked again. */
const THREE = { calls: [complete(1), complete(2), complete(3), complete(999)] };
/** Chromium says so itself when a server is not there. */
const AWAY = [/ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_INCOMPLETE_CHUNKED|ERR_EMPTY_RESPONSE|Failed to load resource/];
const CLAIMS = /\b(done|added|moved|deleted|completed|created|finished)\b/i;

test('a model that claims success without acting', {}, async (visit, person, { model }) => {
  for (const claim of ["Done! I've added the vet.", 'I have moved everything to Friday and deleted the rest.', '✓ Added Vet · Thu 3 Dec — Undo']) {
    await model.says({ text: claim });
    await visit.openAssistant();
    const answer = await visit.tell('the vet ought to land on thursday somehow');
    assert.doesNotMatch(await answer.innerText(), CLAIMS);
    assert.equal(await answer.locator('.receipt').count(), 0);
    assert.equal(await answer.getByRole('button', { name: /^Undo/ }).count(), 0);
    await visit.go('/all');
  }
  assert.deepEqual(await person.tasks(), []);
});

test('a stream cut after the third of twelve changes', {}, async (visit, person, { model, server }) => {
  await person.has(...TWELVE);
  await model.says(THREE, { text: 'And the others are next.', held: [[1, 'never']] });
  await visit.go('/all');
  await visit.openAssistant();
  await visit.composer.fill(OVER);
  await visit.composer.press('Enter');
  await becomes(() => visit.receipts.count(), 3);
  await becomes(async () => (await person.tasks('completed')).length, 3);
  visit.allow(...AWAY);
  await server.kill();
  await server.go();

  await visit.go('/all');
  await visit.openAssistant();
  await becomes(() => visit.receipts.count(), 3);
  await becomes(() => visit.titles(), TWELVE.slice(3));
  await visit.turns.last().getByText(/Interrupted/).waitFor();

  // Once more: the three are done already.
  await model.says({ calls: [complete(1), complete(2), complete(3)] }, { text: 'They are.' });
  await visit.turns.getByRole('link', { name: 'Edit' }).last().click();
  // What the first run did still stands, and stays.
  const leave = visit.page.getByRole('radio', { name: 'Leave it changed' });
  await leave.check();
  await visit.send.click();
  await visit.turns.last().locator('.foot').waitFor();
  const completed = (await person.api('GET', '/journal?limit=100')).changes.filter((/** @type {any} */ change) => change.action === 'complete_task');
  assert.equal(completed.length, 3, 'nothing is done twice');
  assert.equal((await person.tasks('completed')).length, 3);
});

test('an approval, while another tab edits two of the rows', {}, async (visit, person) => {
  const tasks = await person.has('Buy milk', 'Buy bread', 'Buy eggs', 'Buy jam', 'Buy tea', 'Buy salt', 'Buy rice');
  await visit.go('/all');
  await visit.openAssistant();
  await visit.tell('complete everything');
  const approve = visit.assistant.getByRole('button', { name: /^Approve/ });
  await approve.waitFor();
  await person.api('PATCH', `/tasks/${tasks[1].id}`, { title: 'Buy rye bread' });
  await person.api('PATCH', `/tasks/${tasks[4].id}`, { due: '2030-01-01' });
  await approve.click();
  await becomes(async () => (await person.tasks('pending')).map((task) => task.title).sort(), ['Buy rye bread', 'Buy tea']);
  const said = visit.turns.last();
  await said.locator('.receipt').first().waitFor();
  await said.getByText(/2 tasks were left out, because they have changed/).waitFor();
});

test('stop from a second device', {}, async (visit, person, { model }) => {
  await person.has(...TWELVE);
  await model.says(THREE, { text: 'And the others are next.', held: [[1, 'never']] });
  const phone = await person.visit({ width: 390, path: null });
  await visit.openAssistant();
  await visit.composer.fill(OVER);
  await visit.composer.press('Enter');
  await becomes(() => visit.receipts.count(), 3);
  await phone.go('/assistant');
  await phone.stop.waitFor();
  // From the press until the first device shows it.
  const stopped = visit.page.evaluate(() => new Promise((done) => {
    const look = () => {
      const shown = [...document.querySelectorAll('button')].some((button) => button.checkVisibility() && /^Stop/.test(button.getAttribute('aria-label') ?? button.innerText));
      if (shown) requestAnimationFrame(look);
      else done(Date.now());
    };
    look();
  }));
  const pressed = Date.now();
  await phone.stop.click();
  // 150 ms are for a release on a machine that does nothing else.
  const took = Number(await stopped) - pressed;
  assert.ok(took <= 1_500, `${took} ms`);
  await visit.turns.last().getByText(/[Ss]topped/).first().waitFor();
  assert.equal((await person.tasks('completed')).length, 3);
  // What was done can be taken back.
  for (let left = 3; left > 0; left--) {
    await visit.turns.last().getByRole('button', { name: /^Undo/ }).first().click();
    await becomes(async () => (await person.tasks('completed')).length, left - 1);
    await becomes(() => visit.turns.last().getByRole('button', { name: /^Redo/ }).count(), 4 - left);
  }
});

test('a server that is started anew during an answer', {}, async (visit, person, { model, server }) => {
  await model.says({ text: 'The first words are here. The others never come.', text_piece: 30, held: [[2, 'never']] });
  await visit.openAssistant();
  await visit.composer.fill('the vet ought to land on thursday somehow');
  await visit.composer.press('Enter');
  await visit.assistant.getByText('The first words').waitFor();
  await visit.composer.fill('half a sentence that I was');
  visit.allow(...AWAY);
  await server.kill();
  await visit.page.getByText(/Reconnecting/).first().waitFor();
  await server.go();
  await visit.turns.last().getByText(/Interrupted|not answering|stopped/).first().waitFor({ timeout: 30_000 });
  assert.equal(await visit.composer.inputValue(), 'half a sentence that I was');
  await visit.turns.last().getByText('The first words').waitFor();
  // And it works again.
  await visit.composer.fill('');
  const answer = await visit.tell('add buy milk');
  await answer.locator('.receipt').waitFor();
  await person.task('Buy milk');
});

test('undo of a step on which later ones depend is explained', {}, async (visit, person) => {
  const [task] = await person.has('First');
  for (const title of ['Second', 'Third']) await person.api('PATCH', `/tasks/${task.id}`, { title });
  await visit.go('/activity');
  const step = visit.list.getByRole('listitem').filter({ hasText: 'Second' }).filter({ hasNotText: 'Third' }).first();
  // What is refused is a 409, and Chromium says so.
  visit.allow(/409/);
  await step.getByRole('button', { name: /^Undo/ }).click();
  await visit.page.getByText(/came later and changed the same/).first().waitFor();
  assert.equal((await person.task('Third')).title, 'Third');
  // Taken back from the last on, it goes.
  await visit.go('/activity');
  await visit.list.getByRole('listitem').filter({ hasText: 'Third' }).first().getByRole('button', { name: /^Undo/ }).click();
  await becomes(async () => (await person.tasks())[0].title, 'Second');
});

test('an answer is announced once, when it ends', {}, async (visit) => {
  await visit.openAssistant();
  const said = visit.page.locator('#said');
  await visit.page.evaluate(() => {
    const heard = /** @type {string[]} */ ([]);
    Object.assign(window, { heard });
    const place = document.getElementById('said');
    if (place) new MutationObserver(() => { if (place.textContent) heard.push(place.textContent); }).observe(place, { childList: true, characterData: true, subtree: true });
  });
  await visit.tell('add buy milk');
  await said.getByText(/Added/).waitFor({ state: 'attached' });
  const heard = /** @type {string[]} */ (await visit.page.evaluate('window.heard'));
  assert.equal(heard.filter((text) => /Added/.test(text)).length, 1, heard.join(' | '));
  assert.equal(await visit.assistant.locator('.turns').getAttribute('aria-live') ?? 'off', 'off');
});
