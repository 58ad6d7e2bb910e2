// Someone at a browser: the official client as published, with the cookie jar that Node lacks.
import { randomUUID } from 'node:crypto';
import { createAuthClient } from 'better-auth/client';
import { jwtClient } from 'better-auth/client/plugins';
import { createRemoteJWKSet, jwtVerify } from 'jose';

export const PASSWORD = 'correct horse 1';

export class Visitor {
  cookies = new Map();

  constructor(base) {
    this.base = new URL(base).origin;
    this.auth = createAuthClient({
      baseURL: this.base,
      plugins: [jwtClient()],
      fetchOptions: { customFetchImpl: (url, init) => this.fetch(url, init) },
    });
  }

  // Node's fetch says `sec-fetch-mode: cors` and no Origin, which no browser does and the server refuses.
  async fetch(url, init = {}) {
    const headers = new Headers(init.headers);
    headers.set('origin', this.base);
    if (this.cookies.size) headers.set('cookie', this.cookieHeader());
    this.reply = await fetch(url, { ...init, headers, redirect: 'manual', signal: AbortSignal.timeout(30_000) });
    for (const line of this.reply.headers.getSetCookie()) this.keep(line);
    return this.reply;
  }

  cookieHeader() {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  keep(line) {
    const [, name, value] = line.match(/^([^=]+)=([^;]*)/);
    if (/; *max-age=0(;|$)/i.test(line)) this.cookies.delete(name);
    else this.cookies.set(name, value);
  }

  // The claims of this visitor's JWT, verified as a separate service would.
  async claims() {
    const { data, error } = await this.auth.token();
    if (error) throw new Error(`no token: ${JSON.stringify(error)}`);
    const keys = createRemoteJWKSet(new URL('/api/auth/jwks', this.base));
    const { payload } = await jwtVerify(data.token, keys, { issuer: this.base, audience: this.base });
    return payload;
  }
}

// An address nobody has yet, with a capital letter in it.
export const freshEmail = (who) => `${who}-${randomUUID()}@Example.com`;
