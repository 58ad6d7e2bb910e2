// The page with ChatKit's front end in a real browser: node page.mjs ORIGIN LINK. Exits with 1 and what was wrong.
//
// What comes from OpenAI comes from here, or does not come: there is no network. LINK signs somebody in, once.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import axe from 'axe-core';
import ts from 'typescript';
import { launch } from '../widget/host.mjs';

const [origin, link] = process.argv.slice(2);
const CDN = 'https://cdn.platform.openai.com/';

/** What stands for the real thing: an element that styles itself, opens a frame, and asks whether the server is known. */
const STAND_IN = `
  customElements.define('openai-chatkit', class extends HTMLElement {
    async setOptions(options) {
      this.options = options;
      const style = document.createElement('style');
      style.textContent = 'openai-chatkit iframe { width: 100%; height: 100%; border: 0 }';
      const frame = document.createElement('iframe');
      frame.title = 'Chat';
      frame.src = '${CDN}frame.html';
      this.append(style, frame);
      await fetch('https://api.openai.com/verify');
      if (!stand.ready) return;
      if (stand.known) this.dispatchEvent(new CustomEvent('chatkit.ready'));
      else this.remove();
    }
  });`;

let browser;
let cookies;
before(async () => {
  browser = await launch();
  const browsing = await browser.newContext();
  const page = await browsing.newPage();
  await page.goto(origin + link);
  cookies = await browsing.cookies();
  await browsing.close();
});
after(() => browser?.close());

/** The page, with somebody signed in, and what the world says: `script` to the request for the script. */
async function open({ script = 'comes', ready = true, known = true, signedIn = true } = {}) {
  const browsing = await browser.newContext();
  if (signedIn) await browsing.addCookies(cookies);
  const page = await browsing.newPage();
  page.setDefaultTimeout(5_000);
  await page.clock.install();
  await page.addInitScript((stand) => { globalThis.stand = stand; }, { ready, known });
  const complaints = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.route((url) => url.origin !== origin, (route) => {
    const url = route.request().url();
    if (url.startsWith('https://api.openai.com/')) {
      return route.fulfill({ status: 200, headers: { 'access-control-allow-origin': '*' }, body: '{}' });
    }
    assert.ok(url.startsWith(CDN), `nothing else is asked for: ${url}`);
    if (url.endsWith('frame.html')) return route.fulfill({ contentType: 'text/html', body: '<title>Chat</title>' });
    if (script === 'fails') return route.abort();
    return script === 'comes' && route.fulfill({ contentType: 'text/javascript', body: STAND_IN });
  });
  await page.goto(`${origin}/chatkit`, { waitUntil: 'commit' });
  return { page, complaints, close: () => browsing.close() };
}

function shows(name, options, body) {
  test(name, { timeout: 60_000 }, async () => {
    const opened = await open(options);
    try {
      await body(opened);
    } finally {
      await opened.close();
    }
  });
}

const options = (page) => page.waitForFunction(() => document.getElementById('chat')?.options);

shows('the front end is there, and nothing stands in its way', {}, async ({ page, complaints }) => {
  await (await options(page)).dispose();
  await page.frameLocator('iframe').locator(':root').waitFor({ state: 'attached' });
  const { height } = await page.locator('#chat').boundingBox();
  assert.ok(height > 400, `it has a height: ${height}`);
  // Whoever has loaded it keeps it, however long that took.
  await page.clock.fastForward(60_000);
  assert.equal(new URL(page.url()).pathname, '/chatkit');
  // The way by which everything is asked for here.
  const listed = await page.evaluate(async () => {
    const { api } = document.getElementById('chat').options;
    const headers = { 'content-type': 'application/json', 'chatkit-frame-instance-id': 'f1' };
    const body = JSON.stringify({ type: 'threads.list', params: { limit: 9999, order: 'desc' } });
    const response = await api.fetch(api.url, { method: 'POST', headers, body });
    return [response.status, await response.json()];
  });
  assert.deepEqual(listed, [200, { data: [], has_more: false }]);
  assert.deepEqual(complaints, []);
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => axe.run({ exclude: [['iframe']] }));
  assert.deepEqual(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)]), []);
});

shows('every option is one that the official types know', {}, async ({ page }) => {
  // One that is unknown keeps the whole front end from showing.
  const given = await page.evaluate((handle) => JSON.stringify(handle), await options(page));
  const program = `import type { ChatKitOptions } from '@openai/chatkit';\n` +
    `const given: ChatKitOptions = ${given.replace('"domainKey"', 'fetch, "domainKey"')};`;
  assert.deepEqual(complaintsAbout(program), []);
  assert.notDeepEqual(complaintsAbout(program.replace('"history"', '"hystory"')), [], 'it finds what is wrong');
  assert.equal(JSON.parse(given).api.domainKey, 'local-dev');
});

shows('the thread that was open is open again', {}, async ({ page }) => {
  const thread = async () => page.evaluate(({ initialThread }) => initialThread, await options(page));
  const change = (threadId) => page.evaluate((threadId) => {
    const event = new CustomEvent('chatkit.thread.change', { detail: { threadId } });
    document.getElementById('chat').dispatchEvent(event);
  }, threadId);
  assert.equal(await thread(), null);
  await change('thr_7');
  await page.reload({ waitUntil: 'commit' });
  assert.equal(await thread(), 'thr_7');
  await change(null);
  await page.reload({ waitUntil: 'commit' });
  assert.equal(await thread(), null);
});

shows('without its script our own assistant is there', { script: 'fails' }, async ({ page }) => {
  await page.waitForURL(`${origin}/assistant`, { waitUntil: 'commit' });
});

shows('when nothing comes, for no longer than ten seconds', { script: 'hangs' }, async ({ page }) => {
  await page.locator(`script[src^="${CDN}"]`).waitFor({ state: 'attached' });
  await page.clock.runFor(9_000);
  assert.equal(new URL(page.url()).pathname, '/chatkit');
  await page.clock.runFor(2_000);
  await page.waitForURL(`${origin}/assistant`, { waitUntil: 'commit' });
});

shows('and when it is there but does not begin', { ready: false }, async ({ page }) => {
  await (await options(page)).dispose();
  await page.clock.runFor(11_000);
  await page.waitForURL(`${origin}/assistant`, { waitUntil: 'commit' });
});

shows('where this server is not known it takes itself away, and our own is there', { known: false }, async ({ page }) => {
  await page.waitForURL(`${origin}/assistant`, { waitUntil: 'commit' });
});

shows('whoever is not signed in is asked to', { signedIn: false }, async ({ page }) => {
  await page.getByLabel('Password').waitFor();
});

/** What the compiler finds wrong with a program. */
function complaintsAbout(text) {
  const name = new URL('given.ts', import.meta.url).pathname;
  const settings = { strict: true, noEmit: true, module: ts.ModuleKind.NodeNext, skipLibCheck: true, types: [] };
  const host = ts.createCompilerHost(settings);
  const { getSourceFile, fileExists, readFile } = host;
  host.fileExists = (file) => file === name || fileExists(file);
  host.readFile = (file) => (file === name ? text : readFile(file));
  host.getSourceFile = (file, ...rest) =>
    file === name ? ts.createSourceFile(file, text, ts.ScriptTarget.ESNext, true) : getSourceFile(file, ...rest);
  const diagnostics = ts.getPreEmitDiagnostics(ts.createProgram([name], settings, host));
  return diagnostics.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}
