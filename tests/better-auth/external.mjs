// Someone who has an account on the official server, at another server that believes it.
//   node external.mjs OFFICIAL_URL OTHER_URL EMAIL PASSWORD
import assert from 'node:assert/strict';
import { Visitor } from './visitor.mjs';

const [official, other, email, password] = process.argv.slice(2);
const visitor = new Visitor(official);
const { data, error } = await visitor.auth.signIn.email({ email, password });
assert.equal(error, null, JSON.stringify(error));
const signed = visitor.reply.headers.get('set-auth-token');
const jwt = (await visitor.auth.token()).data.token;
const status = async (headers) => (await fetch(`${other}/api/${data.user.id}/tasks`, { headers })).status;

assert.equal(await status({ authorization: `Bearer ${jwt}` }), 200, 'a JWT');
assert.equal(await status({ authorization: `Bearer ${signed}` }), 200, 'a bearer');
assert.equal(await status({ cookie: visitor.cookieHeader() }), 200, 'a cookie');
const [head, body, signature] = jwt.split('.');
const none = Buffer.from('{"alg":"none"}').toString('base64url');
for (const forged of [`${none}.${body}.`, `${head}.${body}.${signature.slice(0, -8)}AAAAAAAA`, `${head}.${body}`])
  assert.equal(await status({ authorization: `Bearer ${forged}` }), 401, forged);
await visitor.auth.signOut();
assert.equal(await status({ authorization: `Bearer ${signed}` }), 401, 'after signing out there');
