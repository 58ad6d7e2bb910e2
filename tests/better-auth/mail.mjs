// What goes by mail: password reset, verification, a change of e-mail.
//   node mail.mjs BASE_URL MAIL_FILE
// MAIL_FILE is text to which the server's mails are appended, with each link on one line. Exit code 1 if a check fails.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { refused, send } from './http.mjs';
import { PASSWORD, Visitor, freshEmail } from './visitor.mjs';

const base = new URL(process.argv[2]).origin;
const mailFile = process.argv[3];
const email = freshEmail('ada');
const ada = new Visitor(base);

function ok({ data, error }) {
  assert.equal(error, null, JSON.stringify(error));
  return data;
}

function error(result, status, code) {
  assert.equal(result.error?.status, status, JSON.stringify(result));
  assert.equal(result.error.code, code);
}

const signIn = (email, password) => new Visitor(base).auth.signIn.email({ email, password });
const mailed = () => readFile(mailFile, 'utf8').catch(() => '');

// The newest link that holds all of `parts` and was mailed since `act` began, as a path below /api/auth. The callback is one of
// the parts, since an earlier mail may be late.
async function linkFrom(act, ...parts) {
  const sentBefore = (await mailed()).length;
  await act();
  return newestLink(sentBefore, ...parts);
}

