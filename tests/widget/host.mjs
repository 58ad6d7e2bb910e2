// A host of MCP Apps: the official host side (`AppBridge`) here, and in Chromium a page with the widget in a sandboxed frame
// whose policy is the strictest a host may set. The page only carries messages between the two. There is no network: what
// the browser asks for is answered here or refused, and written down.
import { accessSync, constants, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { AppBridge } from '@modelcontextprotocol/ext-apps/app-bridge';
import { chromium } from 'playwright-core';

const WIDGET = new URL('../../crates/mcp/src/widget.html', import.meta.url);
const POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";
const PAGE = `<!doctype html><meta name="viewport" content="width=device-width"><title>Host</title><style>
  body { margin: 0; background: #fff } body.dark { color-scheme: dark; background: #1c1e23 }
  iframe { display: block; width: 100%; height: 20px; border: 0 }
</style>
<script>addEventListener('message', ({ source, data }) => { if (source === frames[0]) toBridge(data) })</script>
<iframe src="http://widget.test/" sandbox="allow-scripts"></iframe>`;

export function launch() {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const found = folders.map((folder) => join(folder, 'chromium')).find(runs);
  if (!found) throw new Error('chromium is needed on the PATH');
  return chromium.launch({ executablePath: found });
}

function runs(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Opens the widget. `tools` answers its calls: a function of the arguments for each tool, which may throw as a host does that
 * refuses. `context` is the host context, `clock` the time in the browser, for `page.clock`; the rest goes to the
 * browser (`viewport`, `colorScheme`, …).
 */
export async function open(browser, { tools = {}, context = {}, clock, ...options } = {}) {
  const browsing = await browser.newContext({ viewport: { width: 390, height: 600 }, ...options });
  const page = await browsing.newPage();
  page.setDefaultTimeout(5_000);
  if (clock) await page.clock.install({ time: clock });
  const host = { page, console: [], requests: [], messages: [], sizes: [], calls: [] };
  page.on('console', (message) => host.console.push(message.text()));
  page.on('pageerror', (error) => host.console.push(String(error)));
  await page.route('**', (route) => {
    const url = route.request().url();
    host.requests.push(url);
    if (url === 'http://host.test/') return route.fulfill({ contentType: 'text/html', body: PAGE });
    if (url !== 'http://widget.test/') return route.abort();
    const headers = { 'content-security-policy': POLICY };
    return route.fulfill({ contentType: 'text/html', headers, body: readFileSync(WIDGET, 'utf8') });
  });

  const bridge = new AppBridge(null, { name: 'test-host', version: '1' }, { serverTools: {} }, { hostContext: context });
  bridge.oncalltool = async ({ name, arguments: args }) => {
    host.calls.push([name, args]);
    if (!tools[name]) throw new Error(`this host allows no ${name}`);
    return tools[name](args);
  };
  bridge.onsizechange = async (size) => {
    // At the end of a test the page may be gone.
    await page.evaluate((height) => { document.querySelector('iframe').style.height = `${height}px`; }, size.height).catch(() => {});
    host.sizes.push(size);
  };
  const initialized = new Promise((resolve, reject) => {
    bridge.oninitialized = resolve;
    setTimeout(reject, 10_000, new Error('the widget has not said that it is initialized')).unref();
  });
  const transport = {
    start: async () => {},
    close: async () => {},
    send: (message) => page.evaluate((sent) => frames[0].postMessage(sent, '*'), message),
  };
  await page.exposeBinding('toBridge', (_, message) => {
    host.messages.push(message);
    transport.onmessage(message);
  });
  await bridge.connect(transport);
  await page.goto('http://host.test/');
  await initialized;

  host.bridge = bridge;
  host.widget = page.frames()[1];
  host.close = () => browsing.close();
  /** Shows what a tool answered, as the host does after a call of the model. */
  host.result = async (structuredContent, args = {}) => {
    await bridge.sendToolInput({ arguments: args });
    await bridge.sendToolResult({ content: [{ type: 'text', text: 'In words.' }], structuredContent });
  };
  host.row = (title) => host.widget.getByRole('listitem').filter({ hasText: title });
  return host;
}
