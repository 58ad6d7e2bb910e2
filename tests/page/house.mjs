// A house for one file of tests: the real server on a database of its own, a browser, and people who come and go. Each test
// gets somebody new, and ends with an empty console, no error, no failed request and no request to anybody else.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test as run } from 'node:test';
import axe from 'axe-core';
import { chromium } from 'playwright-core';

/** @import { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from 'playwright-core' */
/** @typedef {'light' | 'dark' | 'forced'} Look */
/** @typedef {{ width?: number, height?: number, look?: Look, scripts?: boolean, worker?: boolean, path?: string | null }} View */
/** @typedef {{ model?: boolean, settings?: Record<string, string> }} Needs */
/** @typedef {Record<string, unknown> & { title: string }} Task What `POST /api/tasks` takes. */

/** @type {Look[]} */
export const LOOKS = ['light', 'dark', 'forced'];
export const WIDTHS = [1440, 820, 390, 320];
/** Each width once, and each look: for what one does, which no colour changes. What is seen is tried with all of both. */
export const SCREENS = /** @type {const} */ ([
  { width: 1440, look: 'light' }, { width: 820, look: 'dark' }, { width: 390, look: 'forced' }, { width: 320, look: 'light' },
]);
/** Below it a width is a phone's, and is touched. */
const PHONE = 700;
/** How high a screen of a width is. */
const HEIGHTS = new Map([[1440, 900], [820, 1180], [390, 844], [320, 568]]);
/** How long anything on the page may take. */
const PATIENCE = 10_000;

