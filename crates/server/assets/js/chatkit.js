/**
 * ChatKit's front end on a page of its own. All of it comes from its maker's server; where that does not come, or does not know
 * this server's name, our own assistant is there.
 */

const SCRIPT = 'https://cdn.platform.openai.com/deployments/chatkit/chatkit.js';
/** How long it may take until it can be used. */
const WAIT_MS = 10_000;
/** Where the thread that is open is kept, so that it is there again after a reload. */
const THREAD = 'chatkit.thread';

/** @type {any} ChatKit's element, of which nothing is known before its script is there. */
const chat = document.getElementById('chat');

function elsewhere() {
  location.replace('/assistant');
}

const late = setTimeout(elsewhere, WAIT_MS);
chat.addEventListener('chatkit.ready', () => clearTimeout(late));
// If this server's name is not on the list of the domain key's owner, the element takes itself away and says nothing.
new MutationObserver(() => {
  if (!chat.isConnected) elsewhere();
}).observe(document.body, { childList: true, subtree: true });

chat.addEventListener('chatkit.thread.change', (/** @type {CustomEvent<{ threadId: string | null }>} */ { detail }) => {
  if (detail.threadId) sessionStorage.setItem(THREAD, detail.threadId);
  else sessionStorage.removeItem(THREAD);
});

/** @type {typeof fetch} */
const send = async (url, init) => {
  const response = await fetch(url, init);
  // The session is over. The way back leads here.
  if (response.status === 401) location.reload();
  return response;
};

customElements.whenDefined('openai-chatkit').then(() => {
  chat.setOptions({
    api: { url: '/chatkit', domainKey: chat.dataset.key, fetch: send },
    theme: matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light',
    initialThread: sessionStorage.getItem(THREAD),
    history: { enabled: true, showDelete: true, showRename: true },
    startScreen: {
      greeting: 'Ask or tell',
      prompts: [
        { label: 'Show my tasks', prompt: 'show my tasks' },
        { label: 'What is due today?', prompt: 'what is due today?' },
      ],
    },
    threadItemActions: { retry: true },
    composer: { placeholder: 'Ask or tell' },
  });
});

const script = Object.assign(document.createElement('script'), { src: SCRIPT, async: true });
script.addEventListener('error', elsewhere);
document.head.append(script);
