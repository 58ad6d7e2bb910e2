// A person with a browser, as far as letting an agent in takes one.

import assert from 'node:assert/strict';

/** The value of a field of a form, as the page writes it. */
function field(page, name) {
  const value = page.match(new RegExp(`name="${name}" value="([^"]*)"`))?.[1];
  assert.notEqual(value, undefined, `the page has a field ${name}`);
  return unescape(value);
}

/** Text without the marks by which HTML hides what it could take for its own. */
function unescape(text) {
  return text
    .replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)))
    .replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

/** Somebody with a new account on the server at `origin`. */
export async function person(origin) {
  const email = `${crypto.randomUUID()}@example.com`;
  const signedUp = await fetch(`${origin}/api/auth/sign-up/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin },
    body: JSON.stringify({ email, password: 'correct horse 1', name: 'Ada' }),
  });
  assert.equal(signedUp.status, 200, await signedUp.clone().text());
  const cookie = signedUp.headers.getSetCookie().map((line) => line.split(';')[0]).join('; ');

  /** Reads what is asked at this address, says yes, and returns where that leads. */
  async function consent(url, access = 'write') {
    const asked = await fetch(url, { headers: { cookie }, redirect: 'manual' });
    const page = await asked.text();
    assert.equal(asked.status, 200, page);
    const answered = await fetch(new URL('/oauth/authorize', origin), {
      method: 'POST',
      headers: { cookie, origin },
      body: new URLSearchParams({
        csrf: field(page, 'csrf'),
        request: field(page, 'request'),
        access,
        answer: 'yes',
      }),
    });
    assert.equal(answered.status, 200, await answered.clone().text());
    return new URL(answered.headers.get('refresh').replace(/^0;url=/, ''));
  }
  return { consent };
}
