// Behind a proxy that holds answers back until they are whole, the page says so, and what would help.
import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { house } from './house.mjs';

const { test } = house({ model: true, settings: { MODEL_MODE: 'unsure' } });

/** A proxy that sends nothing on before it has everything. @param {string} origin @returns {Promise<import('node:http').Server>} */
function proxy(origin) {
  const server = createServer(async (request, response) => {
    const headers = new Headers(/** @type {Record<string, string>} */ (request.headers));
    for (const name of ['host', 'connection', 'content-length', 'accept-encoding']) headers.delete(name);
    if (headers.has('origin')) headers.set('origin', origin);
    const body = request.method === 'POST' ? await buffer(request) : undefined;
    try {
      // The stream of changes has no end to wait for.
      if (request.url?.startsWith('/api/events')) throw new Error('not here');
      const answer = await fetch(origin + request.url, { method: request.method, headers, body, redirect: 'manual' });
      const whole = Buffer.from(await answer.arrayBuffer());
      const kept = [...answer.headers].filter(([name]) => !/^(content-(encoding|length)|transfer-encoding|connection|keep-alive|set-cookie)$/.test(name));
      response.writeHead(answer.status, Object.fromEntries(kept)).end(whole);
    } catch {
      response.writeHead(502).end();
    }
  });
  return new Promise((done) => server.listen(0, '127.0.0.1', () => done(server)));
}

test('answers that come late', { path: null }, async (visit, person, { model, origin }) => {
  const between = await proxy(origin);
  try {
    const { port } = /** @type {import('node:net').AddressInfo} */ (between.address());
    visit.allow(/502/, new RegExp(`to somebody else: http://127.0.0.1:${port}/`));
    // A model that needs three seconds for what it has to say.
    await model.says({ text: 'word '.repeat(30), text_piece: 5, piece_delay_ms: 100 });
    await visit.go(`http://127.0.0.1:${port}/`);
    await visit.openAssistant();
    await visit.composer.fill('write me something long about nothing at all');
    await visit.composer.press('Enter');
    await visit.assistant.getByText(/Answers arrive late/).waitFor();
    await visit.assistant.getByText(/X-Accel-Buffering/).waitFor();
  } finally {
    between.closeAllConnections();
    between.close();
  }
});

test('answers that come as they are written', {}, async (visit, person, { model }) => {
  await model.says({ text: 'word '.repeat(30), text_piece: 5, piece_delay_ms: 100 });
  await visit.openAssistant();
  const answer = await visit.tell('write me something long about nothing at all');
  await answer.locator('.foot').waitFor();
  await visit.assistant.getByText(/Answers arrive late/).waitFor({ state: 'hidden' });
});
