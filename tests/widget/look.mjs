// Takes pictures of the widget for a person to look at: node look.mjs FOLDER
import { join } from 'node:path';
import { launch, open } from './host.mjs';
import * as sample from './sample.mjs';

const folder = process.argv[2];
if (!folder) throw new Error('usage: node look.mjs FOLDER');
const browser = await launch();
const refused = { content: [{ type: 'text', text: 'not_found: There is no task 3. Call list_tasks to see valid ids.' }], isError: true };
const tools = {
  complete_task: ({ task_id: id }) => ({
    3: () => refused,
    7: () => sample.changed('completed', { change_id: 1 }),
    9: () => sample.changed('waiting_for_approval'),
  })[id]?.() ?? new Promise(() => {}),
};
for (const theme of ['light', 'dark']) {
  for (const width of [320, 390, 700]) {
    for (const name of ['list', 'overview', 'poisoned', 'nothing', 'quiet', 'page', 'used']) {
      const host = await open(browser, { tools, context: { theme, styles: { variables: { '--font-sans': 'Roboto, sans-serif' } } }, viewport: { width, height: 500 }, deviceScaleFactor: 2 });
      await host.page.evaluate((dark) => document.body.classList.toggle('dark', dark), theme === 'dark');
      await host.result(sample[name] ?? sample.list);
      if (name === 'used') {
        for (const title of ['Renew passport', 'Buy milk', 'Pay rent', 'Compare insurances']) {
          await host.row(title).getByRole('checkbox').click();
        }
        await host.row('Pay rent').getByText('Not done yet').waitFor();
        await host.page.mouse.move(0, 0);
      } else {
        await host.widget.locator('main > :not(.late)').first().waitFor();
      }
      await host.widget.evaluate(() => new Promise(requestAnimationFrame));
      await host.page.screenshot({ path: join(folder, `${name}-${width}-${theme}.png`) });
      if (host.console.length) console.log(name, width, theme, host.console);
      await host.close();
    }
  }
}
await browser.close();
