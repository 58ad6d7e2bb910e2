// Signs in with the official client, asks who that is by cookie and by JWT, and prints the user as a line of JSON; exits
// with 1 if it cannot.
import assert from 'node:assert/strict';
import { Visitor } from './visitor.mjs';

const [base, email, password] = process.argv.slice(2);
const visitor = new Visitor(base);
const signedIn = await visitor.auth.signIn.email({ email, password });
if (signedIn.error) {
  console.error('sign-in:', JSON.stringify(signedIn.error));
  process.exit(1);
}
const session = await visitor.auth.getSession();
assert.deepEqual(session.data?.user, signedIn.data.user);
assert.equal((await visitor.claims()).sub, session.data.user.id);
console.log(JSON.stringify(session.data.user));
