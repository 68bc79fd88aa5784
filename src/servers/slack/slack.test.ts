import { type CallToolResult, Client, type VersionNegotiationMode } from '@modelcontextprotocol/client';
import { StdioServerTransport } from '@modelcontextprotocol/server/stdio';
import { PassThrough } from 'node:stream';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { SLACK_TOKEN, type SlackStandIn, startSlack } from '../../../test/support/slack.ts';
import { loadBuiltin } from '../index.ts';
import { serveOver } from '../stdio.ts';

const ERAS: [string, VersionNegotiationMode][] = [
  ['legacy', 'legacy'],
  ['modern', { pin: '2026-07-28' }],
];

interface Pair {
  slack: SlackStandIn;
  client: Client;
  call: (name: string, input?: Record<string, unknown>) => Promise<CallToolResult>;
  /** The text of a call that has to fail, in which there is no token. */
  failure: (name: string, input?: Record<string, unknown>) => Promise<string>;
}

async function pair(
  options: Record<string, unknown> = {},
  mode: VersionNegotiationMode = 'legacy',
): Promise<Pair> {
  const slack = await startSlack();
  const input = new PassThrough();
  const output = new PassThrough();
  const served = await serveOver(
    'slack',
    { token: SLACK_TOKEN, slackApiUrl: slack.url, ...options },
    input,
    output,
  );
  const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } });
  await client.connect(new StdioServerTransport(output, input));
  // The client holds every structuredContent against the outputSchema it was told.
  await client.listTools();
  onTestFinished(async () => {
    await client.close();
    await served.close();
    await slack[Symbol.asyncDispose]();
  });
  const call: Pair['call'] = (name, args = {}) => client.callTool({ name, arguments: args });
  return {
    slack,
    client,
    call,
    async failure(name, args) {
      const result = await call(name, args);
      expect(result.isError, JSON.stringify(result)).toBe(true);
      expect(JSON.stringify(result)).not.toContain('hunter2');
      const [first] = result.content;
      return first?.type === 'text' ? first.text : '';
    },
  };
}

describe.each(ERAS)('the slack server, %s', (_era, mode) => {
  it('says of every tool what it takes and answers, and which one cannot be taken back', async () => {
    const { client } = await pair({}, mode);
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual([
      'list_channels',
      'read_channel',
      'search_messages',
      'list_users',
      'send_message',
    ]);
    for (const tool of tools) {
      const sends = tool.name === 'send_message';
      expect(tool.inputSchema).toMatchObject({ type: 'object', additionalProperties: false });
      expect(tool.outputSchema).toMatchObject({ type: 'object' });
      expect(tool.annotations).toMatchObject({
        readOnlyHint: !sends,
        destructiveHint: sends,
        idempotentHint: !sends,
      });
    }
  });

  it('has no send_message in read-only mode, for whoever knows its name as well', async () => {
    const { client, slack, call } = await pair({ readOnly: true }, mode);
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).not.toContain('send_message');
    const sent = await call('send_message', { channel: 'general', text: 'x' }).catch(() => ({
      isError: true,
    }));
    expect(sent.isError).toBe(true);
    expect(slack.sent).toEqual([]);
  });
});

describe('list_channels', () => {
  it('collects pages up to the limit, and says where it goes on', async () => {
    const { call } = await pair();
    const first = (await call('list_channels', { limit: 4 })).structuredContent as {
      channels: { name: string }[];
      next_cursor: string;
    };
    expect(first.channels.map(({ name }) => name)).toEqual(['general', 'random', 'secret-plans', 'team-0']);
    const rest = await call('list_channels', { cursor: first.next_cursor });
    expect(rest.structuredContent).toMatchObject({ channels: { length: 5 }, next_cursor: null, note: null });
    const some = await call('list_channels', { name: '#TEAM-', include_archived: true });
    expect(some.structuredContent).toMatchObject({ channels: { length: 6 } });
  });

  it('does without private channels where the token is not for them, and says so', async () => {
    const { slack, call } = await pair();
    slack.plan('conversations.list', { body: { ok: false, error: 'missing_scope', needed: 'groups:read' } });
    const { structuredContent } = await call('list_channels');
    expect(JSON.stringify(structuredContent)).not.toContain('secret-plans');
    expect(structuredContent).toMatchObject({ note: expect.stringContaining('groups:read') as string });
  });
});

