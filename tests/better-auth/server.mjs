// The real Better Auth server, to hold the scripts beside this one against, or to make a database that ours then reads.
//   BETTER_AUTH_SECRET=… node_modules/node/bin/node server.mjs sqlite:PATH|postgres://… PORT
// Says `ready` once it listens. Mails are lines: `reset URL`, `verify URL`.
import http from 'node:http';
import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';
import { betterAuth } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import { toNodeHandler } from 'better-auth/node';
import { bearer, jwt } from 'better-auth/plugins';

const [database, port] = process.argv.slice(2);
if (!database || !port || !process.env.BETTER_AUTH_SECRET) {
  console.error('usage: BETTER_AUTH_SECRET=… server.mjs sqlite:PATH|postgres://… PORT');
  process.exit(2);
}

const auth = betterAuth({
  baseURL: `http://127.0.0.1:${port}`,
  database: database.startsWith('sqlite:')
    ? new DatabaseSync(database.slice('sqlite:'.length))
    : new pg.Pool({ connectionString: database }),
  emailAndPassword: {
    enabled: true,
    sendResetPassword: async ({ url }) => console.log('reset', url),
  },
  emailVerification: { sendVerificationEmail: async ({ url }) => console.log('verify', url) },
  user: { changeEmail: { enabled: true }, deleteUser: { enabled: true } },
  plugins: [bearer(), jwt()],
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
});

await (await getMigrations(auth.options)).runMigrations();
http.createServer(toNodeHandler(auth)).listen(Number(port), '127.0.0.1', () => console.log('ready'));
