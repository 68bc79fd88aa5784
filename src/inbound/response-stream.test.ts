import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { QUIET_MS, ResponseStream } from './response-stream.ts';

const cleanUp: (() => void)[] = [];
afterEach(() => {
  vi.useRealTimers();
  for (const clean of cleanUp.splice(0)) clean();
});

/** An event stream, and its client, who reads when told to. */
async function open(): Promise<{ stream: ResponseStream; res: ServerResponse; read: () => void }> {
  const server = createServer().listen(0, '127.0.0.1');
  cleanUp.push(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise((resolve) => {
    server.once('listening', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const asked = request({ port, host: '127.0.0.1' }).on('error', () => {});
  const opened = new Promise<ServerResponse>((resolve) => {
    server.once('request', (_req, res) => resolve(res));
  });
  const answer = new Promise<IncomingMessage>((resolve) => {
    asked.once('response', resolve);
  });
  asked.end();
  const res = await opened;
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const stream = new ResponseStream(res);
  res.flushHeaders();
  const reader = await answer;
  return { stream, res, read: () => reader.on('error', () => {}).resume() };
}

/** The time of so many signs of life, each with time for the connection. */
async function pass(looks: number): Promise<void> {
  for (let look = 0; look < looks; look++) {
    vi.advanceTimersByTime(QUIET_MS);
    await wait(2);
  }
}

/** More than the buffers of the system take on their own. */
const LARGE = 'x'.repeat(12 * 1024 * 1024);

describe('a client that does not read', () => {
  it('is given up after two minutes, when something waits for it', async () => {
    const { stream, res } = await open();
    stream.send(LARGE);
    await pass(7);
    expect(res.destroyed).toBe(false);
    await pass(3);
    expect(res.destroyed).toBe(true);
    expect(stream.isOver).toBe(true);
  });

  it('is waited for as long as nothing does', async () => {
    const { stream, res } = await open();
    stream.send('{}');
    await pass(40);
    expect(res.destroyed).toBe(false);
  });

  it('is cut off at once when it is far behind', async () => {
    const { stream, res } = await open();
    stream.send(LARGE);
    stream.send(LARGE);
    stream.send('{}');
    expect(res.destroyed).toBe(true);
  });
});

it('a client that begins to read in time keeps its stream', async () => {
  const { stream, res, read } = await open();
  stream.send(LARGE);
  await pass(5);
  read();
  while (res.writableLength > 0) await wait(5);
  await pass(40);
  expect(res.destroyed).toBe(false);
});
