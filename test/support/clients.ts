import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { LoggingMessageNotificationSchema } from '@modelcontextprotocol/sdk/types.js';

/** What a tool gave back, as far as the tests look at it. */
export interface ToolResult {
  content: { type: string; text?: string }[];
  structuredContent?: unknown;
  isError?: boolean;
}

export interface Progress {
  progress: number;
  total?: number | undefined;
  message?: string | undefined;
}

export interface CallOptions {
  onprogress?: (progress: Progress) => void;
  signal?: AbortSignal;
}

interface Listed {
  name: string;
  description?: string | undefined;
}

/** One face for the official clients, so that one test can be run with each of them. */
export interface TestClient extends AsyncDisposable {
  /** Log messages in the order they came. */
  readonly logs: readonly { level: string; data: unknown }[];
  server(): { name: string } | undefined;
  instructions(): string | undefined;
  version(): string | undefined;
  /** All pages. */
  tools(): Promise<Listed[]>;
  prompts(): Promise<Listed[]>;
  resources(): Promise<(Listed & { uri: string })[]>;
  templates(): Promise<(Listed & { uriTemplate: string })[]>;
  call(name: string, input?: Record<string, unknown>, options?: CallOptions): Promise<ToolResult>;
  prompt(name: string, input?: Record<string, string>): Promise<{ messages: unknown[] }>;
  read(uri: string): Promise<{ contents: { uri: string; text?: string; blob?: string }[] }>;
  complete(prompt: string, argument: string, value: string): Promise<string[]>;
  /** From now on log messages of this level and louder are wanted, however this client's era says so. */
  wantLogs(level: 'debug' | 'info' | 'error'): Promise<void>;
  close(): Promise<void>;
}

export type ConnectTo = {
  readonly endpoint: string;
  readonly token: string | undefined;
  /** Where the endpoint is not to be found by its name, or is of an authority of a test's own. */
  readonly fetch?: typeof fetch;
};
export type Connect = (gateway: ConnectTo) => Promise<TestClient>;

const INFO = { name: 'sallyport-tests', version: '1.0.0' };
const LOG_LEVEL = 'io.modelcontextprotocol/logLevel';
/** Long enough for a busy machine, short enough that a test fails before its own limit. */
const TIMEOUT_MS = 30_000;

/** Every official client, by a name for test titles. */
export const CLIENTS: readonly (readonly [name: string, connect: Connect])[] = [
  ['client 2.x at 2026-07-28', (gateway) => connectV2(gateway, 'modern')],
  ['client 2.x at 2025-11-25', (gateway) => connectV2(gateway, 'legacy')],
  ['sdk 1.x', connectV1],
];

function transportOptions({ token, fetch: own }: ConnectTo): {
  requestInit?: RequestInit;
  fetch?: typeof fetch;
} {
  return {
    ...(token !== undefined && { requestInit: { headers: { authorization: `Bearer ${token}` } } }),
    ...(own && { fetch: own }),
  };
}

/** `@modelcontextprotocol/client`, pinned to one era: what it cannot get there is an error, never a fallback. */
export async function connectV2(gateway: ConnectTo, era: 'modern' | 'legacy'): Promise<TestClient> {
  const mode = era === 'modern' ? { pin: '2026-07-28' } : 'legacy';
  const client = new Client(INFO, { versionNegotiation: { mode } });
  const logs: { level: string; data: unknown }[] = [];
  client.setNotificationHandler('notifications/message', ({ params }) => void logs.push(params));
  await client.connect(
    new StreamableHTTPClientTransport(new URL(gateway.endpoint), transportOptions(gateway)),
  );
  let meta: Record<string, unknown> = {};
  const close = (): Promise<void> => client.close();
  return {
    logs,
    server: () => client.getServerVersion(),
    instructions: () => client.getInstructions(),
    version: () => client.getNegotiatedProtocolVersion(),
    tools: async () => (await client.listTools()).tools,
    prompts: async () => (await client.listPrompts()).prompts,
    resources: async () => (await client.listResources()).resources,
    templates: async () => (await client.listResourceTemplates()).resourceTemplates,
    call: (name, input = {}, options = {}) => {
      const request = { name, arguments: input, _meta: meta };
      return client.callTool(request, { timeout: TIMEOUT_MS, ...options });
    },
    prompt: (name, input = {}) => client.getPrompt({ name, arguments: input }),
    read: (uri) => client.readResource({ uri }),
    complete: async (name, argument, value) => {
      const ref = { type: 'ref/prompt', name } as const;
      return (await client.complete({ ref, argument: { name: argument, value } })).completion.values;
    },
    wantLogs: async (level) => {
      if (era === 'legacy') await client.setLoggingLevel(level);
      else meta = { [LOG_LEVEL]: level };
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** `@modelcontextprotocol/sdk`, the client that most programs still have. */
export async function connectV1(gateway: ConnectTo): Promise<TestClient> {
  const client = new ClientV1(INFO);
  const logs: { level: string; data: unknown }[] = [];
  client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => void logs.push(params));
  const transport = new TransportV1(new URL(gateway.endpoint), transportOptions(gateway));
  await client.connect(transport);
  const close = async (): Promise<void> => {
    await transport.terminateSession().catch(() => {});
    await client.close();
  };
  return {
    logs,
    server: () => client.getServerVersion(),
    instructions: () => client.getInstructions(),
    version: () => transport.protocolVersion,
    tools: () => allPages((params) => client.listTools(params), 'tools'),
    prompts: () => allPages((params) => client.listPrompts(params), 'prompts'),
    resources: () => allPages((params) => client.listResources(params), 'resources'),
    templates: () => allPages((params) => client.listResourceTemplates(params), 'resourceTemplates'),
    call: async (name, input = {}, options = {}) =>
      (await client.callTool({ name, arguments: input }, undefined, {
        timeout: TIMEOUT_MS,
        ...options,
      })) as ToolResult,
    prompt: (name, input = {}) => client.getPrompt({ name, arguments: input }),
    read: (uri) => client.readResource({ uri }),
    complete: async (name, argument, value) => {
      const ref = { type: 'ref/prompt', name } as const;
      return (await client.complete({ ref, argument: { name: argument, value } })).completion.values;
    },
    wantLogs: async (level) => void (await client.setLoggingLevel(level)),
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function allPages<K extends string, T>(
  list: (params: { cursor?: string }) => Promise<{ [key in K]: T[] } & { nextCursor?: string | undefined }>,
  key: K,
): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | undefined;
  do {
    const page = await list(cursor === undefined ? {} : { cursor });
    items.push(...page[key]);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return items;
}

/** The text of the first content block. */
export function firstText(result: ToolResult): string | undefined {
  return result.content[0]?.text;
}