describe('read_channel', () => {
  it.each(['#general', 'General', 'C00000001', '<#C00000001|general>'])(
    'reads the last messages of %s, the oldest first',
    async (channel) => {
      const { call } = await pair();
      const { structuredContent } = await call('read_channel', { channel, limit: 4 });
      expect(structuredContent).toMatchObject({
        channel: { id: 'C00000001' },
        messages: [
          { text: 'message 3', replies: 2, user: { id: 'U00000002', name: 'Alice Martin' } },
          { text: 'message 4', replies: 0, user: { id: 'U00000001', name: 'minji' } },
          { text: 'message 5' },
          { text: 'message 6', ts: '1700000006.000100', time: '2023-11-14T22:13:26.000Z' },
        ],
        next_cursor: 'after-4',
      });
    },
  );

  it('looks each person and the channels up once', async () => {
    const { slack, call } = await pair();
    await call('read_channel', { channel: 'general' });
    const before = slack.calls.length;
    await call('read_channel', { channel: 'general', limit: 1 });
    expect(slack.calls.slice(before).map(({ method }) => method)).toEqual(['conversations.history']);
  });

  it('does without names where the token is not for them', async () => {
    const { slack, call } = await pair();
    slack.refuse('users.info', 'missing_scope', { needed: 'users:read' });
    const { structuredContent, isError } = await call('read_channel', { channel: 'general', limit: 2 });
    expect(isError).toBeUndefined();
    expect(structuredContent).toMatchObject({
      messages: [{ user: { name: null } }, { user: { name: null } }],
    });
  });

  it('says which channel may be meant', async () => {
    const { failure } = await pair();
    expect(await failure('read_channel', { channel: '#generl' })).toMatch(
      /no channel "#generl".*Did you mean #general/,
    );
  });
});

describe('search_messages and list_users', () => {
  it('searches, a page at a time', async () => {
    const { call } = await pair();
    const { structuredContent } = await call('search_messages', { query: 'message', limit: 3, page: 3 });
    expect(structuredContent).toMatchObject({
      messages: [
        { text: 'message 0', channel: { name: 'general' }, permalink: expect.any(String) as string },
      ],
      total: 7,
      page: 3,
      pages: 3,
    });
  });

  it('lists people, without bots and those who left unless asked', async () => {
    const { call } = await pair();
    const { structuredContent } = await call('list_users');
    expect(structuredContent).toMatchObject({
      users: [
        { name: 'kim', display_name: 'minji', time_zone: 'Asia/Seoul', email: null },
        { name: 'alice', title: 'CTO', email: 'a@example.com' },
      ],
      next_cursor: null,
    });
    const all = await call('list_users', { include_bots: true, include_deactivated: true });
    expect(all.structuredContent).toMatchObject({ users: { length: 5 } });
    const one = await call('list_users', { name: '@MARTIN' });
    expect(one.structuredContent).toMatchObject({ users: [{ name: 'alice' }] });
  });
});

describe('send_message', () => {
  it('sends, also as a reply', async () => {
    const { slack, call } = await pair();
    const input = { channel: '#general', text: 'hello', thread_ts: '1700000006.000100' };
    expect((await call('send_message', input)).structuredContent).toEqual({
      channel: { id: 'C00000001', name: 'general' },
      ts: '1700000100.000200',
      permalink: 'https://slack.test/archives/C00000001',
    });
    expect(slack.sent).toEqual([{ channel: 'C00000001', text: 'hello', thread_ts: '1700000006.000100' }]);
  });

  it('is not tried again when nobody knows whether it was sent', async () => {
    const { slack, failure } = await pair();
    slack.plan('chat.postMessage', { hangUp: true });
    expect(await failure('send_message', { channel: 'C00000001', text: 'once' })).toContain(
      'could not be reached',
    );
    expect(slack.calls.filter(({ method }) => method === 'chat.postMessage')).toHaveLength(1);
  });

  it('waits as long as Slack says, and then sends once', async () => {
    const { slack, call } = await pair();
    slack.plan('chat.postMessage', { status: 429, headers: { 'retry-after': '1' } });
    const start = performance.now();
    expect((await call('send_message', { channel: 'C00000001', text: 'later' })).isError).toBeUndefined();
    expect(performance.now() - start).toBeGreaterThan(950);
    expect(slack.sent).toHaveLength(1);
  });
});

