// The widget in a real browser, with the official host side: node test.mjs. Exits with 1 and what was wrong.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import axe from 'axe-core';
import { launch, open } from './host.mjs';
import * as sample from './sample.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

/** A test with a host, which at its end has seen nothing on the console, no violation and no request but for the two pages. */
function widget(name, options, body) {
  test(name, { timeout: 60_000 }, async () => {
    const host = await open(browser, options);
    try {
      await body(host);
      assert.deepEqual(await violations(host), []);
      assert.deepEqual(host.console, []);
      assert.deepEqual(host.requests, ['http://host.test/', 'http://widget.test/']);
    } finally {
      await host.close();
    }
  });
}

async function violations({ widget }) {
  await widget.evaluate(axe.source);
  // The widget is transparent, so contrast is judged against the surface of our own page.
  await widget.evaluate(() => { document.documentElement.style.background = 'light-dark(#fff, #1c1e23)'; });
  const { violations } = await widget.evaluate(() => axe.run());
  await widget.evaluate(() => { document.documentElement.style.background = ''; });
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html} ${node.failureSummary}`));
}

/** The rows in words, each of its parts on a line as a reader sees them. */
async function seen({ widget }) {
  await widget.locator('main > :not(.late)').first().waitFor();
  return (await widget.locator('main').innerText()).split('\n').map((line) => line.trim()).filter(Boolean);
}

const box = (host, title) => host.row(title).getByRole('checkbox');
const undo = (host, title) => host.row(title).getByRole('button', { name: 'Undo' });

/** An answer that comes when the test says so. */
function later() {
  let resolve;
  const answer = new Promise((done) => { resolve = done; });
  return [answer, resolve];
}

/** Waits until `value` gives `expected`; what it is instead is in the error. */
async function becomes(value, expected) {
  const end = Date.now() + 5_000;
  let got;
  do {
    await new Promise(setImmediate);
    got = await value();
  } while (JSON.stringify(got) !== JSON.stringify(expected) && Date.now() < end);
  assert.deepEqual(got, expected);
}

test('the file is small and asks for nothing', () => {
  const html = readFileSync(new URL('../../crates/mcp/src/widget.html', import.meta.url), 'utf8');
  assert.ok(html.length <= 16_000, `${html.length} bytes`);
  assert.doesNotMatch(html, /https?:|src=|href=|url\(|innerHTML|insertAdjacentHTML|document\.write/);
});

widget('the handshake, a ping, the teardown and what is not known', {}, async ({ bridge, messages, widget }) => {
  await becomes(() => messages.map((message) => message.method), [
    'ui/initialize', 'ui/notifications/initialized', 'ui/notifications/size-changed',
  ]);
  assert.deepEqual(messages[0], {
    jsonrpc: '2.0', id: 1, method: 'ui/initialize', params: {
      appInfo: { name: 'sayso-tasks', title: 'Sayso tasks', version: '1' },
      appCapabilities: { availableDisplayModes: ['inline', 'fullscreen'] },
      protocolVersion: '2026-01-26',
    },
  });
  assert.deepEqual(bridge.getAppVersion().name, 'sayso-tasks');
  await widget.getByText('Reading your tasks…').waitFor();
  await bridge.sendToolInputPartial({ arguments: { query: 'mi' } });
  assert.deepEqual(await bridge.request({ method: 'ping' }, any), {});
  assert.deepEqual(await bridge.teardownResource({}), {});
  await assert.rejects(bridge.request({ method: 'tools/list' }, any), { code: -32601 });
});

widget('a list', {}, async (host) => {
  await host.result(sample.list);
  assert.deepEqual(await seen(host), [
    'Renew passport', 'Mon 23 Nov · overdue', 'P1', '# Home',
    'Standup', 'Today 09:30 · overdue', '↻ every day', '# Work',
    'Buy milk', 'Today', '@ shop', '@ errand',
    'Draft the quarterly report for the board and send it round for comments', 'Tomorrow 12:00', 'P2', '# Work', '@ writing',
    'Pay rent', 'Fri 4 Dec', 'P3', '↻ every month', '# Home',
    'Compare insurances', 'Fri 15 Jan 2027',
    'Water plants', '↻ every 2 weeks',
    'Send the invoice', 'Fri 20 Nov', '# Work',
  ]);
  await host.widget.getByText('8 tasks').waitFor();
  assert.equal(await box(host, 'Send the invoice').isChecked(), true);
  assert.equal(await box(host, 'Buy milk').isChecked(), false);
});

// A browser far away that has its clock wrong.
widget('dates are seen from the day of the server', { timezoneId: 'Pacific/Kiritimati', clock: '2031-05-05T00:00Z' }, async (host) => {
  const late = { ...sample.nothing, now: '2026-11-27T23:30:00-11:00', total: 2 };
  const task = { status: 'pending', completed: false };
  await host.result({ ...late, tasks: [
    { ...task, id: 1, title: 'One', due_date: '2026-11-27', due_at: '2026-11-27T23:45:00-11:00' },
    { ...task, id: 2, title: 'Two', due_date: '2026-11-28' },
  ] });
  assert.deepEqual(await seen(host), ['One', 'Today 23:45', 'Two', 'Tomorrow']);
});

widget('an overview in three groups', {}, async (host) => {
  await host.result(sample.overview);
  assert.deepEqual(await seen(host), [
    'Overdue 2', 'Renew passport', 'Mon 23 Nov', 'P1', '# Home', 'Reply to landlord', 'Yesterday', '@ mail',
    'Today 3', 'Standup', '09:30 · overdue', '↻ every day', '# Work', 'Call the dentist', '15:00', 'Buy milk', '@ shop', '@ errand',
    'Upcoming 2',
    'Draft the quarterly report for the board and send it round for comments', 'Tomorrow 12:00', 'P2', '# Work', '@ writing',
    'Pay rent', 'Fri 4 Dec', 'P3', '↻ every month', '# Home',
  ]);
  const headings = await host.widget.getByRole('heading').allInnerTexts();
  assert.deepEqual(headings, ['Fri 27 Nov', 'Overdue 2', 'Today 3', 'Upcoming 2']);
  await host.result(sample.quiet);
  await host.widget.getByText('Nothing due today.').waitFor();
  assert.equal(await host.widget.getByText('Overdue').count(), 0);
});

widget('nothing, a refusal, a cancelled call and an answer without data', {}, async (host) => {
  await host.result(sample.nothing);
  await host.widget.getByText('No tasks here.').waitFor();
  await host.bridge.sendToolResult({ content: [{ type: 'text', text: 'forbidden: <b>no</b>' }], isError: true });
  await host.widget.getByText('forbidden: <b>no</b>').waitFor();
  await host.bridge.sendToolCancelled({});
  await host.widget.getByText('Cancelled.').waitFor();
  await host.bridge.sendToolResult({ content: [{ type: 'text', text: '3 tasks, in words' }] });
  await host.widget.getByText('3 tasks, in words').waitFor();
});

const [completion, complete] = later();
widget('a task is completed and taken back, by keyboard', {
  tools: {
    complete_task: () => completion,
    undo_change: () => sample.changed('undone', { change_id: 42 }),
    reopen_task: () => sample.changed('reopened', { change_id: 43 }),
  },
}, async (host) => {
  await host.result(sample.list);
  await box(host, 'Buy milk').focus();
  await host.page.keyboard.press('Space');
  await becomes(() => host.calls, [['complete_task', { task_id: 7 }]]);
  assert.equal(await host.row('Buy milk').getAttribute('aria-busy'), 'true');
  assert.equal(await host.row('Buy milk').evaluate((row) => row.classList.contains('done')), false);
  await host.page.keyboard.press('Space');
  complete(sample.changed('completed', { change_id: 41 }));
  await undo(host, 'Buy milk').waitFor();
  assert.equal(await box(host, 'Buy milk').isChecked(), true);
  assert.equal(await host.row('Buy milk').getAttribute('aria-busy'), null);
  assert.equal(await host.widget.getByRole('status').textContent(), 'Completed: Buy milk');
  assert.equal(host.calls.length, 1, 'a second press while it waits asks nothing');
  assert.deepEqual(await violations(host), []);

  await host.page.keyboard.press('Tab');
  await host.page.keyboard.press('Enter');
  await becomes(() => box(host, 'Buy milk').isChecked(), false);
  assert.deepEqual(host.calls[1], ['undo_change', { change_id: 41 }]);
  assert.equal(await undo(host, 'Buy milk').count(), 0);
  assert.equal(await box(host, 'Buy milk').evaluate((one) => one === document.activeElement), true);
});

widget('a task is reopened', { tools: { reopen_task: () => sample.changed('reopened', { change_id: 43 }) } }, async (host) => {
  await host.result(sample.list);
  await box(host, 'Send the invoice').click();
  await undo(host, 'Send the invoice').waitFor();
  assert.deepEqual(host.calls, [['reopen_task', { task_id: 12 }]]);
  assert.equal(await box(host, 'Send the invoice').isChecked(), false);
});

widget('the row shows what the server answered', {
  tools: {
    complete_task: () => sample.changed('completed', {
      change_id: 5, next_due: '2026-12-04', task: { id: 7, title: 'Buy oat milk', status: 'completed', completed: true },
    }),
  },
}, async (host) => {
  await host.result(sample.list);
  await box(host, 'Buy milk').click();
  await host.row('Buy oat milk').getByText('Next: Fri 4 Dec').waitFor();
  assert.equal(await host.row('shop').count(), 0);
});

widget('what is refused goes back and says why', {
  tools: {
    complete_task: ({ task_id: id }) => {
      if (id === 3) throw new Error('the person said no');
      return { content: [{ type: 'text', text: 'conflict: It has <b>changed</b> since.' }], isError: true };
    },
    reopen_task: () => sample.changed('reopened', { change_id: 8 }),
    undo_change: () => ({ content: [{ type: 'text', text: 'conflict: A later change stands in the way.' }], isError: true }),
  },
}, async (host) => {
  await host.result(sample.list);
  await box(host, 'Buy milk').click();
  await host.row('Buy milk').getByText('Not saved. It has <b>changed</b> since.').waitFor();
  assert.equal(await box(host, 'Buy milk').isChecked(), false);
  assert.equal(await host.widget.getByRole('status').textContent(), 'Not saved. It has <b>changed</b> since.');
  await box(host, 'Renew passport').click();
  await host.row('Renew passport').getByText('the person said no').waitFor();
  assert.equal(await box(host, 'Renew passport').isChecked(), false);
  await box(host, 'Send the invoice').click();
  await undo(host, 'Send the invoice').click();
  await host.row('Send the invoice').getByText('Not saved. A later change stands in the way.').waitFor();
  assert.equal(await box(host, 'Send the invoice').isChecked(), false);
  assert.equal(await undo(host, 'Send the invoice').evaluate((one) => one === document.activeElement), true);
});

widget('what needs a yes says where to give it', {
  tools: { complete_task: () => sample.changed('waiting_for_approval') },
}, async (host) => {
  await host.result(sample.list);
  await box(host, 'Buy milk').click();
  await host.row('Buy milk').getByText('Not done yet: accept it in Sayso.').waitFor();
  assert.equal(await box(host, 'Buy milk').isChecked(), false);
  assert.equal(await undo(host, 'Buy milk').count(), 0);
  await box(host, 'Buy milk').click({ force: true });
  assert.equal(host.calls.length, 1, 'it is not asked twice');
});

widget('a slow answer is said to be one, and still counts', {
  clock: '2026-11-27T09:00Z', tools: { complete_task: () => slowAnswer },
}, async (host) => {
  await host.result(sample.list);
  await box(host, 'Buy milk').click();
  await becomes(() => host.calls.length, 1);
  await host.page.clock.runFor(8_000);
  await host.row('Buy milk').getByText('Still waiting for an answer…').waitFor();
  answerSlowly(sample.changed('completed', { change_id: 9 }));
  await undo(host, 'Buy milk').waitFor();
  assert.equal(await host.widget.getByText('Still waiting').count(), 0);
});
const [slowAnswer, answerSlowly] = later();

let refuseRest = true;
widget('the rest of a long list', {
  tools: {
    list_tasks: () => {
      if (refuseRest) throw new Error('busy');
      return { content: [], structuredContent: sample.lastPage };
    },
  },
}, async (host) => {
  await host.result(sample.page, { query: 'a', limit: 2 });
  await host.widget.getByRole('button', { name: 'Show 1 more' }).click();
  const again = host.widget.getByRole('button', { name: 'Try again' });
  await again.waitFor();
  refuseRest = false;
  await again.click();
  await host.row('Pay rent').waitFor();
  assert.deepEqual(host.calls.at(-1), ['list_tasks', { query: 'a', limit: 2, cursor: 'after-7' }]);
  assert.equal(await host.widget.getByRole('listitem').count(), 3);
  await becomes(() => again.count(), 0);
  await becomes(() => box(host, 'Pay rent').evaluate((one) => one === document.activeElement), true);
});

widget('poisoned titles are text, and fit at 320', { viewport: { width: 320, height: 600 } }, async (host) => {
  await host.result(sample.poisoned);
  await host.row('Picnic').waitFor();
  const titles = await host.widget.locator('.title').allTextContents();
  assert.deepEqual(titles, sample.poisoned.tasks.map((task) => task.title));
  const known = await host.widget.locator('.facts bdi').allTextContents();
  assert.deepEqual(known, sample.poisoned.tasks.flatMap((task) => [task.project, ...task.tags]));
  assert.equal(await host.widget.locator('main :is(img, script, b)').count(), 0);
  const width = await host.widget.evaluate(() => [document.documentElement, document.querySelector('main')].map((one) => one.scrollWidth));
  assert.deepEqual(width, [320, 320]);
  assert.equal(await host.row('الحليب').locator('.title').evaluate((one) => getComputedStyle(one).direction), 'rtl');
  // Twice the letters, as WCAG 1.4.4 has it.
  await host.result(sample.list);
  await host.row('Pay rent').waitFor();
  await host.widget.evaluate(() => { document.documentElement.style.fontSize = '200%'; });
  assert.equal(await host.widget.locator('main').evaluate((one) => one.scrollWidth), 320);
});

widget('light and dark follow the system, then the host', { colorScheme: 'dark' }, async (host) => {
  const ink = () => host.widget.evaluate(() => getComputedStyle(document.body).color);
  await host.result(sample.list);
  assert.equal(await ink(), 'rgb(236, 237, 239)');
  assert.deepEqual(await violations(host), []);
  host.bridge.setHostContext({ theme: 'light' });
  await becomes(ink, 'rgb(28, 27, 25)');
  assert.deepEqual(await violations(host), []);
  const variables = { '--color-text-primary': 'light-dark(#102030, #405060)', '--font-sans': 'Host Sans' };
  host.bridge.setHostContext({ theme: 'light', styles: { variables } });
  await becomes(ink, 'rgb(16, 32, 48)');
  assert.equal(await host.widget.evaluate(() => getComputedStyle(document.body).fontFamily), '"Host Sans"');
  assert.equal(await host.widget.evaluate(() => getComputedStyle(document.body).backgroundColor), 'rgba(0, 0, 0, 0)');
});

widget('the theme that the host begins with', { colorScheme: 'light', context: { theme: 'dark' } }, async (host) => {
  await host.result(sample.overview);
  await becomes(() => host.widget.evaluate(() => getComputedStyle(document.body).color), 'rgb(236, 237, 239)');
});

widget('its height is told, and ends at 500 until the host gives more or less', { context: { displayMode: 'inline' } }, async (host) => {
  const height = () => host.sizes.at(-1)?.height;
  await host.result(sample.nothing);
  await becomes(() => height() > 80 && height() < 160, true);
  await host.result(sample.list);
  await becomes(height, 500);
  assert.equal(await host.widget.locator('main').evaluate((one) => one.scrollHeight > one.clientHeight), true);
  host.bridge.setHostContext({ containerDimensions: { maxHeight: 300 } });
  await becomes(height, 300);
  host.bridge.setHostContext({ containerDimensions: { maxHeight: 4000 } });
  await becomes(height, 500);
  for (const context of [{ displayMode: 'fullscreen' }, { containerDimensions: { height: 580 } }]) {
    const told = host.sizes.length;
    host.bridge.setHostContext(context);
    await becomes(() => host.widget.locator('body').getAttribute('class'), 'fill');
    await host.page.evaluate(() => { document.querySelector('iframe').style.height = '580px'; });
    await becomes(() => host.widget.evaluate(() => document.body.offsetHeight), 580);
    assert.equal(host.sizes.length, told);
    host.bridge.setHostContext({ displayMode: 'inline', containerDimensions: {} });
    await becomes(() => host.sizes.length, told + 1);
    assert.equal(height(), 500);
  }
});

const [never] = later();
widget('with reduced motion nothing turns', { reducedMotion: 'reduce', tools: { complete_task: () => never } }, async (host) => {
  await host.result(sample.list);
  await box(host, 'Buy milk').click();
  await becomes(() => host.row('Buy milk').getAttribute('aria-busy'), 'true');
  assert.equal(await box(host, 'Buy milk').evaluate((one) => getComputedStyle(one, '::before').animationName), 'none');
});

widget('a message that is not from the host is not heard', {}, async (host) => {
  await host.result(sample.page);
  await host.row('Buy milk').waitFor();
  await host.widget.evaluate(() => {
    const data = { jsonrpc: '2.0', method: 'ui/notifications/tool-cancelled', params: {} };
    dispatchEvent(new MessageEvent('message', { source: window, data }));
  });
  assert.equal(await host.row('Buy milk').count(), 1);
});

/** Takes any result. */
const any = { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } };
