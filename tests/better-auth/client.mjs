// The life of an account with the official client, then what only plain HTTP can show.
//   node client.mjs BASE_URL
// Every check has a name; the exit code is 1 if one fails. The server's rate limits have to be off.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refused, send } from './http.mjs';
import { PASSWORD, Visitor, freshEmail } from './visitor.mjs';

const base = new URL(process.argv[2]).origin;
const email = freshEmail('ada');
const ada = new Visitor(base);
const elsewhere = new Visitor(base);
const bob = new Visitor(base);

// What the client hands back of a refusal.
function error(result, status, code) {
  assert.equal(result.data, null);
  assert.equal(result.error.status, status, JSON.stringify(result.error));
  assert.equal(result.error.code, code);
  assert.ok(result.error.message, 'a message');
}

function ok({ data, error }) {
  assert.equal(error, null, JSON.stringify(error));
  return data;
}

const sessionCookie = (lines) => lines.find((line) => /session_token=/.test(line));

function cleared(lines) {
  for (const name of ['session_token', 'session_data', 'dont_remember']) {
    const line = lines.find((line) => line.includes(`${name}=`));
    assert.match(line ?? `no ${name}`, /^[^=]+=;.*Max-Age=0/i);
    assert.match(line, /; *Path=\/(;|$)/i);
  }
}

// ---- Sign-up

test('sign-up: user, token and cookie', async () => {
  const { token, user } = ok(await ada.auth.signUp.email({ email, password: PASSWORD, name: 'Ada' }));
  assert.match(token, /^[A-Za-z0-9]{32}$/);
  assert.match(user.id, /^[A-Za-z0-9]{32}$/);
  assert.deepEqual(Object.keys(user).sort(),
    ['createdAt', 'email', 'emailVerified', 'id', 'image', 'name', 'updatedAt']);
  assert.equal(user.email, email.toLowerCase());
  assert.equal(user.name, 'Ada');
  assert.equal(user.emailVerified, false);
  assert.equal(user.image, null);
  assert.ok(user.createdAt instanceof Date && user.updatedAt instanceof Date, 'dates the client understands');

  const cookie = sessionCookie(ada.reply.headers.getSetCookie());
  for (const flag of ['Max-Age=604800', 'Path=/', 'HttpOnly', 'SameSite=Lax'])
    assert.ok(cookie.split('; ').includes(flag), `${flag} in ${cookie}`);
  const signed = ada.reply.headers.get('set-auth-token');
  assert.match(signed, new RegExp(`^${token}\\.[A-Za-z0-9+/]{43}=$`));
  assert.equal(cookie.match(/=([^;]*)/)[1], encodeURIComponent(signed));
  assert.match(ada.reply.headers.get('access-control-expose-headers'), /set-auth-token/);
});

test('sign-up: a taken e-mail, in any case', async () => {
  for (const taken of [email, email.toUpperCase()])
    error(await bob.auth.signUp.email({ email: taken, password: PASSWORD, name: 'Bob' }),
      422, 'USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL');
});

test('sign-up: password too short, too long', async () => {
  const signUp = (password) => bob.auth.signUp.email({ email: freshEmail('bob'), password, name: 'Bob' });
  error(await signUp('1234567'), 400, 'PASSWORD_TOO_SHORT');
  error(await signUp('x'.repeat(129)), 400, 'PASSWORD_TOO_LONG');
});

test('sign-up: malformed e-mail, missing name', async () => {
  error(await bob.auth.signUp.email({ email: 'bob', password: PASSWORD, name: 'Bob' }), 400, 'VALIDATION_ERROR');
  error(await bob.auth.signUp.email({ email: freshEmail('bob'), password: PASSWORD }), 400, 'VALIDATION_ERROR');
});

test('sign-up: privileged fields are ignored, an image is kept', async () => {
  const { user } = ok(await bob.auth.signUp.email({
    email: freshEmail('bob'), password: PASSWORD, name: 'Bob', image: 'https://example.com/bob.png', emailVerified: true, role: 'admin',
  }));
  assert.equal(user.emailVerified, false);
  assert.equal(user.image, 'https://example.com/bob.png');
  assert.equal(user.role, undefined);
});

// ---- Sign-in

test('sign-in: wrong password and unknown e-mail look the same', async () => {
  const signIn = (email) =>
    send(base, 'POST', '/sign-in/email', { headers: { origin: base }, body: { email, password: 'not the one 1' } });
  const [wrong, unknown] = [await signIn(email), await signIn(freshEmail('nobody'))];
  refused(wrong, 401, 'INVALID_EMAIL_OR_PASSWORD');
  assert.equal(unknown.status, wrong.status);
  assert.equal(unknown.text, wrong.text);
});

test('sign-in: malformed e-mail, over-long password', async () => {
  error(await elsewhere.auth.signIn.email({ email: 'ada', password: PASSWORD }), 400, 'INVALID_EMAIL');
  error(await elsewhere.auth.signIn.email({ email, password: 'x'.repeat(129) }), 400, 'PASSWORD_TOO_LONG');
});

test('sign-in: e-mail in any case', async () => {
  const data = ok(await elsewhere.auth.signIn.email({ email: email.toUpperCase(), password: PASSWORD }));
  assert.equal(data.redirect, false);
  assert.equal(data.user.email, email.toLowerCase());
  assert.ok(data.user.createdAt instanceof Date);
  assert.ok(elsewhere.reply.headers.get('set-auth-token').startsWith(`${data.token}.`));
});

test('sign-in: rememberMe false gives cookies of the browser session, a row of one day', async () => {
  const visitor = new Visitor(base);
  ok(await visitor.auth.signIn.email({ email, password: PASSWORD, rememberMe: false }));
  const lines = visitor.reply.headers.getSetCookie();
  assert.equal(lines.length, 2);
  for (const line of lines) assert.doesNotMatch(line, /max-age|expires/i);
  assert.match(lines[1], /dont_remember=true\./);
  const { session } = ok(await visitor.auth.getSession());
  assert.ok(Math.abs(session.expiresAt - session.createdAt - 86_400_000) < 60_000);
  ok(await visitor.auth.signOut());
});

test('sign-in: a good callbackURL is followed', async () => {
  for (const callbackURL of ['/dashboard', '/tasks?next=//x#y', `${base}/dashboard`]) {
    const visitor = new Visitor(base);
    const data = ok(await visitor.auth.signIn.email({ email, password: PASSWORD, callbackURL }));
    assert.equal(data.redirect, true);
    assert.equal(data.url, callbackURL);
    assert.equal(visitor.reply.headers.get('location'), callbackURL);
    ok(await visitor.auth.signOut());
  }
});

test('sign-in: a bad callbackURL is refused', async () => {
  const bad = ['https://evil.example/', '//evil.example', '/\\evil.example', '/%2fevil.example', '/%5Cevil.example', 'dashboard',
    'javascript:alert(1)', `${base}@evil.example/`, `${base}1/`, '/a\nb'];
  for (const callbackURL of bad)
    error(await bob.auth.signIn.email({ email, password: PASSWORD, callbackURL }), 403, 'INVALID_CALLBACK_URL');
});

// ---- The session

test('get-session: by cookie', async () => {
  const { session, user } = ok(await ada.auth.getSession());
  assert.deepEqual(Object.keys(session).sort(),
    ['createdAt', 'expiresAt', 'id', 'ipAddress', 'token', 'updatedAt', 'userAgent', 'userId']);
  assert.equal(session.userId, user.id);
  assert.equal(user.email, email.toLowerCase());
  assert.ok(session.expiresAt instanceof Date);
  assert.ok(Math.abs(session.expiresAt - session.createdAt - 7 * 86_400_000) < 60_000);
  assert.equal(ada.reply.headers.get('cache-control'), 'no-store');
  assert.match(ada.reply.headers.get('set-auth-jwt'), /^[\w-]+\.[\w-]+\.[\w-]+$/);
  assert.match(ada.reply.headers.get('access-control-expose-headers'), /set-auth-jwt/);
});

test('get-session: nobody gets null', async () => {
  assert.equal(ok(await new Visitor(base).auth.getSession()), null);
});

test('get-session: by bearer, signed and raw', async () => {
  const app = new Visitor(base);
  const { token, user } = ok(await app.auth.signIn.email({ email, password: PASSWORD }));
  const signed = app.reply.headers.get('set-auth-token');
  app.cookies.clear();
  for (const authorization of [signed, encodeURIComponent(signed), token].map((token) => `Bearer ${token}`).concat(`bearer ${signed}`)) {
    const data = ok(await app.auth.getSession({ fetchOptions: { headers: { authorization } } }));
    assert.equal(data?.user.id, user.id, authorization);
  }
  const authorization = `Bearer ${signed}`;
  ok(await app.auth.signOut({ fetchOptions: { headers: { authorization } } }));
  assert.equal(ok(await app.auth.getSession({ fetchOptions: { headers: { authorization } } })), null);
});

