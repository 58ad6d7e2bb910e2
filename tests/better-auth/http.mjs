// Requests with exactly the headers asked for, which fetch does not let one choose.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import { text as textOf } from 'node:stream/consumers';

// `path` is below /api/auth. A body that is not text goes as JSON.
export async function send(base, method, path, { headers = {}, body } = {}) {
  const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  const type = text === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
  const { hostname, port } = new URL(base);
  const request = http.request({
    hostname, port, method,
    path: `/api/auth${path}`,
    headers: { ...type, ...headers },
    agent: false,
    signal: AbortSignal.timeout(30_000),
  });
  request.end(text);
  const [reply] = await once(request, 'response');
  return {
    status: reply.statusCode,
    headers: reply.headers,
    cookies: reply.headers['set-cookie'] ?? [],
    text: await textOf(reply),
  };
}

// An error as the client wants it: JSON with a message and, if there is one, a code.
export function refused({ status, headers, text }, wantedStatus, wantedCode) {
  assert.equal(status, wantedStatus, text);
  assert.match(headers['content-type'], /^application\/json/);
  const { message, code, ...more } = JSON.parse(text);
  assert.equal(code, wantedCode);
  assert.ok(typeof message === 'string' && message.length > 0, 'a message');
  assert.deepEqual(more, {});
}
