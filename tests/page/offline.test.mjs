// Without a connection: the lists can be read, what one does waits, and goes when it can.
import assert from 'node:assert/strict';
import { becomes, house } from './house.mjs';

/** @import { Visit } from './house.mjs' */

const { test } = house();
/** Chromium says so itself when there is no network. */
const AWAY = [/ERR_INTERNET_DISCONNECTED|ERR_NETWORK_CHANGED|ERR_FAILED|Failed to load resource/];

/** Waits until the service worker has the page, so that there is something without a network. @param {Visit} visit @param {...string} paths */
async function kept(visit, ...paths) {
  await visit.page.waitForFunction(async () => (await navigator.serviceWorker.getRegistration())?.active?.state === 'activated');
  for (const path of paths) await visit.go(path);
}

/** @param {Visit} visit */
async function away(visit) {
  visit.allow(...AWAY);
  await visit.context.setOffline(true);
  await visit.page.getByText(/Offline/).first().waitFor();
}

test('lists stay readable, and what one does waits its turn', {}, async (visit, person) => {
  await person.has('Buy milk', 'Buy bread', 'Buy eggs');
  await kept(visit, '/', '/all');
  await away(visit);
  await visit.page.reload();
  await becomes(() => visit.titles(), ['Buy milk', 'Buy bread', 'Buy eggs']);

  await visit.capture.fill('buy jam tomorrow #shop');
  await visit.page.getByText(/Dates will be read when you.re back online/).first().waitFor();
  await visit.capture.press('Enter');
  await visit.check('Buy milk').click();
  await visit.page.getByText(/2 changes waiting/).first().waitFor();
  // They are marked, and wait in this browser across a reload.
  await visit.page.reload();
  await visit.page.getByText(/2 changes waiting/).first().waitFor();
  assert.deepEqual((await person.tasks('pending')).map((task) => task.title), ['Buy milk', 'Buy bread', 'Buy eggs']);
  await visit.ask.click();
  await visit.page.getByText(/needs the server/).first().waitFor();

  await visit.context.setOffline(false);
  await becomes(async () => (await person.tasks('pending')).map((task) => task.title), ['Buy bread', 'Buy eggs', 'Buy jam']);
  const jam = await person.task('Buy jam');
  assert.notEqual(jam.due_date, null, 'the date was read when it arrived');
  await visit.page.getByText('Live', { exact: true }).waitFor();
  await visit.go('/all');
  await becomes(async () => (await visit.titles()).sort(), ['Buy bread', 'Buy eggs', 'Buy jam']);
});

test('a conflict on return is shown, and nothing is overwritten', {}, async (visit, person) => {
  const [milk] = await person.has('Buy milk');
  await kept(visit, '/', `/all?task=${milk.id}`);
  await visit.page.locator('#detail[data-keep-task]').waitFor();
  await away(visit);
  await visit.detail.getByRole('textbox', { name: 'Title' }).fill('Buy milk for two');
  await visit.detail.getByRole('textbox', { name: 'Title' }).press('Enter');
  await visit.page.getByText(/1 change waiting/).first().waitFor();
  await person.api('PATCH', `/tasks/${milk.id}`, { title: 'Buy oat milk' });
  await visit.context.setOffline(false);
  await visit.page.getByRole('button', { name: 'Keep mine' }).waitFor();
  assert.equal((await person.tasks())[0].title, 'Buy oat milk');
  await visit.page.getByRole('button', { name: 'Take theirs' }).click();
  await becomes(async () => (await person.tasks())[0].title, 'Buy oat milk');
});

test('after signing out nothing of theirs is left, with or without a network', {}, async (visit, person, house) => {
  await person.has('A secret of Ana');
  await kept(visit, '/', '/all');
  await visit.page.getByRole('button', { name: /^Account/ }).click();
  // Chromium says that it has thrown everything away.
  visit.allow(/Clear-Site-Data/);
  await visit.page.getByRole('button', { name: 'Sign out' }).click();
  await visit.page.waitForURL(/sign-in/);
  await becomes(() => visit.page.evaluate(async () => {
    const found = [];
    for (const name of await caches.keys()) {
      const cache = await caches.open(name);
      for (const request of await cache.keys()) {
        const text = await (await cache.match(request))?.text();
        if (text?.includes('A secret of Ana')) found.push(request.url);
      }
    }
    return found;
  }), []);
  visit.allow(...AWAY, /ERR_/);
  await visit.context.setOffline(true);
  for (const path of ['/', '/all']) {
    await visit.page.goto(path).catch(() => {});
    await visit.page.locator('body').waitFor();
    assert.doesNotMatch(await visit.page.locator('body').innerText(), /A secret of Ana/);
  }
  await visit.context.setOffline(false);

  // Somebody else signs in at the same browser.
  const ben = await house.person('Ben');
  await ben.has('A secret of Ben');
  await visit.context.addCookies(ben.cookies);
  await visit.go('/all');
  await visit.row('A secret of Ben').waitFor();
  await kept(visit, '/', '/all');
  await visit.context.setOffline(true);
  await visit.page.goto('/all').catch(() => {});
  await visit.row('A secret of Ben').waitFor();
  assert.doesNotMatch(await visit.page.content(), /A secret of Ana/);
});

test('it can be installed, and takes what is shared with it', {}, async (visit) => {
  const link = await visit.page.locator('link[rel=manifest]').getAttribute('href');
  const manifest = await (await visit.page.request.get(link ?? '')).json();
  assert.ok(manifest.icons.some((/** @type {any} */ icon) => icon.purpose?.includes('maskable')));
  assert.ok(manifest.shortcuts.some((/** @type {any} */ shortcut) => shortcut.name === 'Add task'));
  const { action, params } = manifest.share_target;
  await visit.go(`${action}?${new URLSearchParams({ [params.text]: 'buy milk tomorrow' })}`);
  assert.match(await visit.capture.inputValue(), /buy milk tomorrow/);
});
