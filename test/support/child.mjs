// A stdio MCP server that does what it is told, above all what no server should do. Written without an SDK: it must be
// able to break every rule, and it must start fast.
//
//   node child.mjs [--name NAME] [--era legacy|modern|both] [--version VERSION]
//                  [--items N] [--page N]      N tools, prompts and resources `item_0…` more, in pages
//                  [--refuse TEXT]             prints TEXT on stderr and exits with 1 before anything else
//                  [--mute]                    reads, and never answers
//                  [--junk]                    prints lines on stdout that are no messages, from the start
//                  [--stubborn]                ignores the end of its input and SIGTERM
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { listsOf } from './child/lists.mjs';
import { TOOLS, toolsOf } from './child/tools.mjs';

const { values: options } = parseArgs({
  options: {
    name: { type: 'string', default: 'child' },
    era: { type: 'string', default: 'legacy' },
    version: { type: 'string' },
    items: { type: 'string', default: '0' },
    page: { type: 'string', default: '50' },
    refuse: { type: 'string' },
    mute: { type: 'boolean', default: false },
    junk: { type: 'boolean', default: false },
    stubborn: { type: 'boolean', default: false },
  },
});

if (options.refuse !== undefined) {
  process.stderr.write(`${options.refuse}\n`);
  process.exit(1);
}
if (options.junk) process.stdout.write('Server is starting…\n\n{"not":"a message"}\n[]\n{broken\n');

const write = (text) => process.stdout.write(`${text}\n`);
const send = (message) => write(JSON.stringify({ jsonrpc: '2.0', ...message }));

/** What the tools share: the connection, and what was seen on it. */
const state = {
  name: options.name,
  write,
  send,
  received: [],
  cancelled: [],
  extraTools: [],
  asked: new Map(),
};
const capabilities = {
  tools: { listChanged: true },
  prompts: { listChanged: true },
  resources: { listChanged: true, subscribe: true },
  logging: {},
  completions: {},
};
const serverInfo = { name: options.name, version: '1.0.0' };
const instructions = `I am ${options.name}.`;
const lists = listsOf({
  count: Number(options.items),
  pageSize: Number(options.page),
  tools: () => toolsOf(state),
});

const isModern = (params) => params?.['_meta']?.['io.modelcontextprotocol/protocolVersion'] !== undefined;

/** Answers one request; undefined when the tool has answered, or never will. */
async function answer(id, method, params) {
  switch (method) {
    case 'initialize':
      if (options.era === 'modern') throw rpcError(-32601, 'initialize is not known here');
      return {
        protocolVersion: options.version ?? params.protocolVersion,
        capabilities,
        serverInfo,
        instructions,
      };
    case 'server/discover':
      if (options.era === 'legacy') throw rpcError(-32601, 'server/discover is not known here');
      return {
        supportedVersions: ['2026-07-28'],
        capabilities,
        instructions,
        ttlMs: 0,
        cacheScope: 'private',
      };
    case 'ping':
    case 'logging/setLevel':
      return {};
    case 'tools/call': {
      const tool = TOOLS.get(params.name);
      if (!tool) throw rpcError(-32602, `Tool ${params.name} not found`);
      return tool.run(params.arguments ?? {}, { id, params, state });
    }
    default: {
      const list = lists.get(method);
      if (!list) throw rpcError(-32601, `Method ${method} not found`);
      return list(params ?? {});
    }
  }
}

function rpcError(code, message, data) {
  return Object.assign(new Error(message), { code, data });
}

/** Modern results say what they are, and lists say how long they are good for. */
function dressed(result, method, params) {
  if (!isModern(params)) return result;
  const cacheable = /\/list$|resources\/read|server\/discover/.test(method);
  return { resultType: 'complete', ...(cacheable ? { ttlMs: 0, cacheScope: 'private' } : {}), ...result };
}

async function receive(line) {
  const message = JSON.parse(line);
  const { id, method, params } = message;
  if (method === undefined) return state.asked.get(id)?.(message);
  state.received.push({ id, method, params });
  if (method === 'notifications/cancelled') state.cancelled.push(params.requestId);
  if (id === undefined || options.mute) return undefined;
  try {
    const result = await answer(id, method, params);
    if (result !== undefined) send({ id, result: dressed(result, method, params) });
  } catch (error) {
    send({ id, error: { code: error.code ?? -32603, message: error.message, data: error.data } });
  }
  return undefined;
}

if (options.stubborn) {
  process.on('SIGTERM', () => process.stderr.write('not now\n'));
  setInterval(() => {}, 1000);
}
createInterface({ input: process.stdin }).on('line', (line) => void receive(line));
