/**
 * Short Markdown as elements. What is no Markdown that we know, markup above all, stays the text that it is.
 * @module
 */

/** Code, bold, a link with words, a bare link. */
const INLINE = /\x60([^\x60]+)\x60|\*\*([^*]+)\*\*|\[([^\]]+)\]\((https?:\/\/[^\s)]+)\)|(https?:\/\/[^\s<>"]*[^\s<>"'.,;:!?)])/;

const FENCE = /^\s*\x60{3}/;

/**
 * An element of this class, with these things in it.
 * @param {string} name
 * @param {string} kind
 * @param {(string | Node)[]} children
 */
export function make(name, kind, ...children) {
  const made = document.createElement(name);
  if (kind) made.className = kind;
  made.append(...children);
  return made;
}

/**
 * A link that says where it leads, whatever its words say.
 * @param {string} address
 * @param {string} words
 */
function link(address, words) {
  let host = '';
  try {
    host = new URL(address).host;
  } catch {
    return words;
  }
  const made = /** @type {HTMLAnchorElement} */ (make('a', '', words));
  made.href = address;
  made.rel = 'noopener noreferrer';
  made.target = '_blank';
  return words.includes(host) ? made : make('span', '', made, ` (${host})`);
}

/**
 * @param {string} text
 * @returns {(string | Node)[]}
 */
function inline(text) {
  const parts = [];
  for (let found = INLINE.exec(text); found; found = INLINE.exec(text)) {
    const [all, code, bold, words, address, bare] = found;
    parts.push(text.slice(0, found.index));
    if (code) parts.push(make('code', '', code));
    else if (bold) parts.push(make('b', '', ...inline(bold)));
    else parts.push(link(address ?? bare, words ?? bare));
    text = text.slice(found.index + all.length);
  }
  return [...parts, text];
}

/**
 * @param {string[]} lines
 */
function paragraph(lines) {
  const made = make('p', '');
  made.dir = 'auto';
  lines.forEach((line, n) => made.append(...(n ? [make('br', '')] : []), ...inline(line)));
  return made;
}

/**
 * @param {string} text
 * @returns {DocumentFragment}
 */
export function markdown(text) {
  const made = new DocumentFragment();
  /** @type {string[]} */
  let open = [];
  /** @type {HTMLElement | null} */
  let list = null;
  const close = () => {
    if (open.length) made.append(paragraph(open));
    open = [];
    list = null;
  };
  const lines = text.split('\n');
  for (let n = 0; n < lines.length; n++) {
    const line = lines[n];
    const item = /^\s*(?:([-*•])|(\d+)[.)])\s+(.*)/.exec(line);
    const heading = /^#{1,6}\s+(.*)/.exec(line);
    if (FENCE.test(line)) {
      close();
      const end = lines.findIndex((other, at) => at > n && FENCE.test(other));
      const code = lines.slice(n + 1, end < 0 ? undefined : end);
      made.append(make('pre', '', code.join('\n')));
      n = end < 0 ? lines.length : end;
    } else if (item) {
      const name = item[1] ? 'UL' : 'OL';
      if (list?.tagName !== name) {
        close();
        list = make(name, '');
        if (item[2]) /** @type {HTMLOListElement} */ (list).start = Number(item[2]);
        made.append(list);
      }
      list.append(make('li', '', ...inline(item[3])));
    } else if (heading) {
      close();
      made.append(make('p', '', make('b', '', ...inline(heading[1]))));
    } else if (line.trim()) {
      if (list) close();
      open.push(line);
    } else {
      close();
    }
  }
  close();
  return made;
}
