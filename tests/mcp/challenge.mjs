// What somebody without a token that counts is told, as the official TypeScript clients understand it; ends with an error if
// they cannot tell where to get one.
//
//     node challenge.mjs URL

import assert from 'node:assert/strict';
import * as client from '@modelcontextprotocol/client';
import * as sdk from '@modelcontextprotocol/sdk/client/auth.js';
import { connect } from './connect.mjs';

const [url] = process.argv.slice(2);
const { origin, pathname } = new URL(url);

for (const [token, error] of [[undefined, undefined], ['sayso_0123456789abcdef', 'invalid_token']]) {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
      ...(token && { authorization: `Bearer ${token}` }),
    },
    body: '{"jsonrpc":"2.0","id":1,"method":"tools/list"}',
  });
  assert.equal(response.status, 401);
  for (const { extractWWWAuthenticateParams } of [client, sdk]) {
    const told = extractWWWAuthenticateParams(response);
    assert.equal(told.resourceMetadataUrl?.href, `${origin}/.well-known/oauth-protected-resource${pathname}`);
    assert.equal(told.scope, 'tasks:read tasks:write');
    assert.equal(told.error, error);
  }
}

process.env.SAYSO_TOKEN = 'sayso_0123456789abcdef';
for (const [line, mode] of [['sdk', 'legacy'], ['client', 'legacy'], ['client', 'auto'], ['client', '2026-07-28']]) {
  await assert.rejects(
    connect(line, mode, [url]).then((connected) => connected.listTools()),
    (error) => /401|[Uu]nauthorized/.test(`${error.name} ${error.code} ${error.message} ${error.cause}`),
    `${line} ${mode}`,
  );
}