test('get-session: a forged, a bare and a swapped signature are nobody', async () => {
  const signed = decodeURIComponent([...ada.cookies.values()][0]);
  const [token, signature] = signed.split('.');
  const other = decodeURIComponent([...bob.cookies.values()][0]).split('.')[1];
  const name = [...ada.cookies.keys()][0];
  for (const value of [`${token}.${'A'.repeat(43)}=`, token, `${token}.`, `${token}.${signature.slice(0, -4)}`, `${token}.${other}`]) {
    const byCookie = await send(base, 'GET', '/get-session', { headers: { cookie: `${name}=${encodeURIComponent(value)}` } });
    assert.equal(byCookie.text, 'null', value);
    assert.deepEqual(byCookie.cookies, [], 'ignored, not cleared');
    if (value === token) continue;
    const byBearer = await send(base, 'GET', '/get-session', { headers: { authorization: `Bearer ${value}` } });
    assert.equal(byBearer.text, 'null', value);
  }
});

test('get-session: a cookie that was not percent-encoded is read all the same', async () => {
  const [[name, value]] = ada.cookies;
  const { text } = await send(base, 'GET', '/get-session', { headers: { cookie: `a=b; ${name}=${decodeURIComponent(value)}` } });
  assert.notEqual(text, 'null');
});

test('get-session: a JWT is no session', async () => {
  const { token } = ok(await ada.auth.token());
  const { status, text } = await send(base, 'GET', '/get-session', { headers: { authorization: `Bearer ${token}` } });
  assert.equal(status, 200);
  assert.equal(text, 'null');
});

test('get-session: POST is 405', async () => {
  refused(await send(base, 'POST', '/get-session', { headers: { origin: base } }),
    405, 'METHOD_NOT_ALLOWED_DEFER_SESSION_REQUIRED');
});

