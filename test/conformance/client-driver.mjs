// Drives the client and auth scenarios of the official suite, either directly against the suite's mock server (a sanity
// run) or through a gateway in front of it.
//   conformance client --command "node test/conformance/client-driver.mjs" --requirements 2026-07-28
//   GATEWAY_CMD='node bin/sallyport.js up … {url} … {port}' conformance client --command "…" --suite core
// The suite appends the mock's URL. In GATEWAY_CMD {url}, {port} and {version} are filled in, and {sp} is a space inside
// of a word.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { oauthFetch } from './client-oauth.mjs';

const scenario = process.env.MCP_CONFORMANCE_SCENARIO ?? 'tools_call';
const version = process.env.MCP_CONFORMANCE_PROTOCOL_VERSION ?? '';
const context = JSON.parse(process.env.MCP_CONFORMANCE_CONTEXT ?? '{}');
const mock = process.argv.at(-1);
const isAuth = scenario.startsWith('auth/');
const isLegacy = version ? version < '2026-07-28' : !/^(request-metadata|http-|sep-2322)/.test(scenario);

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return port;
}

/** Starts the gateway of GATEWAY_CMD in front of the mock. */
async function startGateway(command) {
  const port = await freePort();
  const [program, ...args] = command
    .split(' ')
    .map((word) =>
      word
        .replaceAll('{url}', mock)
        .replaceAll('{port}', String(port))
        .replaceAll('{version}', version)
        .replaceAll('{sp}', ' '),
    );
  const gateway = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const endpoint = `http://127.0.0.1:${port}/mcp`;
  const isUp = () =>
    fetch(endpoint, { method: 'OPTIONS', signal: AbortSignal.timeout(500) }).then(
      () => true,
      () => false,
    );
  for (let attempt = 0; !(await isUp()); attempt += 1) {
    if (attempt > 100) throw new Error('the gateway does not answer');
    await pause(100);
  }
  return {
    endpoint,
    async stop() {
      if (gateway.exitCode !== null) return;
      gateway.kill('SIGTERM');
      await Promise.race([once(gateway, 'exit'), pause(3000)]);
      if (gateway.exitCode === null) gateway.kill('SIGKILL');
    },
  };
}

/** Several mocks of 2026-07-28 do not answer server/discover; a direct client has to know their era beforehand. */
const KNOWN_MODERN = {
  kind: 'modern',
  discover: {
    supportedVersions: ['2026-07-28'],
    capabilities: { tools: {}, resources: {}, prompts: {} },
    resultType: 'complete',
    ttlMs: 0,
    cacheScope: 'private',
    _meta: { 'io.modelcontextprotocol/serverInfo': { name: 'mock', version: '1' } },
  },
};

function clientCapabilities() {
  if (scenario === 'request-metadata') return { roots: { listChanged: true }, sampling: {}, elicitation: {} };
  if (scenario.includes('elicitation')) return { elicitation: { form: { applyDefaults: true } } };
  return scenario.startsWith('sep-2322') ? { elicitation: {} } : {};
}

/** Some calls of a scenario are meant to fail. */
const quietly = (promise) => promise.catch((error) => console.error('(ignored)', error.message));

/** What each scenario wants its client to do. */
async function play(client) {
  const call = (name, input = {}) => client.callTool({ name, arguments: input });
  const tools = async () => (await client.listTools()).tools;
  if (isAuth) {
    await tools();
    return call('test-tool');
  }
  switch (scenario) {
    case 'initialize':
    case 'request-metadata':
      return quietly(client.listTools());
    case 'tools_call':
      await tools();
      return call('add_numbers', { a: 5, b: 3 });
    case 'http-custom-headers':
      await tools();
      for (const { name, arguments: input } of context.toolCalls ?? []) await call(name, input);
      return undefined;
    case 'http-invalid-tool-headers':
      for (const { name } of await tools()) await quietly(call(name, { region: 'us-west1' }));
      return undefined;
    case 'http-standard-headers': {
      const [tool] = await tools();
      if (tool) await call(tool.name);
      const [resource] = (await client.listResources()).resources;
      if (resource) await client.readResource({ uri: resource.uri });
      const [prompt] = (await client.listPrompts()).prompts;
      return prompt ? client.getPrompt({ name: prompt.name, arguments: {} }) : undefined;
    }
    case 'sep-2322-client-request-state':
      for (const name of ['echo_state', 'no_state', 'unrelated']) await call(`test_mrtr_${name}`);
      return quietly(call('test_mrtr_no_result_type'));
    case 'json-schema-2020-12-preservation': {
      const tool = (await tools()).find(({ name }) => name === 'json_schema_2020_12_tool');
      return call('json_schema_echo', { schema: tool.inputSchema });
    }
    default:
      for (const { name } of await tools()) await quietly(call(name));
      return undefined;
  }
}

const { GATEWAY_CMD } = process.env;
const gateway = GATEWAY_CMD ? await startGateway(GATEWAY_CMD) : undefined;
try {
  const capabilities = clientCapabilities();
  const mode = isLegacy && !isAuth ? 'legacy' : 'auto';
  const client = new Client(
    { name: 'conformance-driver', version: '1.0.0' },
    { capabilities, versionNegotiation: { mode } },
  );
  if (capabilities.elicitation) {
    const content = scenario.startsWith('sep-2322') ? { confirmed: true } : {};
    client.setRequestHandler('elicitation/create', async () => ({ action: 'accept', content }));
  }
  const url = new URL(gateway?.endpoint ?? mock);
  const transport = new StreamableHTTPClientTransport(url, isAuth ? { fetch: oauthFetch(url, context) } : {});
  const known = !gateway && /^(http-|sep-2322)/.test(scenario);
  await client.connect(transport, known ? { prior: KNOWN_MODERN } : {});
  await play(client);
  await client.close();
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  await gateway?.stop();
}
process.exit();
