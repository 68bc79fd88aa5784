/** What clients do to a gateway in a soak: what they should, and everything else that has been seen of them. */
import { connect } from 'node:net';
import { begin, callTool, modernRequest, post, send, Session, type Target, textOf } from '../support/http.ts';

/** Gives numbers from 0 to 1 that look random, and are the same in each run of a seed. */
export type Random = () => number;

export interface Soaked extends Target {
  readonly token: string;
}

/** One thing that a client does, from beginning to end. What goes wrong with it is the client's own business. */
export type Doing = (gateway: Soaked, random: Random, seen: Seen) => Promise<unknown>;

/** What the clients have noticed. */
export interface Seen {
  /** Processes that servers have started, and that nobody but the gateway will end. */
  readonly grandchildren: number[];
}

const OPEN = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'soak', version: '1' } };
const QUESTION = { message: 'Who?', requestedSchema: { type: 'object', properties: {} } };
const SERVERS = ['each', 'session', 'shared'];

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function pick<T>(from: readonly T[], random: Random): T {
  const chosen = from[Math.floor(random() * from.length)];
  if (chosen === undefined) throw new Error('there is nothing to choose from');
  return chosen;
}

const tool = (random: Random, name: string): string => `${pick(SERVERS, random)}__${name}`;

/** Begins a call and breaks the connection in the midst of it. */
async function abort(gateway: Soaked, random: Random): Promise<void> {
  const call = begin(gateway, modernRequest('tools/call', { name: tool(random, 'hang'), arguments: {} }));
  await pause(random() * 100);
  call.close();
}

/** Opens a session, works in it and is gone: no DELETE, and perhaps a stream that is half open. */
async function vanish(gateway: Soaked, random: Random): Promise<void> {
  const session = await Session.open(gateway);
  const stream = begin(gateway, { method: 'GET', headers: session.headers });
  await session.call(tool(random, 'echo'), { text: 'x' });
  const last = begin(gateway, {
    headers: session.headers,
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 7,
      method: 'tools/call',
      params: { name: tool(random, 'hang') },
    }),
  });
  await pause(random() * 50);
  last.close();
  stream.close();
}

/** Opens a stream and then reads nothing of it, and later breaks it without a word. */
async function halfOpen(gateway: Soaked, random: Random): Promise<void> {
  const session = await Session.open(gateway);
  const head = [
    'GET /mcp HTTP/1.1',
    'Host: 127.0.0.1',
    'Accept: text/event-stream',
    `Authorization: Bearer ${gateway.token}`,
    ...Object.entries(session.headers).map(([name, value]) => `${name}: ${value}`),
  ];
  const socket = connect(gateway.port, '127.0.0.1').on('error', () => {});
  socket.pause();
  socket.write(`${head.join('\r\n')}\r\n\r\n`);
  await session.call(tool(random, 'add_tool'), { name: 'more' });
  await pause(random() * 200);
  socket.resetAndDestroy();
}

async function batch(gateway: Soaked, random: Random): Promise<void> {
  const session = await Session.open(gateway, { version: '2025-03-26' });
  const names = ['echo', 'progress', 'whoami', 'fail', 'hang'];
  const calls = names.map((name, id) => ({
    jsonrpc: '2.0',
    id,
    method: 'tools/call',
    params: { name: tool(random, name), arguments: { text: 'x', message: 'x' } },
  }));
  const exchange = begin(gateway, { headers: session.headers, body: JSON.stringify(calls) });
  await pause(100);
  exchange.close();
  if (random() < 0.5) await session.close();
}

/** What stands where `initialize` belongs. */
const MALFORMED = [
  '',
  '{',
  '[]',
  '[[]]',
  'null',
  '{"jsonrpc":"2.0"}',
  '{"jsonrpc":"1.0","id":1,"method":"initialize"}',
  '{"jsonrpc":"2.0","id":{},"method":"initialize","params":{}}',
  '{"jsonrpc":"2.0","id":1,"method":"initialize","params":[]}',
  '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":7,"capabilities":"x"}}',
  '{"jsonrpc":"2.0","method":"initialize"}',
  '{"jsonrpc":"2.0","id":1,"method":"tools/list"}',
  `{"jsonrpc":"2.0","id":1,"method":"initialize","params":${'['.repeat(500)}${']'.repeat(500)}}`,
];

async function malformed(gateway: Soaked, random: Random): Promise<void> {
  const path = pick(['/mcp', '/servers/session/mcp', '/servers/refuses/mcp', '/servers/none/mcp'], random);
  await send(gateway, { path, body: pick(MALFORMED, random) });
  await post(gateway, { jsonrpc: '2.0', id: 1, method: 'initialize', params: OPEN }, { path });
}

/** Is asked something, and never answers. */
async function unanswered(gateway: Soaked, random: Random): Promise<void> {
  const input = { method: 'elicitation/create', params: QUESTION };
  const capabilities = { elicitation: {} };
  if (random() < 0.5) {
    await callTool(gateway, tool(random, 'ask'), input, {
      meta: { 'io.modelcontextprotocol/clientCapabilities': capabilities },
      timeoutMs: 2000,
    });
    return;
  }
  const session = await Session.open(gateway, { capabilities });
  const call = begin(gateway, {
    headers: session.headers,
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: tool(random, 'ask'), arguments: input },
    }),
  });
  await pause(100);
  call.close();
}

/** Loses its connection, and comes back for what it missed. */
async function reconnect(gateway: Soaked, random: Random): Promise<void> {
  const session = await Session.open(gateway);
  const body = JSON.stringify({
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/call',
    params: {
      name: tool(random, 'progress'),
      arguments: { steps: 5, delayMs: 20 },
      _meta: { progressToken: 1 },
    },
  });
  const lost = begin(gateway, { headers: session.headers, body });
  await lost.status;
  await pause(30);
  lost.close();
  const id = [...lost.text().matchAll(/^id: ?(.*)$/gm)].at(-1)?.[1];
  if (id !== undefined)
    await send(gateway, {
      method: 'GET',
      headers: { ...session.headers, 'last-event-id': id },
      timeoutMs: 2000,
    });
  await session.close();
}

/** Server processes that crash, flood, and leave others behind. */
async function mistreat(gateway: Soaked, random: Random, seen: Seen): Promise<void> {
  const [name, input] = pick<[string, Record<string, unknown>]>(
    [
      ['crash', {}],
      ['stderr', { text: 'flood', lines: 2000, width: 200 }],
      ['stderr_without_end', { bytes: 500_000 }],
      ['flood_line', { bytes: 2_000_000 }],
      ['big', { bytes: 300_000 }],
      ['junk', {}],
      ['strangers', {}],
      ['grandchild', {}],
      ['grandchild', {}],
    ],
    random,
  );
  const answer = await callTool(gateway, tool(random, name), input, { timeoutMs: 5000 });
  if (name === 'grandchild' && answer.last.result) seen.grandchildren.push(Number(textOf(answer)));
}

async function behave(gateway: Soaked, random: Random): Promise<void> {
  const session = await Session.open(gateway);
  await session.request('tools/list');
  for (let i = 0; i < 5; i++) await session.call(tool(random, 'echo'), { text: String(i) });
  await session.close();
}

const call: Doing = (gateway, random) => callTool(gateway, tool(random, 'echo'), { text: 'x' });

/** Each as often as it stands here. */
export const DOINGS: readonly Doing[] = [
  ...Array.from({ length: 8 }, () => call),
  behave,
  behave,
  abort,
  abort,
  vanish,
  halfOpen,
  batch,
  malformed,
  unanswered,
  reconnect,
  mistreat,
];
