/**
 * What keys do. What is done often is done here; the rest is in commands.js, which loads when it is first needed.
 * @module
 */
import { closeTop, load, state } from './core.js';
import { bulk, chosen, current, pick, step, toggle, unpick } from './list.js';

/** The keys of each action; a later word is another way to the same. */
const KEYS =
  'add=q|n search=/ palette=mod+k assistant=c stop=mod+. across=mod+/ next=j|down previous=k|up extend=shift+down ' +
  'back=shift+up group=mod+a open=o|enter done=d|space edit=e schedule=s repeat=r p1=1 p2=2 p3=3 p4=4 label=l move=m up=alt+up ' +
  'down=alt+down select=x about=a delete=delete menu=. undo=u|mod+z redo=shift+u|mod+shift+z today=g+t upcoming=g+u ' +
  'inbox=g+i all=g+a finished=g+d projects=g+p activity=h dark=t+d light=t+l system=t+s keys=? part=f6 out=escape';
/** The letters that somebody has chosen, each after the usual one. */
const own = document.body.dataset.letters?.match(/../g) ?? [];
const all = KEYS.replace(/(?<=[=|](shift\+)?)[a-z](?=[ |+]|$)/g, (it) => own.find(([key]) => key === it)?.[1] ?? it);
/** @type {Map<string, string[]>} */
export const keys = new Map(all.split(' ').map((word) => {
  const [name, key] = word.split('=');
  return [name, key.split('|')];
}));

/** @type {Record<string, () => void>} */
const often = {
  next: () => step(1),
  previous: () => step(-1),
  extend: () => step(1, true),
  back: () => step(-1, true),
  done: () => toggle(),
  delete: () => bulk('delete'),
  select: () => chosen()[0] && pick(current() ?? chosen()[0]),
  out: () => closeTop() || unpick() || /** @type {HTMLElement | null} */ (document.querySelector('#detail .close'))?.click(),
};

/** @param {string} name */
export const run = (name) => (often[name] ? often[name]() : load('commands').then((commands) => commands.run(name)));

/** The first of two keys, while the second is waited for. */
let before = '';

addEventListener('keydown', (event) => {
  const { key } = event;
  const target = /** @type {Element} */ (event.target);
  if (event.defaultPrevented || event.isComposing) return;
  const mod = event.ctrlKey || event.metaKey;
  const low = key === ' ' ? 'space' : key.toLowerCase().replace('arrow', '');
  let word = low;
  if (event.shiftKey && (key.length > 1 || low !== key || mod)) word = `shift+${word}`;
  if (event.altKey) word = `alt+${word}`;
  if (mod) word = `mod+${word}`;
  const single = key.length === 1 && !mod;
  const typing = target.closest('input:not([type=checkbox], [type=radio]), textarea, select');
  const away = target.closest('dialog, [popover]:popover-open, #assistant');
  if (single && !state.keys) return;
  if ((typing || away) && !/^(mod\+[k./]|f6)$/.test(word) && !(word === 'escape' && !away)) return;
  if ((word === 'space' || word === 'enter') && target.closest('button, input, summary, a:not(.row a), .more')) return;
  if (word === 'enter' && target.closest('a')) return;
  const pair = before && `${before}+${word}`;
  before = '';
  const found = [...keys].find(([, words]) => words.includes(pair)) ?? [...keys].find(([, words]) => words.includes(word));
  if (found) {
    if (event.repeat && !/^(next|previous|extend|back|up|down)$/.test(found[0])) return;
    if (word === 'escape' && document.querySelector(':popover-open')) return;
    event.preventDefault();
    run(found[0]);
  } else if (single && [...keys.values()].flat().some((other) => other.startsWith(`${word}+`))) {
    before = word;
    setTimeout(() => (before = ''), 1500);
  }
});
