// The page of somebody whose browser runs no scripts.
import { becomes, house, LOOKS, WIDTHS } from './house.mjs';

const { test } = house();

test('smoke', { scripts: false }, async (visit) => {
  await visit.capture.fill('call bank tomorrow 3pm');
  await visit.add.click();
  await visit.go('/?view=all');
  await becomes(() => visit.titles(), ['Call bank']);
});
test('smoke2', { width: 390, look: 'forced' }, async (visit) => {
  await visit.capture.fill('call bank tomorrow 3pm');
  await visit.add.click();
  await visit.go('/?view=all');
  await becomes(() => visit.titles(), ['Call bank']);
  await visit.isAccessible();
});
