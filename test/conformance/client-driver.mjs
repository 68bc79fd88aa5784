// Drives the client and auth scenarios of the official suite: directly against the suite's mock server (a sanity run),
// through `sallyport connect`, or through a gateway in front of it.
//   conformance client --command "node test/conformance/client-driver.mjs --through connect" --requirements 2026-07-28
// The suite appends the mock's URL.
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { oauthFetch } from './client-oauth.mjs';
import { throughConnect, throughGateway } from './client-ways.mjs';

const scenario = process.env.MCP_CONFORMANCE_SCENARIO ?? 'tools_call';
const version = process.env.MCP_CONFORMANCE_PROTOCOL_VERSION ?? '';
const context = JSON.parse(process.env.MCP_CONFORMANCE_CONTEXT ?? '{}');
const mock = process.argv.at(-1);
const through = process.argv.at(-2) ?? 'none';
const isAuth = scenario.startsWith('auth/');
const isLegacy = version ? version < '2026-07-28' : !/^(request-metadata|http-|sep-2322)/.test(scenario);

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

/** What a person would write down of this server. */
const server = {
  url: mock,
  context,
  isAuth,
  grant: scenario === 'auth/client-credentials-basic' ? 'client_credentials' : undefined,
  // Some mocks do not answer server/discover.
  protocol: /^(http-|sep-2322)/.test(scenario) ? '2026-07-28' : undefined,
};

/** @returns the way to the mock, what to do when it wants a login, and the end of it all */
async function open() {
  if (through === 'connect') {
    const way = throughConnect(server);
    return { transport: new StdioClientTransport(way.command), logIn: async () => {}, close: way.close };
  }
  if (through === 'gateway') {
    const way = await throughGateway(server);
    return {
      transport: new StreamableHTTPClientTransport(new URL(way.endpoint)),
      logIn: way.logIn,
      close: way.close,
    };
  }
  const url = new URL(mock);
  const fetch = isAuth ? { fetch: oauthFetch(url, context) } : {};
  return {
    transport: new StreamableHTTPClientTransport(url, fetch),
    logIn: async () => {},
    close: async () => {},
    prior: server.protocol === undefined ? undefined : KNOWN_MODERN,
  };
}

const way = await open();
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
  await client.connect(way.transport, way.prior ? { prior: way.prior } : {});
  await play(client).catch(async (error) => {
    // A person who reads that a login is needed does that, and tries again.
    if (!/sallyport login/.test(error.message)) throw error;
    await way.logIn();
    await play(client);
  });
  await client.close();
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  await way.close();
}
process.exit();
