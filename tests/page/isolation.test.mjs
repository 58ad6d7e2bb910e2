// Two people in two browsers: neither sees anything of the other.
import assert from 'node:assert/strict';
import { becomes, house } from './house.mjs';

/** @import { Person } from './house.mjs' */

const { test } = house();

/** Fills an account with things that all have this word. @param {Person} person @param {string} word */
async function furnish(person, word) {
  await person.has({ title: `${word} task`, project: `${word} project`, tags: [word.toLowerCase()], due: '2020-01-01' }, { title: `${word} other` });
  await person.say(`add ${word} said`);
}

test('neither can see anything of the other', { path: null }, async (anas, ana, house) => {
  const ben = await house.person('Ben');
  const bens = await ben.visit({ path: null });
  await furnish(ana, 'Azure');
  await furnish(ben, 'Bronze');
  const [theirs] = await ana.tasks();
  const [project] = await ana.api('GET', '/projects');
  const places = [
    '/', '/upcoming', '/inbox', '/all', '/done', '/trash', '/activity', '/proposals', '/assistant', '/assistant/history', '/settings', '/account',
    '/search?filter=azure', '/search?filter=bronze', '/labels/azure', '/labels/bronze', `/projects/${project.id}`, `/all?task=${theirs.id}`,
    `/tasks/${theirs.id}`, '/assistant?conversation=1', '/?change=1', '/?change=2', '/assistant?conversation=2',
  ];
  for (const [visit, other] of /** @type {const} */ ([[bens, /Azure|#azure|@ azure/], [anas, /Bronze|#bronze|@ bronze/]])) {
    visit.allow(/404/);
    for (const place of places) {
      await visit.page.goto(place);
      const words = await visit.page.locator('body').innerText();
      assert.doesNotMatch(words, other, place);
    }
  }
  // Counts: of each their own only.
  for (const visit of [anas, bens]) {
    await visit.go('/');
    const count = visit.page.locator('#lists').getByRole('link', { name: /^Today/ });
    assert.match(await count.textContent() ?? '', /\b1\b/);
  }
  // Suggestions.
  await bens.capture.fill('');
  await bens.capture.pressSequentially('x #');
  await bens.page.getByRole('option').first().waitFor();
  assert.doesNotMatch((await bens.page.getByRole('option').allInnerTexts()).join(), /azure/i);
  await bens.capture.fill('');

  // What one changes is not heard by the other.
  await anas.go('/all');
  await bens.go('/all');
  await bens.page.getByText('Live', { exact: true }).waitFor();
  await ana.has('Azure late');
  await anas.row('Azure late').waitFor();
  await ben.has('Bronze late');
  await bens.row('Bronze late').waitFor();
  assert.doesNotMatch(await bens.page.content(), /Azure/i);
  assert.doesNotMatch(await anas.page.content(), /Bronze/i);

  // Acting on what is not theirs does nothing, and says the same as for what is not there.
  const refused = async (/** @type {number} */ id) => {
    await bens.go('/all');
    await bens.page.evaluate((id) => {
      const button = document.querySelector('.check');
      if (button instanceof HTMLButtonElement) button.value = String(id);
    }, id);
    bens.allow(/40[34]|422/);
    await bens.list.locator('.check').first().click();
    const words = bens.page.locator('#toast .problem, #tasks .problem, [role=alert]').first();
    return (await words.innerText()).replaceAll(/\d+/g, 'N');
  };
  const benIds = (await ben.tasks()).map((task) => task.id);
  const free = Math.max(...benIds, ...(await ana.tasks()).map((task) => task.id));
  const foreign = (await ana.tasks()).map((task) => task.id).find((id) => !benIds.includes(id));
  if (foreign) assert.equal(await refused(foreign), await refused(free + 1000));
  await becomes(async () => (await ana.tasks('completed')).length, 0);
  await ben.leave();
});