test('get-session on the wire', async () => {
  const reply = await send(base, 'GET', '/get-session', { headers: { cookie: ada.cookieHeader(), 'user-agent': 'check/1' } });
  assert.equal(reply.status, 200);
  assert.match(reply.headers['content-type'], /^application\/json/);
  assert.equal(reply.headers['cache-control'], 'no-store');
  assert.equal(reply.headers.pragma, 'no-cache');
  const { session, user } = JSON.parse(reply.text);
  for (const date of [session.createdAt, session.updatedAt, session.expiresAt, user.createdAt, user.updatedAt])
    assert.match(date, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
});

// ---- The JWT

test('token: verified through jwks, with sub, iss and aud', async () => {
  const { user } = ok(await ada.auth.getSession());
  const claims = await ada.claims();
  assert.equal(claims.sub, user.id);
  assert.equal(claims.iss, base);
  assert.equal(claims.aud, base);
  assert.equal(claims.exp - claims.iat, 900);
  for (const key of ['id', 'name', 'email', 'emailVerified', 'image']) assert.deepEqual(claims[key], user[key]);
  assert.equal(claims.createdAt, user.createdAt.toISOString());
});

test('token: nobody gets none', async () => {
  error(await new Visitor(base).auth.token(), 401, 'UNAUTHORIZED');
});

test('jwks: public Ed25519 keys', async () => {
  const { keys } = ok(await ada.auth.jwks());
  assert.ok(keys.length > 0);
  for (const key of keys) {
    assert.deepEqual({ alg: key.alg, crv: key.crv, kty: key.kty }, { alg: 'EdDSA', crv: 'Ed25519', kty: 'OKP' });
    assert.ok(key.kid && key.x);
    assert.equal(key.d, undefined);
  }
});

// ---- Other sessions

const tokens = async (visitor) => ok(await visitor.auth.listSessions()).map(({ token }) => token);
const own = async (visitor) => ok(await visitor.auth.getSession()).session;
const gone = async (visitor) => assert.equal(ok(await visitor.auth.getSession()), null);

test('list-sessions: one\'s own', async () => {
  const sessions = ok(await ada.auth.listSessions());
  const mine = await own(ada);
  assert.deepEqual(sessions.find(({ id }) => id === mine.id), mine);
  assert.ok(sessions.some(({ token }) => token === decodeURIComponent([...elsewhere.cookies.values()][0]).split('.')[0]));
  assert.ok(sessions.every(({ userId }) => userId === mine.userId));
  error(await new Visitor(base).auth.listSessions(), 401, 'UNAUTHORIZED');
});

test('revoke-session: somebody else\'s or an unknown token has no effect', async () => {
  for (const token of [(await own(bob)).token, 'nope']) assert.deepEqual(ok(await ada.auth.revokeSession({ token })), { status: true });
  await own(bob);
});

test('revoke-session: one\'s own elsewhere', async () => {
  const { token } = await own(elsewhere);
  assert.deepEqual(ok(await ada.auth.revokeSession({ token })), { status: true });
  await gone(elsewhere);
  cleared(elsewhere.reply.headers.getSetCookie());
  assert.equal(elsewhere.cookies.size, 0);
  assert.ok(!(await tokens(ada)).includes(token));
});

test('revoke-other-sessions', async () => {
  ok(await elsewhere.auth.signIn.email({ email, password: PASSWORD }));
  assert.deepEqual(ok(await ada.auth.revokeOtherSessions()), { status: true });
  await gone(elsewhere);
  assert.deepEqual(await tokens(ada), [(await own(ada)).token]);
  await own(bob);
});

test('revoke-sessions: this one too', async () => {
  ok(await elsewhere.auth.signIn.email({ email, password: PASSWORD }));
  const before = ada.cookieHeader();
  assert.deepEqual(ok(await ada.auth.revokeSessions()), { status: true });
  cleared(ada.reply.headers.getSetCookie());
  assert.equal((await send(base, 'GET', '/get-session', { headers: { cookie: before } })).text, 'null');
  await gone(elsewhere);
  ok(await ada.auth.signIn.email({ email, password: PASSWORD }));
});

// ---- The account

test('update-user: name and image, and nothing privileged', async () => {
  const before = ok(await ada.auth.getSession()).user;
  assert.deepEqual(ok(await ada.auth.updateUser({ name: 'Ada L.', image: 'https://example.com/a.png', emailVerified: true, role: 'admin' })),
    { status: true });
  assert.ok(sessionCookie(ada.reply.headers.getSetCookie()), 'the cookie again');
  const { user } = ok(await ada.auth.getSession());
  assert.deepEqual({ ...user, updatedAt: 0 }, { ...before, name: 'Ada L.', image: 'https://example.com/a.png', updatedAt: 0 });
  ok(await ada.auth.updateUser({ image: null }));
  assert.equal(ok(await ada.auth.getSession()).user.image, null);
});

test('update-user: not the e-mail, not nothing', async () => {
  error(await ada.auth.updateUser({ email: freshEmail('eve') }), 400, 'EMAIL_CAN_NOT_BE_UPDATED');
  const nothing = await ada.auth.updateUser({ role: 'admin' });
  error(nothing, 400, undefined);
  assert.equal(nothing.error.message, 'No fields to update');
  error(await new Visitor(base).auth.updateUser({ name: 'Eve' }), 401, 'UNAUTHORIZED');
});

test('list-accounts: the credential, without its secret', async () => {
  const { user } = ok(await ada.auth.getSession());
  const [account, ...more] = ok(await ada.auth.listAccounts());
  assert.deepEqual(more, []);
  assert.deepEqual(Object.keys(account).sort(), ['accountId', 'createdAt', 'id', 'providerId', 'scopes', 'updatedAt', 'userId']);
  assert.equal(account.providerId, 'credential');
  assert.equal(account.accountId, user.id);
  assert.deepEqual(account.scopes, []);
});

test('verify-password', async () => {
  const verify = (visitor, password) => visitor.auth.$fetch('/verify-password', { method: 'POST', body: { password } });
  assert.deepEqual(ok(await verify(ada, PASSWORD)), { status: true });
  error(await verify(ada, 'not the one 1'), 400, 'INVALID_PASSWORD');
  error(await verify(new Visitor(base), PASSWORD), 401, 'UNAUTHORIZED');
});

test('change-password: wrong current, too short, nobody', async () => {
  const change = (visitor, currentPassword, newPassword) => visitor.auth.changePassword({ currentPassword, newPassword });
  error(await change(ada, 'not the one 1', 'correct horse 2'), 400, 'INVALID_PASSWORD');
  error(await change(ada, PASSWORD, 'short'), 400, 'PASSWORD_TOO_SHORT');
  error(await change(new Visitor(base), PASSWORD, 'correct horse 2'), 401, 'UNAUTHORIZED');
});

test('change-password: other sessions stay unless told otherwise', async () => {
  ok(await elsewhere.auth.signIn.email({ email, password: PASSWORD }));
  const { token, user } = ok(await ada.auth.changePassword({ currentPassword: PASSWORD, newPassword: 'correct horse 2' }));
  assert.equal(token, null);
  assert.equal(user.email, email.toLowerCase());
  await own(elsewhere);
});

test('change-password: revokeOtherSessions ends all and begins a new one', async () => {
  const before = (await own(ada)).token;
  const { token } = ok(await ada.auth.changePassword(
    { currentPassword: 'correct horse 2', newPassword: 'correct horse 3', revokeOtherSessions: true }));
  assert.notEqual(token, before);
  assert.ok(ada.reply.headers.get('set-auth-token').startsWith(`${token}.`));
  assert.equal((await own(ada)).token, token);
  assert.deepEqual(await tokens(ada), [token]);
  await gone(elsewhere);
  error(await elsewhere.auth.signIn.email({ email, password: PASSWORD }), 401, 'INVALID_EMAIL_OR_PASSWORD');
  ok(await elsewhere.auth.signIn.email({ email, password: 'correct horse 3' }));
});

test('sign-out: the session is over, the cookies are cleared', async () => {
  const before = elsewhere.cookieHeader();
  assert.deepEqual(ok(await elsewhere.auth.signOut()), { success: true });
  cleared(elsewhere.reply.headers.getSetCookie());
  assert.equal(elsewhere.cookies.size, 0);
  await gone(elsewhere);
  assert.equal((await send(base, 'GET', '/get-session', { headers: { cookie: before } })).text, 'null');
  assert.deepEqual(ok(await elsewhere.auth.signOut()), { success: true }, 'also without a session');
});

test('delete-user: not with a wrong password, not by nobody', async () => {
  error(await ada.auth.deleteUser({ password: 'not the one 1' }), 400, 'INVALID_PASSWORD');
  error(await new Visitor(base).auth.deleteUser({ password: PASSWORD }), 401, 'UNAUTHORIZED');
});

test('delete-user: the account is gone and its sessions with it', async () => {
  ok(await elsewhere.auth.signIn.email({ email, password: 'correct horse 3' }));
  assert.deepEqual(ok(await ada.auth.deleteUser({ password: 'correct horse 3' })), { success: true, message: 'User deleted' });
  cleared(ada.reply.headers.getSetCookie());
  await gone(ada);
  await gone(elsewhere);
  error(await ada.auth.signIn.email({ email, password: 'correct horse 3' }), 401, 'INVALID_EMAIL_OR_PASSWORD');
  ok(await ada.auth.signUp.email({ email, password: PASSWORD, name: 'Ada again' }));
});

test('delete-user: a fresh session needs no password', async () => {
  assert.deepEqual(ok(await bob.auth.deleteUser()), { success: true, message: 'User deleted' });
  await gone(bob);
});

// ---- HTTP

const post = (path, headers, body) => send(base, 'POST', path, { headers, body });
const signInWith = (headers) => post('/sign-in/email', headers, { email, password: PASSWORD });

test('ok', async () => {
  assert.deepEqual(ok(await ada.auth.$fetch('/ok')), { ok: true });
});

test('bodies: bad JSON, none, other content types', async () => {
  const origin = base;
  refused(await post('/sign-in/email', { origin }, '{"email":'), 400, 'BAD_REQUEST');
  refused(await post('/sign-in/email', { origin }), 400, 'VALIDATION_ERROR');
  refused(await post('/sign-in/email', { origin }, '[]'), 400, 'VALIDATION_ERROR');
  refused(await post('/sign-in/email', { origin }, { email }), 400, 'VALIDATION_ERROR');
  refused(await post('/sign-in/email', { origin, 'content-type': 'text/plain' }, '{}'), 415, 'UNSUPPORTED_MEDIA_TYPE');
  refused(await post('/update-user', { origin, 'content-type': 'application/x-www-form-urlencoded' }, 'name=Eve'),
    415, 'UNSUPPORTED_MEDIA_TYPE');
});

test('bodies: sign-in takes a form', async () => {
  const form = new URLSearchParams({ email, password: PASSWORD }).toString();
  const reply = await post('/sign-in/email', { origin: base, 'content-type': 'application/x-www-form-urlencoded' }, form);
  assert.equal(reply.status, 200, reply.text);
  assert.ok(sessionCookie(reply.cookies));
});

test('paths: unknown, wrong method, trailing and doubled slash are an empty 404', async () => {
  const wrong = [['GET', '/nope'], ['POST', '/nope'], ['GET', ''], ['GET', '/'], ['GET', '/sign-out'], ['GET', '/sign-in/email'],
    ['POST', '/list-sessions'], ['DELETE', '/get-session'], ['GET', '/get-session/'], ['GET', '//get-session'],
    ['POST', '//sign-in/email'], ['POST', '/sign-in//email'], ['POST', '/sign-in/email/']];
  for (const [method, path] of wrong) {
    const body = method === 'POST' ? { email, password: PASSWORD } : undefined;
    const { status, text } = await send(base, method, path, { headers: { origin: base }, body });
    assert.deepEqual([status, text], [404, ''], `${method} ${path}`);
  }
});

test('origin: a POST with a cookie needs a trusted one', async () => {
  const cookie = 'any=thing';
  refused(await signInWith({ cookie }), 403, 'MISSING_OR_NULL_ORIGIN');
  refused(await signInWith({ cookie, origin: 'null' }), 403, 'MISSING_OR_NULL_ORIGIN');
  refused(await signInWith({ cookie, origin: 'https://evil.example' }), 403, 'INVALID_ORIGIN');
  refused(await signInWith({ cookie, origin: `${base}.evil.example` }), 403, 'INVALID_ORIGIN');
  refused(await signInWith({ cookie, referer: 'https://evil.example/page' }), 403, 'INVALID_ORIGIN');
  refused(await post('/sign-out', { cookie }), 403, 'MISSING_OR_NULL_ORIGIN');
  refused(await post('/update-user', { cookie: ada.cookieHeader(), origin: 'https://evil.example' }, { name: 'Eve' }), 403, 'INVALID_ORIGIN');
  for (const headers of [{ origin: base }, { referer: `${base}/page` }, { origin: 'null', 'sec-fetch-site': 'same-origin' }])
    assert.equal((await signInWith({ cookie, ...headers })).status, 200, JSON.stringify(headers));
});

test('origin: without a cookie, only what a browser sends is held against it', async () => {
  assert.equal((await signInWith({})).status, 200, 'curl');
  refused(await signInWith({ 'sec-fetch-mode': 'cors' }), 403, 'MISSING_OR_NULL_ORIGIN');
  refused(await signInWith({ origin: 'https://evil.example' }), 403, 'INVALID_ORIGIN');
  refused(await signInWith({ origin: base, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }),
    403, 'CROSS_SITE_NAVIGATION_LOGIN_BLOCKED');
  const form = { 'content-type': 'application/x-www-form-urlencoded', origin: 'https://evil.example', 'sec-fetch-site': 'cross-site',
    'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
  refused(await post('/sign-up/email', form, 'name=Eve&email=eve%40example.com&password=correct+horse+1'),
    403, 'CROSS_SITE_NAVIGATION_LOGIN_BLOCKED');
});

test('origin: a bearer is not asked for one', async () => {
  const token = JSON.parse((await signInWith({})).text).token;
  const reply = await post('/update-user', { authorization: `Bearer ${token}` }, { name: 'Ada' });
  assert.deepEqual([reply.status, reply.text], [200, '{"status":true}']);
});

test('no session: 401 with one body everywhere', async () => {
  const bodies = new Set();
  const asked = [['GET', '/token'], ['GET', '/list-sessions'], ['GET', '/list-accounts'], ['POST', '/revoke-sessions', {}],
    ['POST', '/revoke-other-sessions', {}], ['POST', '/revoke-session', { token: 'x' }], ['POST', '/update-user', { name: 'Eve' }],
    ['POST', '/delete-user', {}], ['POST', '/change-password', { currentPassword: PASSWORD, newPassword: PASSWORD }]];
  for (const [method, path, body] of asked) {
    const reply = await send(base, method, path, { headers: { origin: base }, body });
    refused(reply, 401, 'UNAUTHORIZED');
    bodies.add(reply.text);
  }
  assert.equal(bodies.size, 1);
});

test('error page: 200 HTML or a redirect, with the parameter escaped', async () => {
  const reply = await send(base, 'GET', '/error?error=%3Cscript%3Ealert(1)%3C/script%3E');
  assert.ok([200, 302].includes(reply.status));
  assert.ok(!reply.text.includes('<script>alert(1)'));
});

test('cleaning up', async () => {
  ok(await ada.auth.deleteUser({ password: PASSWORD }));
});