describe('what Slack refuses', () => {
  it.each([
    ['invalid_auth', /does not know the token.*store it\. \(invalid_auth\)$/],
    ['token_revoked', /was revoked.*\(token_revoked\)$/],
    ['not_in_channel', /\/invite.*\(not_in_channel\)$/],
    ['channel_not_found', /list_channels.*\(channel_not_found\)$/],
    ['is_archived', /archived.*\(is_archived\)$/],
    ['internal_error', /Try again in a minute\. \(internal_error\)$/],
    ['something_new', /^Slack refused this\. \(something_new\)$/],
  ])('%s: what it means, and what to do', async (code, message) => {
    const { slack, failure } = await pair();
    slack.refuse('conversations.history', code);
    expect(await failure('read_channel', { channel: 'C00000001' })).toMatch(message);
  });

  it('names the scope that is missing, and the kind of token', async () => {
    const { slack, failure } = await pair();
    slack.refuse('search.messages', 'missing_scope', { needed: 'search:read', provided: 'chat:write' });
    expect(await failure('search_messages', { query: 'x' })).toContain(
      'needs the scope search:read (missing_scope)',
    );
    slack.refuse('search.messages', 'not_allowed_token_type');
    expect(await failure('search_messages', { query: 'x' })).toContain('user token (xoxp-…)');
  });

  it('does not quote what is no code', async () => {
    const { slack, failure } = await pair();
    slack.refuse('users.list', `${SLACK_TOKEN} is wrong`);
    expect(await failure('list_users')).toContain('something that is not understood');
    slack.refuse('users.list', SLACK_TOKEN);
    expect(await failure('list_users')).toContain('something that is not understood');
  });

  it('tells when to come back, where that is longer than a call may take', async () => {
    const { slack, failure } = await pair({ timeoutMs: 2000 });
    slack.plan('users.list', { status: 429, headers: { 'retry-after': '30' } });
    expect(await failure('list_users')).toContain('(ratelimited). Try again in 30 seconds');
  });

  it('asks again what may be asked again', async () => {
    const { slack, call, failure } = await pair();
    slack.plan('users.list', { status: 503, body: 'oops' }, { hangUp: true });
    expect((await call('list_users')).isError).toBeUndefined();
    slack.plan('users.list', ...Array.from({ length: 4 }, () => ({ status: 502 })));
    expect(await failure('list_users')).toContain('an error of its own (502)');
  });
});

describe('the options', () => {
  it('need a token, and take it from the environment', async () => {
    vi.stubEnv('SLACK_TOKEN', undefined);
    onTestFinished(() => void vi.unstubAllEnvs());
    await expect(loadBuiltin('slack')).rejects.toThrow('sallyport secret set slack');
    vi.stubEnv('SLACK_TOKEN', SLACK_TOKEN);
    expect(await loadBuiltin('slack')).toBeTypeOf('function');
  });

  it.each([
    [{ token: 'hunter2' }, 'This is no token of Slack'],
    [{ token: SLACK_TOKEN, slackApiUrl: 'http://slack.example/api/' }, 'This has to be https'],
    [{ token: SLACK_TOKEN, slackApiUrl: 'https://u:p@slack.example/' }, 'no user, password'],
    [{ token: SLACK_TOKEN, readonly: true }, 'Unrecognized key: "readonly" (it knows: token, readOnly'],
  ])('are checked, and the token not shown', async (options, message) => {
    const refused = loadBuiltin('slack', options);
    await expect(refused).rejects.toThrow(message);
    await expect(refused).rejects.not.toThrow('hunter2');
  });
});