async function newestLink(sentBefore, ...parts) {
  for (let tries = 0; tries < 100; tries++) {
    const lines = (await mailed()).slice(sentBefore).split('\n').slice(0, -1);
    const link = lines.findLast((line) => parts.every((part) => line.includes(part)))?.match(/https?:\/\/[^\s"'<>]+/)?.[0];
    if (link) {
      assert.ok(link.startsWith(`${base}/api/auth/`), link);
      return link.slice(`${base}/api/auth`.length);
    }
    await sleep(100);
  }
  throw new Error(`no line with ${parts.join(' and ')} in ${mailFile} within 10 s`);
}

// Where a link leads, relative to the server.
async function follow(path, headers = {}) {
  const { status, headers: { location }, text } = await send(base, 'GET', path, { headers });
  assert.equal(status, 302, text);
  const url = new URL(location, base);
  assert.equal(url.origin, base);
  return url.pathname + url.search;
}

test('an account', async () => {
  ok(await ada.auth.signUp.email({ email, password: PASSWORD, name: 'Ada' }));
});

// ---- Password reset

const reset = (body) => send(base, 'POST', '/reset-password', { headers: { origin: base }, body });
let resetToken;

test('request-password-reset: known and unknown e-mails look the same', async () => {
  const ask = (email) =>
    send(base, 'POST', '/request-password-reset', { headers: { origin: base }, body: { email, redirectTo: '/reset' } });
  const [known, unknown] = [await ask(email), await ask(freshEmail('nobody'))];
  assert.equal(known.status, 200);
  assert.deepEqual(JSON.parse(known.text),
    { status: true, message: 'If this email exists in our system, check your email for the reset link' });
  assert.deepEqual([unknown.status, unknown.text], [known.status, known.text]);
});

test('request-password-reset: malformed e-mail, foreign redirect', async () => {
  error(await ada.auth.requestPasswordReset({ email: 'ada' }), 400, 'VALIDATION_ERROR');
  for (const redirectTo of ['https://evil.example/', '//evil.example/'])
    error(await ada.auth.requestPasswordReset({ email, redirectTo }), 403, 'INVALID_REDIRECT_URL');
});

test('the link leads to redirectTo, with the token', async () => {
  const link = await linkFrom(async () => ok(await ada.auth.requestPasswordReset({ email, redirectTo: '/new-password?from=mail' })),
    '/reset-password/', 'new-password');
  const [path, query] = (await follow(link)).split('?');
  const parameters = new URLSearchParams(query);
  resetToken = parameters.get('token');
  assert.ok(resetToken);
  assert.equal(path, '/new-password');
  assert.equal(parameters.get('from'), 'mail');
  assert.equal(await follow(link).then((again) => again.includes(resetToken)), true, 'following it does not use it up');
});

test('a link with a bad token leads there with an error', async () => {
  assert.equal(await follow('/reset-password/nope?callbackURL=%2Freset'), '/reset?error=INVALID_TOKEN');
  refused(await send(base, 'GET', '/reset-password/nope?callbackURL=https%3A%2F%2Fevil.example%2F'), 403, 'INVALID_CALLBACK_URL');
});

test('reset-password: bad token, no token, short password', async () => {
  refused(await reset({ newPassword: 'correct horse 2', token: 'nope' }), 400, 'INVALID_TOKEN');
  refused(await reset({ newPassword: 'correct horse 2' }), 400, 'INVALID_TOKEN');
  refused(await reset({ newPassword: 'short', token: resetToken }), 400, 'PASSWORD_TOO_SHORT');
});

test('reset-password: the new password holds, the old one does not, the token is used up', async () => {
  assert.deepEqual(ok(await ada.auth.resetPassword({ newPassword: 'correct horse 2', token: resetToken })), { status: true });
  refused(await reset({ newPassword: 'correct horse 3', token: resetToken }), 400, 'INVALID_TOKEN');
  error(await signIn(email, PASSWORD), 401, 'INVALID_EMAIL_OR_PASSWORD');
  ok(await signIn(email, 'correct horse 2'));
});

test('after a reset a session is either still good or cleanly over', async () => {
  const data = ok(await ada.auth.getSession());
  if (data === null) ok(await ada.auth.signIn.email({ email, password: 'correct horse 2' }));
  else assert.equal(data.user.email, email.toLowerCase());
});

test('reset-password: the token may come in the query; of two racing uses one wins', async () => {
  const link = await linkFrom(async () => ok(await ada.auth.requestPasswordReset({ email, redirectTo: '/race' })),
    '/reset-password/', 'race');
  const token = link.match(/reset-password\/([^?]+)/)[1];
  const use = () => send(base, 'POST', `/reset-password?token=${token}`, { headers: { origin: base }, body: { newPassword: 'correct horse 3' } });
  const statuses = (await Promise.all([use(), use(), use()])).map(({ status }) => status);
  assert.deepEqual(statuses.sort(), [200, 400, 400]);
  ok(await ada.auth.signIn.email({ email, password: 'correct horse 3' }));
});

// ---- Verification

let verification;

test('send-verification-email: by nobody, the same for every e-mail', async () => {
  const ask = (email) => send(base, 'POST', '/send-verification-email', { headers: { origin: base }, body: { email } });
  for (const { status, text } of [await ask(email), await ask(freshEmail('nobody'))])
    assert.deepEqual([status, text], [200, '{"status":true}']);
  refused(await ask('ada'), 400, 'VALIDATION_ERROR');
});

test('send-verification-email: another\'s e-mail, foreign callback', async () => {
  error(await ada.auth.sendVerificationEmail({ email: freshEmail('bob') }), 400, 'EMAIL_MISMATCH');
  error(await ada.auth.sendVerificationEmail({ email, callbackURL: 'https://evil.example/' }), 403, 'INVALID_CALLBACK_URL');
});

test('verify-email: a bad token', async () => {
  error(await ada.auth.verifyEmail({ query: { token: 'nope' } }), 401, 'INVALID_TOKEN');
  assert.equal(await follow('/verify-email?token=nope&callbackURL=%2Fdone%3Fx%3D1'), '/done?x=1&error=INVALID_TOKEN');
  refused(await send(base, 'GET', '/verify-email?token=nope&callbackURL=https%3A%2F%2Fevil.example'), 403, 'INVALID_CALLBACK_URL');
  refused(await send(base, 'GET', '/verify-email'), 400, 'VALIDATION_ERROR');
});

test('verify-email: the link verifies and leads to the callback', async () => {
  const link = await linkFrom(async () => ok(await ada.auth.sendVerificationEmail({ email, callbackURL: '/done' })),
    '/verify-email?', 'done');
  verification = new URLSearchParams(link.split('?')[1]).get('token');
  assert.equal(await follow(link), '/done');
  assert.equal(ok(await ada.auth.getSession()).user.emailVerified, true);
});

test('verify-email: again does no harm, and the token is no credential', async () => {
  const again = await send(base, 'GET', `/verify-email?token=${verification}`);
  if (again.status === 200) assert.equal(again.text, '{"status":true,"user":null}');
  else refused(again, 401, 'INVALID_TOKEN');
  const asBearer = await send(base, 'GET', '/get-session', { headers: { authorization: `Bearer ${verification}` } });
  assert.equal(asBearer.text, 'null');
});

test('send-verification-email: already verified', async () => {
  error(await ada.auth.sendVerificationEmail({ email }), 400, 'EMAIL_ALREADY_VERIFIED');
});

// ---- Change of e-mail

const newEmail = freshEmail('lovelace');

test('change-email: nobody, malformed, the same, foreign callback', async () => {
  error(await new Visitor(base).auth.changeEmail({ newEmail }), 401, 'UNAUTHORIZED');
  error(await ada.auth.changeEmail({ newEmail: 'ada' }), 400, 'VALIDATION_ERROR');
  const same = await ada.auth.changeEmail({ newEmail: email.toUpperCase() });
  error(same, 400, undefined);
  assert.equal(same.error.message, 'Email is the same');
  error(await ada.auth.changeEmail({ newEmail, callbackURL: 'https://evil.example/' }), 403, 'INVALID_CALLBACK_URL');
});

test('change-email: a taken address answers as any other', async () => {
  const bob = new Visitor(base);
  const taken = freshEmail('bob');
  ok(await bob.auth.signUp.email({ email: taken, password: PASSWORD, name: 'Bob' }));
  assert.deepEqual(ok(await ada.auth.changeEmail({ newEmail: taken })), { status: true });
  assert.equal(ok(await ada.auth.getSession()).user.email, email.toLowerCase());
  ok(await bob.auth.deleteUser({ password: PASSWORD }));
});

test('change-email: takes effect by the link, or by a second one when the old address is asked first', async () => {
  const ask = async () => assert.deepEqual(ok(await ada.auth.changeEmail({ newEmail, callbackURL: '/changed' })), { status: true });
  const link = await linkFrom(ask, '/verify-email?', 'changed');
  assert.equal(ok(await ada.auth.getSession()).user.email, email.toLowerCase(), 'not before');
  const visit = async (link) => assert.equal(await follow(link, { cookie: ada.cookieHeader() }), '/changed');
  const sentBefore = (await mailed()).length;
  await visit(link);
  if (ok(await ada.auth.getSession())?.user.email === email.toLowerCase())
    await visit(await newestLink(sentBefore, '/verify-email?', 'changed'));
  const { user } = ok(await signIn(newEmail, 'correct horse 3'));
  assert.equal(user.email, newEmail.toLowerCase());
  assert.equal(user.emailVerified, true);
  error(await signIn(email, 'correct horse 3'), 401, 'INVALID_EMAIL_OR_PASSWORD');
  assert.equal(await follow(link), '/changed?error=INVALID_TOKEN', 'the link is used up');
});

test('cleaning up', async () => {
  ok(await ada.auth.signIn.email({ email: newEmail, password: 'correct horse 3' }));
  ok(await ada.auth.deleteUser({ password: 'correct horse 3' }));
});
