/**
 * What is done by a key less often, and what every action is called.
 * @module
 */
import { fire, load, send, state, submit, visit } from './core.js';
import { ask, bulk, byId, chosen, current, hands, link, number, pick, rows } from './list.js';

const root = document.documentElement;
const go = (/** @type {string} */ path) => () => visit(path);
const chat = (/** @type {string} */ name) => () => load('chat').then((chat) => chat[name](), go('/assistant'));
const hand = (/** @type {string} */ name, /** @type {number} */ by = 0) => () => hands().then((hands) => (by ? hands[name](by) : hands[name]()));
const palette = (/** @type {string} */ name) => () => load('palette').then((palette) => palette[name](current()));
const rank = (/** @type {number} */ n) => () => bulk(`priority=${n}`);

/** @param {string} theme */
const theme = (theme) => () => {
  root.dataset.theme = theme;
  send('/settings/look', { method: 'POST', body: new URLSearchParams({ csrf: state.csrf, theme }) });
};

/** @param {string} way */
const change = (way) => () => {
  const form = document.createElement('form');
  form.method = 'post';
  form.action = `/changes/last/${way}`;
  for (const [name, value] of [['csrf', state.csrf], ['back', location.pathname + location.search]]) {
    form.append(Object.assign(document.createElement('input'), { name, value }));
  }
  submit(form);
};

/** Goes on to the next part of the page. */
function part() {
  const parts = ['lists', 'tasks', 'detail', 'assistant'].map(byId).filter((part) => part?.checkVisibility());
  const at = parts.findIndex((part) => part?.contains(document.activeElement));
  const next = parts[(at + 1) % parts.length];
  const row = next?.id === 'tasks' ? current() : null;
  const into = row ? link(row) : next?.querySelector('a, button:not([hidden]), textarea') ?? next;
  /** @type {HTMLElement | null | undefined} */ (into)?.focus();
}

/** Picks the rows of the group that has the focus. */
function group() {
  const list = rows();
  const group = (current() ?? list[0])?.closest('.group');
  for (const row of list) if (row.closest('.group') === group) pick(row, true);
}

/** Between the list and the assistant. */
function across() {
  const row = current();
  if (document.activeElement?.closest('#assistant')) (row ? link(row) : byId('tasks'))?.focus();
  else chat('ask')();
}

/**
 * What each action is called, and what it does where keys.js does not do it.
 * @type {Record<string, [string, (() => void)?]>}
 */
export const actions = {
  add: ['Add a task', () => load('capture').then((capture) => capture.capture(), go('/add'))],
  search: ['Search', () => byId('filter')?.focus()],
  palette: ['Command palette', palette('palette')],
  assistant: ['Assistant', chat('ask')],
  stop: ['Stop the assistant', chat('stop')],
  across: ['List or assistant', across],
  next: ['Next task'],
  previous: ['Previous task'],
  extend: ['Select down'],
  back: ['Select up'],
  group: ['Select the group', group],
  open: ['Open', () => chosen()[0] && link(chosen()[0]).click()],
  done: ['Complete or reopen'],
  edit: ['Edit title', hand('edit')],
  schedule: ['Schedule', () => ask('p-due')],
  repeat: ['Repeat', () => ask('p-repeat')],
  p1: ['Priority 1', rank(1)],
  p2: ['Priority 2', rank(2)],
  p3: ['Priority 3', rank(3)],
  p4: ['No priority', rank(4)],
  priority: ['Priority', () => ask('p-priority')],
  label: ['Label', () => ask('p-label')],
  move: ['Move to project', () => ask('p-project')],
  up: ['Move up', hand('nudge', -1)],
  down: ['Move down', hand('nudge', 1)],
  select: ['Select'],
  about: ['Ask about it', () => fire('sayso:ask', { about: chosen().map((row) => Number(number(row))) })],
  delete: ['Delete'],
  menu: ['Menu of the task', palette('menu')],
  undo: ['Undo', change('undo')],
  redo: ['Redo', change('redo')],
  today: ['Today', go('/')],
  upcoming: ['Upcoming', go('/upcoming')],
  inbox: ['Inbox', go('/inbox')],
  all: ['All', go('/all')],
  finished: ['Done', go('/done')],
  projects: ['Projects', () => /** @type {HTMLElement | null} */ (document.querySelector('#lists [href^="/projects"]'))?.focus()],
  activity: ['Activity', go('/activity')],
  dark: ['Dark', theme('dark')],
  light: ['Light', theme('light')],
  system: ['As the system', theme('system')],
  keys: ['Keyboard shortcuts', palette('sheet')],
  part: ['Next part of the page', part],
  out: ['Close'],
};

/** What can be done about a task, in the order of a menu. */
export const ABOUT_TASKS = 'open done edit schedule repeat priority label move up down select about delete'.split(' ');

/** @param {string} name */
export const run = (name) => actions[name]?.[1]?.();
