import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The token that the stand-in takes. It must never be seen anywhere else. */
export const SLACK_TOKEN = 'xoxb-1234567890-stand-in-hunter2';

/** An answer that the stand-in gives instead of its own. */
export interface Planned {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Breaks the connection instead. */
  readonly hangUp?: boolean;
}

export interface SlackCall {
  readonly method: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** The Web API of Slack over HTTP, as far as the built-in server uses it, with a small workspace in it. */
export interface SlackStandIn extends AsyncDisposable {
  /** For `slackApiUrl`. */
  readonly url: string;
  /** What it was asked, in order. */
  readonly calls: SlackCall[];
  /** What was sent with chat.postMessage. */
  readonly sent: Readonly<Record<string, string>>[];
  /** The next answers to a method, each once. */
  plan(method: string, ...answers: Planned[]): void;
  /** From now on every call of a method is refused in this way. */
  refuse(method: string, error: string, more?: Readonly<Record<string, unknown>>): void;
}

const CHANNELS = [
  { id: 'C00000001', name: 'general', is_member: true, num_members: 3, topic: { value: 'All of us' } },
  { id: 'C00000002', name: 'random', is_member: true, num_members: 2 },
  { id: 'C00000003', name: 'old', is_archived: true },
  { id: 'C00000004', name: 'secret-plans', is_private: true, is_member: true, num_members: 1 },
  ...Array.from({ length: 6 }, (_, index) => ({ id: `C0000001${index}`, name: `team-${index}` })),
];

const USERS = [
  {
    id: 'U00000001',
    name: 'kim',
    real_name: 'Kim Minji',
    tz: 'Asia/Seoul',
    profile: { display_name: 'minji' },
  },
  {
    id: 'U00000002',
    name: 'alice',
    real_name: 'Alice Martin',
    profile: { title: 'CTO', email: 'a@example.com' },
  },
  { id: 'USLACKBOT', name: 'slackbot', real_name: 'Slackbot', is_bot: false },
  { id: 'U00000003', name: 'deploybot', real_name: 'Deploys', is_bot: true },
  { id: 'U00000004', name: 'bob', real_name: 'Bob', deleted: true },
];

const MESSAGES = Array.from({ length: 7 }, (_, index) => ({
  ts: `170000000${index}.000100`,
  user: index % 2 === 0 ? 'U00000001' : 'U00000002',
  text: `message ${index}`,
  ...(index === 3 && { reply_count: 2 }),
})).toReversed();

export async function startSlack(): Promise<SlackStandIn> {
  const calls: SlackCall[] = [];
  const sent: Record<string, string>[] = [];
  const planned = new Map<string, Planned[]>();
  const refused = new Map<string, Readonly<Record<string, unknown>>>();

  const answerTo = (method: string, parameters: Readonly<Record<string, string>>): unknown => {
    switch (method) {
      case 'conversations.list': {
        const types = (parameters['types'] ?? '').split(',');
        const seen = CHANNELS.filter((each) => types.includes('private_channel') || !('is_private' in each));
        return paged('channels', seen, parameters);
      }
      case 'conversations.history':
        if (parameters['channel'] === 'C00000001') return paged('messages', MESSAGES, parameters);
        return { ok: false, error: 'channel_not_found' };
      case 'users.list':
        return paged('members', USERS, parameters);
      case 'users.info': {
        const user = USERS.find(({ id }) => id === parameters['user']);
        return user ? { ok: true, user } : { ok: false, error: 'user_not_found' };
      }
      case 'search.messages': {
        const matches = MESSAGES.filter(({ text }) => text.includes(parameters['query'] ?? '')).map(
          (each) => ({
            ...each,
            channel: { id: 'C00000001', name: 'general' },
            permalink: `https://slack.test/archives/C00000001/p${each.ts.replace('.', '')}`,
          }),
        );
        const count = Number(parameters['count']);
        const first = (Number(parameters['page']) - 1) * count;
        const paging = { count, page: Number(parameters['page']), pages: Math.ceil(matches.length / count) };
        return {
          ok: true,
          messages: { matches: matches.slice(first, first + count), total: matches.length, paging },
        };
      }
      case 'chat.postMessage':
        sent.push({ ...parameters });
        return { ok: true, channel: parameters['channel'], ts: '1700000100.000200' };
      case 'chat.getPermalink':
        return { ok: true, permalink: `https://slack.test/archives/${parameters['channel']}` };
      default:
        return { ok: false, error: 'unknown_method' };
    }
  };

  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const method = (request.url ?? '').replace('/api/', '');
    const parameters = Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString('utf8')));
    calls.push({ method, parameters });
    const plan = planned.get(method)?.shift();
    if (plan?.hangUp === true) {
      request.socket.destroy();
      return;
    }
    const isKnown = request.headers.authorization === `Bearer ${SLACK_TOKEN}`;
    const usual = (): unknown =>
      isKnown ? (refused.get(method) ?? answerTo(method, parameters)) : { ok: false, error: 'invalid_auth' };
    response
      .writeHead(plan?.status ?? 200, { 'content-type': 'application/json', ...plan?.headers })
      .end(JSON.stringify(plan ? (plan.body ?? { ok: false, error: 'ratelimited' }) : usual()));
  };

  const server = createServer((request, response) => void respond(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/`,
    calls,
    sent,
    plan: (method, ...answers) => void planned.set(method, answers),
    refuse: (method, error, more = {}) => void refused.set(method, { ok: false, error, ...more }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Three to a page at most, however many are asked for: Slack may give fewer, too. */
function paged(
  key: string,
  items: readonly unknown[],
  parameters: Readonly<Record<string, string>>,
): unknown {
  const first = Number(parameters['cursor']?.replace('after-', '') ?? 0);
  const end = first + Math.min(3, Number(parameters['limit'] ?? 3));
  return {
    ok: true,
    [key]: items.slice(first, end),
    response_metadata: { next_cursor: end < items.length ? `after-${end}` : '' },
  };
}
