// The way in of an agent that knows nothing but the address: discovery, registration, a person's consent, tokens, and a new
// token when one has ended, all by the official TypeScript clients' own OAuth.
//
//     node oauth.mjs sdk|client legacy|auto|2026-07-28 URL      agents have to be allowed to register themselves

import assert from 'node:assert/strict';
import { program } from './connect.mjs';
import { person } from './person.mjs';

const [line, mode, url] = process.argv.slice(2);

/** What the client keeps between its steps. */
class Kept {
  redirectUrl = 'http://127.0.0.1:9/callback';
  clientMetadata = {
    client_name: 'An agent of the tests',
    redirect_uris: [this.redirectUrl],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
  };
  state = () => 'a state';
  clientInformation = () => this.client;
  saveClientInformation = (client) => (this.client = client);
  tokens = () => this.kept;
  saveTokens = (tokens) => (this.kept = tokens);
  saveCodeVerifier = (verifier) => (this.verifier = verifier);
  codeVerifier = () => this.verifier;
  saveDiscoveryState = (state) => (this.discovered = state);
  discoveryState = () => this.discovered;
  redirectToAuthorization = (address) => (this.asked = address);
}

const authProvider = new Kept();
const { Client, Http } = await program(line, mode);
const transport = () => new Http(new URL(url), { authProvider });

// Without a token the client finds the way by itself, up to where a person is asked.
const first = transport();
await assert.rejects(Client().connect(first), (error) => /[Uu]nauthorized/.test(`${error.name} ${error.message}`));
const { searchParams: asked } = authProvider.asked;
assert.equal(asked.get('resource'), url);
assert.equal(asked.get('scope'), 'tasks:read tasks:write');
assert.equal(asked.get('code_challenge_method'), 'S256');

// Where people are asked may be another place than where agents come.
const { origin } = authProvider.asked;
const ada = await person(origin);
const back = await ada.consent(authProvider.asked);
assert.equal(back.origin + back.pathname, authProvider.redirectUrl);
assert.equal(back.searchParams.get('state'), 'a state');
assert.equal(back.searchParams.get('iss'), origin);
await first.finishAuth(...(line === 'sdk' ? [back.searchParams.get('code')] : [back.searchParams]));

const client = Client();
await client.connect(transport());
const { content } = await client.callTool({ name: 'add_task', arguments: { title: 'Let in' } });
assert.match(content[0].text, /Let in/);
await client.close();

// A token that counts no more is exchanged without asking anybody.
const old = authProvider.kept;
authProvider.kept = { ...old, access_token: `${old.access_token}x` };
authProvider.asked = undefined;
const again = Client();
await again.connect(transport());
assert.ok((await again.listTools()).tools.length > 0);
assert.equal(authProvider.asked, undefined, 'nobody is asked again');
assert.notEqual(authProvider.kept.refresh_token, old.refresh_token);
await again.close();
