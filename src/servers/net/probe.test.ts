import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { EgressPolicy } from '../../egress/policy.ts';
import { type CheckedHost, resolve } from '../../egress/resolve.ts';
import { probe } from './probe.ts';
import { tcpPing } from './tcp-ping.ts';

const wanted = new AbortController().signal;

function loopback(addresses = ['127.0.0.1']): Promise<CheckedHost> {
  return resolve(
    'sallyport.test',
    new EgressPolicy({ allow: ['sallyport.test'], lookup: async () => addresses }),
  );
}

async function listening(port = 0, host = '127.0.0.1'): Promise<number> {
  const server = createServer((socket) => socket.destroy()).listen(port, host);
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as { port: number }).port;
}

async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

/**
 * A port that answers nobody, as behind a firewall: its process is stopped with a full queue of connections, and then
 * Linux drops what else comes.
 */
async function filteredPort(): Promise<number> {
  const script = `const server = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 },
    () => process.stdout.write(String(server.address().port)));`;
  const child: ChildProcess = spawn(process.execPath, ['--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const waiting: Socket[] = [];
  onTestFinished(() => {
    for (const socket of waiting) socket.destroy();
    child.kill('SIGKILL');
  });
  if (!child.stdout) throw new Error('no stdout');
  const [text] = await once(child.stdout, 'data');
  const port = Number(String(text));
  child.kill('SIGSTOP');
  for (let count = 0; count < 8; count += 1) waiting.push(connect(port, '127.0.0.1').on('error', () => {}));
  await expect
    .poll(() => waiting.filter(({ connecting }) => connecting).length, { timeout: 4000 })
    .toBeLessThan(8);
  return port;
}

describe('probe', () => {
  it('finds an open port', async () => {
    const port = await listening();
    await expect(probe(await loopback(), port, 1000, wanted)).resolves.toEqual({
      port,
      state: 'open',
      latency_ms: expect.any(Number) as number,
      reason: 'connected',
    });
  });

  it('finds a closed port', async () => {
    const port = await closedPort();
    await expect(probe(await loopback(), port, 1000, wanted)).resolves.toEqual({
      port,
      state: 'closed',
      latency_ms: expect.any(Number) as number,
      reason: 'connection refused',
    });
  });

  it.runIf(process.platform === 'linux')('finds a filtered port (SKIPPED off Linux)', async () => {
    const port = await filteredPort();
    await expect(probe(await loopback(), port, 200, wanted)).resolves.toEqual({
      port,
      state: 'filtered',
      latency_ms: null,
      reason: 'no answer within 200 ms',
    });
  });

  it('finds a host filtered that there is no way to', async () => {
    // TCP has no broadcast: the operating system refuses at once, without a packet.
    const target = await loopback(['255.255.255.255']);
    await expect(probe(target, 9, 500, wanted)).resolves.toMatchObject({
      state: 'filtered',
      latency_ms: null,
    });
  });

  it('is open when one of the addresses is', async () => {
    const port = await listening();
    await expect(
      probe(await loopback(['127.0.0.2', '127.0.0.1']), port, 1000, wanted),
    ).resolves.toMatchObject({
      state: 'open',
    });
  });

  it('ends when it is not wanted', async () => {
    const reason = new Error('not wanted');
    await expect(probe(await loopback(), 1, 1000, AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});

describe('tcpPing', () => {
  it('times a host that does no more than refuse', async () => {
    const outcome = await tcpPing(await loopback(['127.55.1.7']), 5, 1000, wanted);
    expect(outcome.port).toBe(443);
    expect(outcome.statistics).toMatchObject({ sent: 5, received: 5, loss_percent: 0 });
    expect(outcome.statistics.min_ms).toBeLessThanOrEqual(outcome.statistics.max_ms ?? 0);
  });

  it('says that nothing answered', async () => {
    const outcome = await tcpPing(await loopback(['255.255.255.255']), 5, 300, wanted);
    expect(outcome).toEqual({
      port: null,
      statistics: { sent: 3, received: 0, loss_percent: 100, min_ms: null, avg_ms: null, max_ms: null },
    });
  });
});
