// A date is the same day all the way: in the chip, in what is stored, and in the row. The server's clock is the real one; every
// weekday, change of clocks and minute around midnight is asked in `next_friday_…` of the language and of the server.
import assert from 'node:assert/strict';
import { becomes, house } from './house.mjs';

const { test } = house();

/** A date as rows and chips say it, this year or another. @param {string} date @param {number} thisYear */
function said(date, thisYear) {
  const day = new Date(`${date}T00:00Z`);
  const part = (/** @type {Intl.DateTimeFormatOptions} */ options) => day.toLocaleDateString('en-GB', { timeZone: 'UTC', ...options });
  const year = day.getUTCFullYear() === thisYear ? '' : ` ${day.getUTCFullYear()}`;
  return `${part({ weekday: 'short' })} ${day.getUTCDate()} ${part({ month: 'short' }).slice(0, 3)}${year}`;
}

for (const zone of ['Pacific/Pago_Pago', 'Asia/Kolkata', 'Pacific/Tongatapu', 'Pacific/Kiritimati']) {
  test(`next friday in ${zone}`, { path: null }, async (visit, person) => {
    await person.api('PATCH', '/settings', { time_zone: zone });
    const line = 'ring Ben next friday';
    const here = new Date().toLocaleDateString('en-CA', { timeZone: zone });
    const { task } = await person.api('POST', '/parse', { text: line });
    // The Friday of the week after this one.
    const today = new Date(`${here}T00:00Z`);
    const friday = new Date(today.getTime() + (11 - ((today.getUTCDay() + 6) % 7)) * 86_400_000).toISOString().slice(0, 10);
    assert.equal(task.due, friday);

    const words = said(friday, today.getUTCFullYear());
    await visit.go('/upcoming');
    await visit.capture.fill(line);
    await visit.chips.getByText(words).first().waitFor();
    await visit.capture.press('Enter');
    const row = visit.row('Ring Ben');
    await row.waitFor();
    assert.equal((await person.task('Ring Ben')).due_date, friday);
    // The day is said by the row, or once for all of a day.
    const day = row.locator('xpath=ancestor::section');
    await becomes(async () => (await day.textContent())?.includes(words), true);
  });
}
