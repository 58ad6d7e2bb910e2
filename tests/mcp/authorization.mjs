// The conformance suite for authorization servers, with a person who says yes.
//
//     node authorization.mjs URL      agents have to be allowed to register themselves

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { person } from './person.mjs';

const [url] = process.argv.slice(2);
const { origin } = new URL(url);

// Where the suite will listen for the person who comes back; free a moment ago, a port can only be lent.
const lent = createServer().listen(0, '127.0.0.1');
await once(lent, 'listening');
const { port } = lent.address();
lent.close();

const registered = await fetch(`${origin}/oauth/register`, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ client_name: 'The suite', redirect_uris: [`http://127.0.0.1:${port}/callback`] }),
});
assert.equal(registered.status, 201, await registered.clone().text());
const { client_id: client } = await registered.json();

const ada = await person(origin);
const suite = spawn(process.execPath, [
  'node_modules/@modelcontextprotocol/conformance/dist/index.js', 'authorization',
  '--url', origin, '--client-id', client, '--resource', url, '--port', port,
]);
suite.stderr.pipe(process.stderr);
const ended = once(suite, 'exit');
let out = '';
for await (const line of createInterface(suite.stdout)) {
  out += `${line}\n`;
  if (line.startsWith(`${origin}/oauth/authorize?`)) await fetch(await ada.consent(line));
}
const [code] = await ended;
assert.equal(code, 0, out);
assert.match(out, /authorization-code-grant: 1 passed, 0 failed/);