/** What the environment has to name. @param {string} name */
function given(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set; README.md says what these programs need`);
  return value;
}

/**
 * A house for a file's tests, and the function by which it makes them.
 *
 * @param {Needs} [needs]
 */
export function house(needs = {}) {
  /** @type {House} */
  let open;
  before(async () => { open = await House.open(needs); });
  after(() => open?.close());

  /**
   * A test of somebody new on a page of theirs.
   *
   * @param {string} name
   * @param {View} view
   * @param {(visit: Visit, person: Person, house: House) => Promise<void>} body
   */
  function test(name, view, body) {
    run(name, { timeout: 60_000 }, async () => {
      const person = await open.person();
      const visit = await person.visit(view);
      try {
        await body(visit, person, open);
        for (const visit of person.visits) visit.isQuiet();
      } catch (error) {
        console.error(`\nwhat the server said:\n${open.server.log.slice(-20).join('\n')}`);
        for (const visit of person.visits) console.error(await visit.seen());
        throw error;
      } finally {
        await person.leave();
      }
    });
  }
  return { test, house: () => open };
}

/** The server, the browser and the model. */
export class House {
  /** @param {Server} server @param {Browser} browser @param {Model} model */
  constructor(server, browser, model) {
    this.server = server;
    this.browser = browser;
    this.model = model;
  }

  /** @param {Needs} [needs] */
  static async open({ model: asked = false, settings = {} } = {}) {
    const model = new Model(asked ? given('MODEL') : '');
    const answering = asked ? { OPENAI_BASE_URL: `${model.url}/v1`, OPENAI_MODEL: 'scripted', ...settings } : settings;
    const browser = await launch();
    const house = new House(new Server(answering), browser, model);
    await house.server.go().catch(async (error) => {
      await house.close();
      throw error;
    });
    return house;
  }

  get origin() { return this.server.origin; }

  /** Somebody with a new account. */
  async person(name = 'Ana') {
    const email = `${crypto.randomUUID()}@example.com`;
    const signedUp = await fetch(`${this.origin}/api/auth/sign-up/email`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: this.origin },
      body: JSON.stringify({ email, password: PASSWORD, name }),
    });
    assert.equal(signedUp.status, 200, await signedUp.clone().text());
    const cookies = signedUp.headers.getSetCookie().map((line) => {
      const [name, ...value] = line.split(';')[0].split('=');
      return { name, value: value.join('='), url: this.origin };
    });
    const token = signedUp.headers.get('set-auth-token') ?? '';
    return new Person(this, email, token, cookies);
  }

  async close() {
    await this.browser.close();
    await this.server.stop();
  }
}

export const PASSWORD = 'correct horse 1';

/** `sayso serve`, which can be killed and started again on the same port and database. */
class Server {
  /** What it has logged. @type {string[]} */
  log = [];
  /** @type {import('node:child_process').ChildProcess | undefined} */
  #child;
  #home = mkdtempSync(join(tmpdir(), 'sayso-page-'));

  /** The system gives it one when it starts for the first time. */
  #port = '0';

  /** @param {Record<string, string>} settings */
  constructor(settings) { this.settings = settings; }

  get origin() { return `http://127.0.0.1:${this.#port}`; }

  /** Starts it, and waits until it listens. */
  async go() {
    const child = spawn(given('SAYSO'), ['serve'], {
      cwd: this.#home,
      env: {
        HOME: this.#home, TZ: 'Europe/Lisbon', PORT: this.#port, RATE_LIMIT: 'off',
        DATABASE_URL: process.env.DATABASE_URL ?? `sqlite://${join(this.#home, 'tasks.db')}`,
        ...this.settings,
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#child = child;
    // Nothing outlives the tests, whatever ends them.
    process.once('exit', () => child.kill('SIGKILL'));
    await new Promise((resolve, reject) => {
      createInterface({ input: child.stderr }).on('line', (line) => {
        this.log.push(line);
        const listening = line.match(/"listening".*"address":"127\.0\.0\.1:(\d+)"/);
        if (!listening) return;
        this.#port = listening[1];
        resolve(undefined);
      });
      child.once('error', reject);
      child.once('exit', () => reject(new Error(`the server has stopped by itself: ${this.log.join('\n')}`)));
    });
  }

  /** Ends it, as the system does when it needs the memory, and waits until it is gone. @param {NodeJS.Signals} [signal] */
  async kill(signal = 'SIGKILL') {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  }

  async stop() {
    await this.kill();
    rmSync(this.#home, { recursive: true, force: true });
  }
}

/** The scripted model, led over HTTP. */
class Model {
  /** @param {string} url */
  constructor(url) { this.url = url; }

  /**
   * From now on it answers so: what a `Reply` of `support/scripted-model` is, one for each time it is asked about a message.
   *
   * @param {...(Record<string, unknown> & { calls?: object[] })} replies
   */
  async says(...replies) {
    let round = 0;
    const rules = replies.map((then) => {
      const rule = { when: { round }, then };
      round += then.calls?.length ?? 0;
      return rule;
    });
    const answer = await fetch(`${this.url}/script`, {
      method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify(rules),
    });
    assert.equal(answer.status, 200, await answer.text());
  }

  /** Lets go on what is held by this gate. @param {string} gate */
  async open(gate) { await fetch(`${this.url}/gates/${gate}`, { method: 'POST' }); }

  /** Waits until it has been asked so often since its rules were given, and returns the requests. */
  async asked(least = 1) {
    const answer = await fetch(`${this.url}/requests?least=${least}`);
    return /** @type {Promise<any[]>} */ (answer.json());
  }
}

/** Somebody with an account, and the pages they have open. */
export class Person {
  /** @type {Visit[]} */
  visits = [];

  /** @param {House} house @param {string} email @param {string} token @param {{ name: string, value: string, url: string }[]} cookies */
  constructor(house, email, token, cookies) {
    this.house = house;
    this.email = email;
    this.token = token;
    this.cookies = cookies;
  }

  /**
   * Calls the API. @param {string} method @param {string} path @param {unknown} [body]
   * @returns {Promise<any>} what it answers, which has to be good
   */
  async api(method, path, body) {
    const answer = await fetch(`${this.house.origin}/api${path}`, {
      method,
      headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await answer.text();
    assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`);
    return text ? JSON.parse(text) : undefined;
  }

  /** Makes these tasks, in this order. @param {...(string | Task)} tasks @returns {Promise<any[]>} */
  async has(...tasks) {
    const made = [];
    for (const task of tasks) made.push(await this.api('POST', '/tasks', typeof task === 'string' ? { title: task } : task));
    return made;
  }

  /** Those that are `pending`, or `completed`, or all that are not deleted. @param {string} [status] @returns {Promise<any[]>} */
  tasks(status = 'all') { return this.api('GET', `/tasks?limit=100&order=added&status=${status}`); }

  /** The one with this title. @param {string} title */
  async task(title) {
    const found = (await this.tasks()).filter((task) => task.title === title);
    assert.equal(found.length, 1, `one task is called ${title}`);
    return found[0];
  }

  /** Says something to the assistant, elsewhere than on the page. @param {string} message @param {object} [rest] */
  say(message, rest = {}) { return this.api('POST', '/chat', { message, ...rest }); }

  /** Opens a browser of theirs, signed in, at `path`; at no page if that is null. @param {View} [view] */
  async visit({ width = 1440, height, look = 'light', scripts = true, worker = true, path = '/' } = {}) {
    const phone = width < PHONE;
    const context = await this.house.browser.newContext({
      baseURL: this.house.origin,
      viewport: { width, height: height ?? HEIGHTS.get(width) ?? 900 },
      colorScheme: look === 'dark' ? 'dark' : 'light',
      forcedColors: look === 'forced' ? 'active' : 'none',
      javaScriptEnabled: scripts,
      serviceWorkers: worker ? 'allow' : 'block',
      hasTouch: phone,
      isMobile: phone,
      // Nothing is to be waited for that only moves.
      reducedMotion: 'reduce',
    });
    await context.addCookies(this.cookies);
    const visit = new Visit(this, context, await context.newPage());
    visit.watch();
    this.visits.push(visit);
    if (path !== null) await visit.go(path);
    return visit;
  }

  async leave() {
    await Promise.all(this.visits.map((visit) => visit.context.close()));
    this.visits = [];
  }
}

/** A page in a browser of somebody's, and what is on it. */
export class Visit {
  /** What was seen in this browser that must not be. @type {string[]} */
  troubles = [];
  /** What a test brings about itself. @type {RegExp[]} */
  #allowed = [];

  /** @param {Person} person @param {BrowserContext} context @param {Page} page */
  constructor(person, context, page) {
    this.person = person;
    this.context = context;
    this.page = page;
  }

  /** Takes down whatever goes wrong in this browser. */
  watch() {
    const { context, person } = this;
    context.setDefaultTimeout(PATIENCE);
    const { origin } = person.house;
    context.on('console', (message) => this.troubles.push(`console: ${message.text()} (${message.location().url})`));
    context.on('weberror', (error) => this.troubles.push(`error: ${error.error().stack ?? error.error()}`));
    context.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(`${origin}/`) && !/^(data|blob|about):/.test(url)) this.troubles.push(`to somebody else: ${url}`);
    });
    context.on('requestfailed', (request) => {
      const why = request.failure()?.errorText;
      // What a page had open ends with it, and what nobody waits for any more is given up.
      if (why !== 'net::ERR_ABORTED') this.troubles.push(`failed: ${request.method()} ${request.url()} ${why}`);
    });
  }

  /** Another tab of the same browser, whose troubles come to this one. @param {string} [path] */
  async tab(path = '/') {
    const visit = new Visit(this.person, this.context, await this.context.newPage());
    await visit.go(path);
    return visit;
  }

  /** @param {string} path */
  async go(path) { await this.page.goto(path); }

  /** Says that a test brings this about itself, so that it is no trouble. @param {...RegExp} what */
  allow(...what) { this.#allowed.push(...what); }

  /** Fails if there was any trouble. */
  isQuiet() {
    const troubles = this.troubles.filter((trouble) => !this.#allowed.some((allowed) => allowed.test(trouble)));
    assert.deepEqual(troubles, [], this.page.url());
  }

  /** The page in words, for whoever reads why a test failed. */
  async seen() {
    if (this.page.isClosed()) return 'the page is closed';
    const words = await this.page.locator('body').innerText({ timeout: 1_000 }).catch(String);
    return `\nwhat is at ${this.page.url()}:\n${words.replaceAll(/\n\s*\n+/g, '\n')}\n${this.troubles.join('\n')}`;
  }

  /** What axe finds here: the rules of WCAG 2.2 AA, and its good practice. @returns {Promise<string[]>} */
  async violations() {
    await this.page.evaluate(axe.source);
    return this.page.evaluate(async () => {
      const { violations } = await /** @type {any} */ (window).axe.run();
      return violations.flatMap((/** @type {any} */ { id, nodes }) => nodes.map(
        (/** @type {any} */ node) => `${id}: ${node.html.slice(0, 200)} ${node.failureSummary.replaceAll(/\s+/g, ' ')}`,
      ));
    });
  }

  /** What is wider than the screen. @returns {Promise<string[]>} */
  wider() {
    return this.page.evaluate(() => {
      const width = document.documentElement.clientWidth;
      if (document.documentElement.scrollWidth <= width) return [];
      const all = [...document.body.querySelectorAll('*')].filter((element) => element.getBoundingClientRect().right > width + 1);
      return all.map((element) => `wider than ${width}: ${element.outerHTML.slice(0, 160)}`);
    });
  }

  /** Fails if axe finds anything, or anything is wider than the screen. @param {string} [where] for the message */
  async isAccessible(where = this.page.url()) {
    assert.deepEqual([...await this.violations(), ...await this.wider()], [], where);
  }

  /** Opens the assistant, as the button does. */
  async openAssistant() {
    await this.ask.click();
    await this.composer.waitFor();
  }

  /** Says something to the assistant and waits for the whole answer. @param {string} text */
  async tell(text) {
    const before = await this.turns.count();
    await this.composer.fill(text);
    await this.composer.press('Enter');
    const answer = this.turns.nth(before + 1);
    await answer.locator('.foot').waitFor();
    return answer;
  }

  /** Presses keys one after another. @param {...string} keys */
  async press(...keys) { for (const key of keys) await this.page.keyboard.press(key); }

  /** Types with the keyboard, where the focus is. @param {string} text */
  async type(text) { await this.page.keyboard.type(text); }

  // What is on the page, by role and name.

  get capture() { return this.page.getByRole('textbox', { name: 'Add a task' }); }
  get add() { return this.page.getByRole('button', { name: 'Add', exact: true }); }
  get chips() { return this.page.getByRole('list', { name: 'Understood as' }); }
  get search() { return this.page.getByRole('searchbox', { name: 'Search or type a command' }); }
  get list() { return this.page.locator('#tasks'); }
  get lists() { return this.page.locator('#lists'); }
  get toast() { return this.page.locator('#toast'); }
  get detail() { return this.page.getByRole('complementary', { name: 'Task details' }); }
  get assistant() { return this.page.locator('#assistant'); }
  get popup() { return this.page.getByRole('dialog', { name: 'Assistant' }); }
  get composer() { return this.page.getByRole('textbox', { name: 'Ask or tell' }); }
  get send() { return this.page.getByRole('button', { name: 'Send' }); }
  get stop() { return this.page.getByRole('button', { name: 'Stop' }); }
  /** What opens the assistant; on a phone it is in the bar below. */
  get ask() {
    const named = /** @type {const} */ ({ name: 'Ask', exact: true });
    return this.page.getByRole('button', named).or(this.page.getByRole('link', named)).filter({ visible: true });
  }
  get turns() { return this.assistant.locator('.turns > :is(.mine, .reply)'); }
  get receipts() { return this.assistant.locator('.receipt'); }
  get palette() { return this.page.getByRole('dialog', { name: 'Command palette' }); }
  get shortcuts() { return this.page.getByRole('dialog', { name: 'Keyboard shortcuts' }); }
  get selected() { return this.page.getByRole('toolbar', { name: 'Selected tasks' }); }
  /** A row of the list. @param {string} title */
  row(title) { return this.list.locator('li.row').filter({ has: this.page.getByRole('link', { name: title, exact: true }) }); }
  /** The circle of a row. @param {string} title */
  check(title) { return this.row(title).locator('.check'); }
  /** What selects a row. @param {string} title */
  pick(title) { return this.row(title).getByRole('checkbox', { name: `Select: ${title}` }); }
  /** What is marked in the capture line: kinds and words. @returns {Promise<string[][]>} */
  marks() { return this.page.locator('.capture .mirror mark').evaluateAll((marks) => marks.map((mark) => [mark.dataset.kind ?? '', mark.textContent ?? ''])); }
  /** The titles of the rows, from the top. */
  titles() { return this.list.locator('li.row a[dir=auto]').allInnerTexts(); }
}

/**
 * Waits until `value` gives `expected`; what it is instead is in the error.
 *
 * @template T
 * @param {() => Promise<T>} value
 * @param {T} expected
 */
export async function becomes(value, expected) {
  const end = Date.now() + PATIENCE;
  let got;
  do {
    got = await value();
    await new Promise(setImmediate);
  } while (JSON.stringify(got) !== JSON.stringify(expected) && Date.now() < end);
  assert.deepEqual(got, expected);
}

/** The browser. */
export function launch() {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const found = folders.map((folder) => join(folder, 'chromium')).find(runs);
  if (!found) throw new Error('chromium is needed on the PATH');
  return chromium.launch({ executablePath: found });
}

/** @param {string} file */
function runs(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
