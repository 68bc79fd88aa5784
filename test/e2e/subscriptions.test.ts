import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { begin, modernRequest } from '../support/http.ts';
import { eventually, ROOT } from '../support/processes.ts';
import { connectClient, type VersionClient } from '../support/versions/clients.ts';
import { KEYS, takeEvents, type Message, type Version, VERSIONS } from '../support/versions/messages.ts';
import { serveHttp } from '../support/versions/over-http.ts';
import { NOTE } from '../support/versions/server.ts';

/** What servers tell outside of calls, and who gets to hear it. */
const CHILD = join(ROOT, 'test', 'support', 'versions', 'over-stdio.ts');
const raw = (version: Version) => ({ command: process.execPath, args: [CHILD, version] });
const SERVERS = ['old', 'new'] as const;

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway({
    config: {
      mcpServers: { old: raw('2025-11-25'), new: raw('2026-07-28') },
      auth: { basic: { alice: 'the password of alice', bob: 'the password of bob' } },
    },
  });
});
afterAll(() => gateway?.stop());

function connect(version: Version, server: string, user: string): Promise<VersionClient> {
  const password = Buffer.from(`${user}:the password of ${user}`).toString('base64');
  return connectClient(version, {
    base: `${gateway.origin}/servers/${server}`,
    authorization: `Basic ${password}`,
  });
}

const updatesOf = ({ heard }: VersionClient): readonly Message[] =>
  heard.filter(({ method }) => method === 'notifications/resources/updated');
const touch = (client: VersionClient): Promise<Message> => client.request('tools/call', { name: 'touch' });

describe.each(VERSIONS)('two users with clients of %s', (version) => {
  it.each(SERVERS)('each hear what the %s server tells in their own process, and no more', async (server) => {
    await using alice = await connect(version, server, 'alice');
    await using bob = await connect(version, server, 'bob');
    await alice.listen(NOTE);
    await bob.listen(NOTE);
    await touch(alice);
    await eventually('alice hears of it', () => updatesOf(alice).length === 1);
    // Whatever bob was sent before his own update, he has heard by then.
    await touch(bob);
    await eventually('bob hears of his own', () => updatesOf(bob).length > 0);
    expect([updatesOf(alice).length, updatesOf(bob).length]).toEqual([1, 1]);
  });
});

describe.each(['2025-11-25', '2026-07-28'] as const)('a remote server of %s that was away', (version) => {
  it('is listened to again, and what may have happened meanwhile is told', async () => {
    const served = await serveHttp(version, 'http');
    const port = Number(new URL(served.url).port);
    await using remote = await startGateway({ config: { mcpServers: { far: { url: served.url } } } });
    await using client = await connectClient('2026-07-28', {
      base: remote.origin,
      authorization: `Bearer ${remote.token}`,
    });
    await client.listen(NOTE);
    await served[Symbol.asyncDispose]();
    {
      await using away = await serveNothing(port);
      await eventually('it is looked for again and again', () => away.asked() > 1, 30_000);
    }
    const before = client.heard.length;
    await using again = await serveHttp(version, 'http', port);
    await eventually(`news come again from ${again.url}`, () => client.heard.length > before, 30_000);
    await eventually('an update is told again', async () => {
      const known = updatesOf(client).length;
      await touch(client);
      return eventually('it comes', () => updatesOf(client).length > known, 500).catch(() => false);
    });
  });
});

/** What answers instead of a server that is away. */
async function serveNothing(port: number): Promise<{ asked(): number } & AsyncDisposable> {
  let asked = 0;
  const server = createServer((_req, res) => {
    asked += 1;
    res.writeHead(503).end();
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    asked: () => asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

describe('subscriptions/listen', () => {
  it.each(SERVERS)(
    'at the %s server is acknowledged first, and everything in it says whose it is',
    async (server) => {
      const path = `/servers/${server}/mcp`;
      const notifications = { resourceSubscriptions: [NOTE], promptsListChanged: true };
      const stream = begin(
        gateway,
        modernRequest('subscriptions/listen', { notifications }, { path, id: 'mine' }),
      );
      const messages = (): Message[] =>
        takeEvents(stream.text()).events.map(({ data }) => JSON.parse(data) as Message);
      await eventually('it is acknowledged', () => messages().length > 0);
      const other = begin(gateway, modernRequest('tools/call', { name: 'grow' }, { path }));
      await other.answer;
      await begin(gateway, modernRequest('tools/call', { name: 'touch' }, { path })).answer;
      await eventually('the update is told', () => messages().length > 1);
      stream.close();
      // Neither prompts, which the server does not have, nor tools, which nobody asked for here.
      expect(messages()).toMatchObject([
        {
          method: 'notifications/subscriptions/acknowledged',
          params: { notifications: { resourceSubscriptions: [NOTE] } },
        },
        { method: 'notifications/resources/updated', params: { uri: NOTE } },
      ]);
      for (const { params } of messages()) expect(params?.['_meta']).toEqual({ [KEYS.subscription]: 'mine' });
    },
  );
});
