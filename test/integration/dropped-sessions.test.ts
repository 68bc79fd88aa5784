import { Agent, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import type { Call } from '../../src/core/call.ts';
import type { Principal } from '../../src/core/principal.ts';
import { result } from '../../src/core/reply.ts';
import { Inbound } from '../../src/inbound/inbound.ts';

const SESSIONS = 1000;
const HELLO = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'c', version: '1' } };

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function timers(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
}

it(`${SESSIONS} sessions with streams and calls, opened and dropped without DELETE, leave nothing`, async () => {
  const before = timers();
  const principals: WeakRef<Principal>[] = [];
  const waiting = new Set<(value: ReturnType<typeof result>) => void>();
  const inbound = new Inbound({
    handle: (call: Call) => {
      if (call.method === 'server/discover') return Promise.resolve(result({ capabilities: {} }));
      call.notify({ method: 'notifications/message', params: { data: 'x'.repeat(1000) } });
      return new Promise((resolve) => {
        if (call.method === 'tools/call') waiting.add(resolve);
        call.cancellation.onCancel(() => resolve(result({})));
      });
    },
    self: { name: 'edge', version: '1' },
    bodyBytes: 10_000,
    sessions: { sessions: SESSIONS, sessionsPerPrincipal: SESSIONS, ttlMs: 60_000 },
  });
  const server = createServer((req, res) => {
    const principal: Principal = { id: 'alice', via: 'token' };
    principals.push(new WeakRef(principal));
    inbound.receive(req, res, { principal }, undefined);
  });
  await new Promise<void>((settle) => {
    server.listen(0, '127.0.0.1', settle);
  });
  const { port } = server.address() as AddressInfo;
  const agent = new Agent({ keepAlive: true });

  /** One request; resolves with the session's id when the answer has begun, and then goes away from a stream. */
  const ask = (method: string, session: string | undefined, message?: object): Promise<string> =>
    new Promise((resolve, reject) => {
      const headers = {
        accept: 'application/json, text/event-stream',
        'content-type': 'application/json',
        ...(session !== undefined && { 'mcp-session-id': session }),
      };
      const asked = request({ host: '127.0.0.1', port, method, headers, agent }, (response) => {
        if (response.headers['content-type'] === 'text/event-stream') asked.destroy();
        else response.resume();
        resolve(String(response.headers['mcp-session-id']));
      });
      asked.on('error', reject);
      asked.end(message && JSON.stringify({ jsonrpc: '2.0', id: 1, ...message }));
    });

  const one = async (): Promise<void> => {
    const session = await ask('POST', undefined, { method: 'initialize', params: HELLO });
    await Promise.all([
      ask('POST', session, { method: 'tools/call', params: { name: 'x' } }),
      ask('GET', session),
    ]);
  };
  for (let done = 0; done < SESSIONS; done += 20) await Promise.all(Array.from({ length: 20 }, one));

  await expect.poll(() => waiting.size).toBe(SESSIONS);
  expect(inbound.sessions, 'a call under way keeps its session').toBe(SESSIONS);
  for (const answer of waiting) answer(result({ late: true }));
  waiting.clear();
  // The next sessions find room: those that nobody uses any more give theirs up, one after the other.
  for (let done = 0; done < 100; done += 20)
    await Promise.all(
      Array.from({ length: 20 }, () => ask('POST', undefined, { method: 'initialize', params: HELLO })),
    );
  expect(inbound.sessions).toBe(SESSIONS);

  inbound.close();
  agent.destroy();
  server.closeAllConnections();
  await new Promise((settle) => {
    server.close(settle);
  });
  expect(inbound.sessions).toBe(0);
  const alive = (): number => {
    collectGarbage();
    return principals.filter((each) => each.deref() !== undefined).length;
  };
  await expect.poll(alive, { timeout: 10_000 }).toBeLessThan(5);
  await expect.poll(timers).toBeLessThanOrEqual(before + 1);
}, 60_000);
