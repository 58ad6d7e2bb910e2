// Answers of our tools, as `list_tasks` and `get_overview` give them.
const now = '2026-11-27T10:00:00+01:00';
const timezone = 'Europe/Berlin';

function task(id, title, rest = {}) {
  return { id, title, status: rest.completed ? 'completed' : 'pending', completed: false, ...rest };
}

const passport = task(3, 'Renew passport', { due_date: '2026-11-23', priority: 'high', project: 'Home' });
const landlord = task(4, 'Reply to landlord', { due_date: '2026-11-26', tags: ['mail'] });
const standup = task(5, 'Standup', {
  due_date: '2026-11-27', due_at: '2026-11-27T09:30:00+01:00', repeat: 'FREQ=DAILY', project: 'Work',
});
const dentist = task(6, 'Call the dentist', { due_date: '2026-11-27', due_at: '2026-11-27T15:00:00+01:00' });
const milk = task(7, 'Buy milk', { due_date: '2026-11-27', tags: ['shop', 'errand'] });
const report = task(8, 'Draft the quarterly report for the board and send it round for comments', {
  due_date: '2026-11-28', due_at: '2026-11-28T12:00:00+01:00', priority: 'medium', project: 'Work', tags: ['writing'],
});
const rent = task(9, 'Pay rent', { due_date: '2026-12-04', priority: 'low', repeat: 'FREQ=MONTHLY', project: 'Home' });
const insurance = task(10, 'Compare insurances', { due_date: '2027-01-15' });
const plants = task(11, 'Water plants', { repeat: 'FREQ=WEEKLY;INTERVAL=2' });
const invoice = task(12, 'Send the invoice', { completed: true, due_date: '2026-11-20', project: 'Work' });

export const list = {
  tasks: [passport, standup, milk, report, rent, insurance, plants, invoice], total: 8, now, timezone,
};
export const page = { tasks: [passport, milk], total: 3, next_cursor: 'after-7', now, timezone };
export const lastPage = { tasks: [rent], total: 3, now, timezone };
export const nothing = { tasks: [], total: 0, now, timezone };
export const overview = {
  date: '2026-11-27', overdue: [passport, landlord], today: [standup, dentist, milk], upcoming: [report, rent],
  counts: { open: 7, done: 1, done_today: 0 }, now, timezone,
};
export const quiet = { date: '2026-11-27', overdue: [], today: [], upcoming: [rent], counts: { open: 1, done: 0, done_today: 0 }, now, timezone };

const titles = [
  '<img src=x onerror="console.log(\'poisoned\')">',
  '<script>console.log("poisoned")</script>',
  '&lt;b&gt; {{7*7}} ${7*7} javascript:alert(1)',
  'Supercalifragilistic'.repeat(25),
  'اشترِ الحليب قبل يوم الجمعة',
  'Turned \u202Eround\u202C and back',
  '👩‍👩‍👧‍👦 Picnic 🧺',
];
export const poisoned = {
  tasks: titles.map((title, at) => task(20 + at, title, { project: title.slice(0, 60), tags: [title.slice(0, 40)] })),
  total: titles.length, now, timezone,
};

/** The answer to a change of Buy milk. */
export function changed(status, rest = {}) {
  const written = { task_id: 7, status, title: milk.title, task: { ...milk, completed: status === 'completed' }, ...rest };
  return { content: [{ type: 'text', text: 'In words.' }], structuredContent: written };
}
