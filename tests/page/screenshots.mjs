// Takes the pictures of docs/images: `cargo build --release && SAYSO=../../target/release/sayso node screenshots.mjs`.
// They are made smaller by pngquant where it is installed.
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { House } from './house.mjs';

/** @import { Person, Visit } from './house.mjs' */

const FOLDER = fileURLToPath(new URL('../../docs/images/', import.meta.url));

/** A week of somebody's. @param {Person} person */
async function live(person) {
  await person.api('PATCH', '/settings', { time_zone: 'Europe/Berlin' });
  for (const line of [
    'standup every weekday at 9:30 #Work', 'draft report today p2 +Work @writing', 'pay rent every month on the 1st p1 +Home',
    'water plants every! 7 days +Home', 'call Priya about the trip today 18:00 @phone', 'send the invoice tomorrow 11:00 +Work p2',
    'book flights to Lisbon in 5 days @trip', 'dentist in 9 days 10:15', 'buy a birthday present for Leo in 3 days @errand',
    'compare insurances in 3 weeks @money', 'sort the photos of the summer', 'read "The 5th Wave"', 'fix the kitchen tap +Home',
  ]) {
    const { task } = await person.api('POST', '/parse', { text: line });
    await person.api('POST', '/tasks', task);
  }
  const day = (/** @type {number} */ offset) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);
  await person.has(
    { title: 'Renew passport', due: day(-8), project: 'Home', description: 'Photos are in the drawer.' },
    { title: 'Reply to landlord', due: day(-2), tags: ['mail'] },
  );
}

/** @type {Record<string, (visit: Visit) => Promise<unknown>>} */
const scenes = {
  today: (visit) => visit.go('/'),
  async capture(visit) {
    await visit.go('/');
    if (!(await visit.capture.isVisible())) await visit.page.getByRole('link', { name: 'Add', exact: true }).or(visit.page.getByRole('button', { name: 'Add', exact: true })).last().click();
    await visit.capture.fill('call bank fri 3pm +Home p1 @phone');
    await visit.chips.getByRole('listitem').nth(3).waitFor();
  },
  async receipt(visit) {
    await visit.go('/');
    await visit.openAssistant();
    await visit.tell('move the overdue tasks to friday');
    await visit.receipts.last().waitFor();
  },
  async approval(visit) {
    await visit.go('/');
    await visit.openAssistant();
    await visit.tell('delete all tasks in Home');
    await visit.assistant.getByRole('button', { name: /^Approve/ }).waitFor();
  },
  settings: (visit) => visit.go('/settings'),
  empty: (visit) => visit.go('/'),
};

mkdirSync(FOLDER, { recursive: true });
const house = await House.open();
for (const look of /** @type {const} */ (['light', 'dark'])) {
  for (const width of [1440, 390]) {
    for (const [name, scene] of Object.entries(scenes)) {
      const person = await house.person();
      if (name !== 'empty') await live(person);
      const visit = await person.visit({ width, look, path: null });
      const path = `${FOLDER}${name}-${width}-${look}.png`;
      try {
        await scene(visit);
        await visit.page.evaluate(() => new Promise((done) => requestIdleCallback(done, { timeout: 1_000 })));
        await visit.page.mouse.move(0, 0);
        await visit.page.screenshot({ path });
        visit.isQuiet();
      } catch (error) {
        console.error(`${name} at ${width} in ${look}: ${error}`);
        process.exitCode = 1;
      }
      await person.leave();
      try {
        execFileSync('pngquant', ['--force', '--skip-if-larger', '--output', path, '64', path], { stdio: 'ignore' });
      } catch {
        // Without it they are larger, and the same to look at.
      }
    }
  }
}
await house.close();
