// Every view at every width, in the look that is named on the command line (all of them without): axe finds nothing, and
// nothing is wider than the screen.
import assert from 'node:assert/strict';
import { house, LOOKS, WIDTHS } from './house.mjs';

/** @import { Look, Person } from './house.mjs' */

const looks = LOOKS.filter((look) => !process.argv[2] || look === process.argv[2]);
const { test } = house();

/** An account with something of everything. @param {Person} person */
async function furnish(person) {
  const day = (/** @type {number} */ offset) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);
  const [passport, report] = await person.has(
    { title: 'Renew passport', due: day(-8), project: 'Home', description: 'Photos are in the drawer.' },
    { title: 'Draft report', due: day(0), priority: 'high', project: 'Work', tags: ['writing'] },
    { title: 'Pay rent', due: day(0), priority: 'medium', repeat: 'FREQ=MONTHLY' },
    { title: 'Water plants', repeat: 'FREQ=DAILY;INTERVAL=7', repeat_mode: 'completion', due: day(1) },
    { title: 'Compare insurances', due: day(200), priority: 'low', tags: ['money', 'errand'] },
    { title: 'Buy milk' }, { title: 'Reply to landlord' }, { title: 'Old thing' },
  );
  await person.api('PATCH', `/tasks/${(await person.task('Reply to landlord')).id}/complete`);
  await person.api('DELETE', `/tasks/${(await person.task('Old thing')).id}`);
  return { passport, report };
}

for (const look of looks) {
  for (const width of WIDTHS) {
    test(`every view at ${width} in ${look}`, { width, look, path: null }, async (visit, person) => {
      const { report } = await furnish(person);
      await person.say('delete everything');
      const [project] = await person.api('GET', '/projects');
      /** @type {Record<string, string[]>} */
      const found = {};
      for (const path of [
        '/', '/upcoming', '/inbox', '/all', '/done', '/trash', `/projects/${project.id}`, '/labels/errand', '/search?filter=overdue',
        '/search?filter=nothing', `/all?task=${report.id}`, '/assistant', '/assistant/history', '/activity', '/proposals', '/settings',
        '/account', '/help', '/add?text=call+mum+tomorrow', '/trash/empty',
      ]) {
        await visit.go(path);
        const here = [...await visit.violations(), ...await visit.wider()];
        if (here.length > 0) found[path] = here;
      }
      assert.deepEqual(found, {});
    });
  }
}
