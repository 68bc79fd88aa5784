import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { fetchFor } from '../../src/upstream/oauth/fetch.ts';
import { knock, logIn, type Party } from '../../src/upstream/oauth/flow.ts';
import { Logins } from '../../src/upstream/oauth/logins.ts';
import { openSites } from '../../src/upstream/oauth/testing.ts';
import { temporaryFolder } from '../support/processes.ts';

const PROCESSES = 3;

interface Asked {
  readonly status: number;
  readonly authorization: string | undefined;
}

async function renewing(url: string, folder: string): Promise<ChildProcess> {
  const child = fork(join(import.meta.dirname, 'renewing-process.ts'), [url, folder]);
  await once(child, 'message');
  return child;
}

async function ask(child: ChildProcess): Promise<Asked> {
  const answer = once(child, 'message');
  child.send('ask');
  const [asked] = (await answer) as [Asked];
  return asked;
}

it(`${PROCESSES} processes that need new tokens at the same time get them once, and all have them`, async () => {
  await using sites = await openSites();
  using folder = temporaryFolder();
  const server = { kind: 'http', url: sites.url, headers: {}, type: undefined, auth: undefined } as const;
  const party: Party = { server, logins: new Logins(folder.path), fetch: fetchFor(server) };
  sites.behaviour.expiresIn = 30;
  const open = (url: URL): void => void fetch(url).catch(() => {});
  const first = await logIn(party, await knock(party), { open, signal: AbortSignal.timeout(10_000) });
  // Long enough that everybody else comes while one of them renews. Its refresh token is good once.
  Object.assign(sites.behaviour, { expiresIn: 3600, tokenMs: 500 });

  const children = await Promise.all(
    Array.from({ length: PROCESSES }, () => renewing(sites.url, folder.path)),
  );
  try {
    const asked = await Promise.all(children.map(ask));
    expect(asked.map(({ status }) => status)).toEqual(children.map(() => 200));
    expect(new Set(asked.map(({ authorization }) => authorization)).size).toBe(1);
    expect(asked[0]?.authorization).not.toBe(`Bearer ${first?.access_token}`);
    expect(sites.tokenRequests.map((request) => request.get('grant_type'))).toEqual([
      'authorization_code',
      'refresh_token',
    ]);
    // And nobody asks again while it is good.
    expect((await Promise.all(children.map(ask))).map(({ status }) => status)).toEqual(
      children.map(() => 200),
    );
    expect(sites.tokenRequests).toHaveLength(2);
  } finally {
    for (const child of children) child.kill('SIGKILL');
  }
}, 60_000);
