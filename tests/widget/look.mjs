// Takes pictures of the widget for a person to look at: node look.mjs FOLDER
import { join } from 'node:path';
import { launch, open } from './host.mjs';
import * as sample from './sample.mjs';

const folder = process.argv[2];
if (!folder) throw new Error('usage: node look.mjs FOLDER');

/** One task of each end: refused, completed, waiting for a yes, and not answered. */
const answers = {
  3: () => ({ content: [{ type: 'text', text: 'conflict: It has changed since; look at it again.' }], isError: true }),
  7: () => sample.changed('completed', { change_id: 1 }),
  9: () => sample.changed('waiting_for_approval'),
  10: () => new Promise(() => {}),
};
const tools = { complete_task: ({ task_id: id }) => answers[id]() };

async function use(host) {
  for (const title of ['Renew passport', 'Buy milk', 'Pay rent', 'Compare insurances']) {
    await host.row(title).getByRole('checkbox').click();
  }
  await host.row('Pay rent').getByText('Not done yet').waitFor();
  await host.page.mouse.move(0, 0);
}

const scenes = {
  list: [sample.list], used: [sample.list, use], page: [sample.page], nothing: [sample.nothing],
  overview: [sample.overview], quiet: [sample.quiet], poisoned: [sample.poisoned],
};
const browser = await launch();
for (const theme of ['light', 'dark']) {
  const context = { theme, styles: { variables: { '--font-sans': 'Roboto, sans-serif' } } };
  for (const width of [320, 390, 700]) {
    for (const [name, [result, action]] of Object.entries(scenes)) {
      const host = await open(browser, { tools, context, viewport: { width, height: 500 }, deviceScaleFactor: 2 });
      await host.page.evaluate((shown) => { document.body.className = shown; }, theme);
      await host.result(result);
      await host.widget.locator('main > :not(.late)').first().waitFor();
      await action?.(host);
      await host.widget.evaluate(() => new Promise(requestAnimationFrame));
      await host.page.screenshot({ path: join(folder, `${name}-${width}-${theme}.png`) });
      await host.close();
    }
  }
}
await browser.close();
