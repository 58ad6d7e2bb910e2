// Connects a TypeScript client: `sdk` is @modelcontextprotocol/sdk, which most hosts contain and which knows only the era of
// `initialize`; `client` is @modelcontextprotocol/client, which knows both. `where` is an address, or a program with its
// arguments, which is then spoken to over stdio.

/** How clients of a line are made, and how they are connected. `mode` is `legacy`, `auto` or a version. */
export async function program(line, mode) {
  const { Client, Http, Stdio } = await { sdk, client }[line]();
  const negotiated = mode === 'legacy' || mode === 'auto' ? mode : { pin: mode };
  const made = () =>
    new Client({ name: `sayso-tests-${line}`, version: '1' }, { versionNegotiation: { mode: negotiated } });
  return { Client: made, Http, Stdio };
}

/** A connected client. */
export async function connect(line, mode, [target, ...args]) {
  const { Client, Http, Stdio } = await program(line, mode);
  const transport = /^https?:/.test(target)
    ? new Http(new URL(target), { requestInit: { headers: { authorization: `Bearer ${process.env.SAYSO_TOKEN}` } } })
    : new Stdio({ command: target, args, env: process.env });
  const connected = Client();
  // What is no message, or one that nobody has asked for, ends the test.
  connected.onerror = (error) => {
    throw error;
  };
  await connected.connect(transport);
  return connected;
}

async function sdk() {
  const { Client } = await import('@modelcontextprotocol/sdk/client/index.js');
  const { StreamableHTTPClientTransport } = await import('@modelcontextprotocol/sdk/client/streamableHttp.js');
  const { StdioClientTransport } = await import('@modelcontextprotocol/sdk/client/stdio.js');
  return { Client, Http: StreamableHTTPClientTransport, Stdio: StdioClientTransport };
}

async function client() {
  const { Client, StreamableHTTPClientTransport } = await import('@modelcontextprotocol/client');
  const { StdioClientTransport } = await import('@modelcontextprotocol/client/stdio');
  return { Client, Http: StreamableHTTPClientTransport, Stdio: StdioClientTransport };
}
