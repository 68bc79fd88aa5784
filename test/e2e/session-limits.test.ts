import { afterEach, describe, expect, it } from 'vitest';
import { child, type Config, type Gateway, startGateway } from '../support/gateway.ts';
import { begin, post, Session, textOf } from '../support/http.ts';
import { eventually } from '../support/processes.ts';

let gateway: Gateway | undefined;
afterEach(async () => {
  await gateway?.stop();
  gateway = undefined;
});

async function start(limits: Config): Promise<Gateway> {
  return (gateway = await startGateway({ config: { mcpServers: { child: child() }, ...limits } }));
}

const statusOf = async (session: Session): Promise<number> => (await session.request('ping')).status;
const pause = (ms: number): Promise<void> => new Promise((settle) => setTimeout(settle, ms));

describe('a session that nobody uses', () => {
  it('is gone after a while, and its client is told to open a new one', async () => {
    const running = await start({ timeouts: { session: '600ms' } });
    const unused = await Session.open(running);
    const used = await Session.open(running);
    for (let round = 0; round < 10; round += 1) {
      expect(await statusOf(used)).toBe(200);
      await pause(150);
    }
    expect(await statusOf(unused)).toBe(404);
    expect(await statusOf(used)).toBe(200);
  });

  it('is not one that waits for an answer', async () => {
    const running = await start({ timeouts: { session: '500ms' } });
    const session = await Session.open(running);
    const answer = await session.call('echo', { text: 'patience', delayMs: 2000 });
    expect(textOf(answer)).toBe('patience');
    expect(await statusOf(session)).toBe(200);
  });

  it('is not one with an open stream', async () => {
    const running = await start({ timeouts: { session: '500ms' } });
    const session = await Session.open(running);
    const headers = { ...session.headers, accept: 'text/event-stream' };
    const stream = begin(running, { method: 'GET', headers });
    expect(await stream.status).toBe(200);
    await pause(1500);
    expect(await statusOf(session)).toBe(200);
    stream.close();
  });
});

describe('more sessions than one user may have', () => {
  it('cost the one that was idle longest', async () => {
    const running = await start({ limits: { sessionsPerUser: 3 } });
    const sessions: Session[] = [];
    for (let count = 0; count < 3; count += 1) {
      sessions.push(await Session.open(running));
      await pause(10);
    }
    const [first, second, third] = sessions as [Session, Session, Session];
    expect(await statusOf(first)).toBe(200);
    const fourth = await Session.open(running);
    expect(await Promise.all([first, second, third, fourth].map(statusOf))).toEqual([200, 404, 200, 200]);
  });

  it('are refused while all of them are busy, and let in afterwards', async () => {
    const running = await start({ limits: { sessionsPerUser: 2 } });
    const busy = await Promise.all([Session.open(running), Session.open(running)]);
    const calls = busy.map((session) => session.call('echo', { text: 'busy', delayMs: 1500 }));
    await pause(200);
    const params = {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'c', version: '1' },
    };
    const refused = await post(running, { jsonrpc: '2.0', id: 1, method: 'initialize', params });
    expect(refused.status).toBe(503);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect(refused.headers['mcp-session-id']).toBeUndefined();
    expect((await Promise.all(calls)).map(textOf)).toEqual(['busy', 'busy']);
    await eventually('there is room', async () => (await statusOf(await Session.open(running))) === 200);
  });
});
