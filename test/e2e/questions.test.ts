import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { child, type Gateway, startGateway } from '../support/gateway.ts';
import { eventually, ROOT } from '../support/processes.ts';
import { connectClient, type VersionClient } from '../support/versions/clients.ts';
import type { Params, Version } from '../support/versions/messages.ts';
import { type Served, serveHttp } from '../support/versions/over-http.ts';

/** Questions in the middle of calls: whose they are, through the whole gateway. */
const CHILD = join(ROOT, 'test', 'support', 'versions', 'over-stdio.ts');
const raw = (version: Version) => ({ command: process.execPath, args: [CHILD, version] });
const CLIENTS: readonly Version[] = ['2025-06-18', '2025-11-25', '2026-07-28'];
/** Calls that each client makes at once. On a pipe each of them may hold a process while a person thinks. */
const SERVERS = [
  { name: 'old_pipe', calls: 3 },
  { name: 'new_pipe', calls: 12 },
  { name: 'old_http', calls: 12 },
  { name: 'new_http', calls: 12 },
] as const;

let gateway: Gateway;
let served: Served[] = [];
beforeAll(async () => {
  served = await Promise.all([serveHttp('2025-11-25', 'http'), serveHttp('2026-07-28', 'http')]);
  const [old, fresh] = served;
  gateway = await startGateway({
    config: {
      mcpServers: {
        old_pipe: raw('2025-11-25'),
        new_pipe: raw('2026-07-28'),
        old_http: { url: old?.url },
        new_http: { url: fresh?.url },
        child: child(),
      },
      auth: { basic: { alice: 'the password of alice', bob: 'the password of bob' } },
    },
  });
});
afterAll(async () => {
  await gateway?.stop();
  await Promise.all(served.map((each) => each[Symbol.asyncDispose]()));
});

const basic = (user: string): string =>
  `Basic ${Buffer.from(`${user}:the password of ${user}`).toString('base64')}`;

interface Person {
  readonly name: string;
  readonly authorization: string;
}

/** A client whose person says who they are, and that remembers what it was asked. */
async function connect(
  version: Version,
  server: string,
  { name, authorization }: Person,
): Promise<{ client: VersionClient; asked: unknown[] }> {
  const asked: unknown[] = [];
  const answer = (_method: string, { message }: Params): Params => {
    asked.push(message);
    return { action: 'accept', content: { name: `${name} says: ${message}` } };
  };
  const base = `${gateway.origin}/servers/${server}`;
  return { client: await connectClient(version, { base, authorization, answer }), asked };
}

/** Everybody calls at once, each with the request ids and progress tokens that the others have as well. */
async function askEverybody(version: Version, server: string, calls: number, people: readonly Person[]) {
  await Promise.all(
    people.map(async (person) => {
      const { client, asked } = await connect(version, server, person);
      await using _ = client;
      const labels = Array.from({ length: calls }, (_unused, i) => `${person.name} ${i}`);
      await Promise.all(
        labels.map(async (label, i) => {
          const params = {
            name: 'ask',
            arguments: { kind: 'elicitation', label },
            _meta: { progressToken: `token ${i}` },
          };
          const { result, error } = await client.request('tools/call', params);
          expect(error).toBeUndefined();
          const said = { action: 'accept', content: { name: `${person.name} says: ${label}` } };
          expect(result?.['content']).toEqual([{ type: 'text', text: JSON.stringify(said) }]);
        }),
      );
      expect(new Set(asked)).toEqual(new Set(labels));
      expect(asked).toHaveLength(calls);
      await eventually('each call has told its progress', () => {
        const told = client.heard.filter(({ method }) => method === 'notifications/progress');
        for (const { params } of told) expect(params?.['message']).toBe(labels[indexOf(params)]);
        return new Set(told.map(({ params }) => indexOf(params))).size === calls;
      });
    }),
  );
}

function indexOf(params: Params | undefined): number {
  return Number(/^token (\d+)$/.exec(String(params?.['progressToken']))?.[1]);
}

describe.each(CLIENTS)('clients of %s that are asked at the same time', (version) => {
  it.each(SERVERS)('$name: two of one user each get their own questions', async ({ name, calls }) => {
    const authorization = `Bearer ${gateway.token}`;
    const people = ['first', 'second'].map((each) => ({ name: each, authorization }));
    await askEverybody(version, name, calls, people);
  });

  it.each(SERVERS)('$name: two users each get their own questions', async ({ name, calls }) => {
    const people = ['alice', 'bob'].map((each) => ({ name: each, authorization: basic(each) }));
    await askEverybody(version, name, calls, people);
  });
});
