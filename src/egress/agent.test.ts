import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { fetch } from 'undici';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type GuardedAgentOptions, guardedAgent } from './agent.ts';
import { type EgressOptions, EgressPolicy } from './policy.ts';

const pem = readFileSync(new URL('fixtures/loopback.pem', import.meta.url), 'utf8');

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** A web server that must not be reached, or only with leave; it counts who came. */
async function internal(listener?: RequestListener): Promise<{ port: number; requests: IncomingMessage[] }> {
  const requests: IncomingMessage[] = [];
  const server = createServer((req, res) => {
    requests.push(req);
    if (listener) listener(req, res);
    else res.end('INTERNAL');
  });
  return { port: await listening(server), requests };
}

function agent(policy: EgressOptions, options?: GuardedAgentOptions): ReturnType<typeof guardedAgent> {
  const made = guardedAgent(new EgressPolicy(policy), options);
  onTestFinished(() => made.destroy());
  return made;
}

const cause = (code: string): unknown =>
  expect.objectContaining({ cause: expect.objectContaining({ code }) as unknown });

describe('guardedAgent', () => {
  it.each([
    '127.0.0.1',
    '2130706433',
    '0x7f000001',
    '017700000001',
    '127.1',
    '0',
    '127.0.0.1.',
    '%31%32%37.0.0.1',
    '①②⑦.⓪.⓪.①',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[::7f00:1]',
    '[::127.0.0.1]',
    '[64:ff9b::7f00:1]',
    '[64:ff9b:1::7f00:1]',
    '[2002:7f00:1::]',
    '[2001:0:4136:e378:8000:63bf:80ff:fffe]',
    'localhost',
    'localhost.',
  ])('does not fetch from http://%s', async (host) => {
    const { port, requests } = await internal();
    await expect(fetch(`http://${host}:${port}/`, { dispatcher: agent({}) })).rejects.toEqual(
      cause('forbidden_address'),
    );
    expect(requests).toEqual([]);
  });

  it('reaches what allow opens, with the Host that was asked for', async () => {
    const { port, requests } = await internal();
    const dispatcher = agent({ allow: ['sallyport.test'], lookup: async () => ['127.0.0.1'] });
    const response = await fetch(`http://sallyport.test:${port}/`, { dispatcher });
    expect(await response.text()).toBe('INTERNAL');
    expect(requests[0]?.headers.host).toBe(`sallyport.test:${port}`);
    expect(requests[0]?.socket.remoteAddress).toBe('127.0.0.1');
  });

  it.each([
    'http://169.254.169.254/latest/meta-data/',
    'http://[::ffff:a9fe:a9fe]/',
    'http://localhost:8081/',
  ])('follows no redirect, and checks whoever does: to %s', async (location) => {
    const { port } = await internal((_req, res) => res.writeHead(302, { location }).end());
    const dispatcher = agent({ allow: ['127.0.0.1/32'], lookup: async () => ['::1'] });
    const { statusCode, body } = await dispatcher.request({
      origin: `http://127.0.0.1:${port}`,
      path: '/',
      method: 'GET',
    });
    await body.dump();
    expect(statusCode).toBe(302);
    await expect(fetch(`http://127.0.0.1:${port}/`, { dispatcher })).rejects.toEqual(
      cause('forbidden_address'),
    );
  });

  it('is not fooled by a name that is public at first and private when it matters', async () => {
    const { port, requests } = await internal();
    const lookup = vi.fn<() => Promise<string[]>>();
    // Each connection asks once; there is no second look-up between the check and the connection to be fooled in.
    lookup.mockResolvedValueOnce(['127.0.0.1']).mockResolvedValue(['169.254.169.254']);
    const dispatcher = agent({ allow: ['127.0.0.0/8'], lookup }, { pipelining: 0 });
    const first = await fetch(`http://rebind.example:${port}/`, { dispatcher });
    expect(await first.text()).toBe('INTERNAL');
    expect(lookup).toHaveBeenCalledTimes(1);
    await expect(fetch(`http://rebind.example:${port}/`, { dispatcher })).rejects.toEqual(
      cause('forbidden_address'),
    );
    expect(lookup).toHaveBeenCalledTimes(2);
    expect(requests).toHaveLength(1);
  });

  it('speaks TLS with the name of the URL', async () => {
    const server = createTlsServer({ cert: pem, key: pem }, (_req, res) => res.end('secret'));
    const port = await listening(server);
    const policy = { allow: ['127.0.0.0/8'], lookup: async () => ['127.0.0.1'] };
    const trusting = agent(policy, { tls: { ca: pem } });
    const response = await fetch(`https://sallyport.test:${port}/`, { dispatcher: trusting });
    expect(await response.text()).toBe('secret');
    await expect(fetch(`https://other.test:${port}/`, { dispatcher: trusting })).rejects.toEqual(
      cause('ERR_TLS_CERT_ALTNAME_INVALID'),
    );
    await expect(fetch(`https://sallyport.test:${port}/`, { dispatcher: agent(policy) })).rejects.toEqual(
      cause('DEPTH_ZERO_SELF_SIGNED_CERT'),
    );
  });

  it('ends a connection attempt with its signal', async () => {
    const controller = new AbortController();
    const reason = new Error('not wanted');
    const dispatcher = agent({ lookup: () => new Promise(() => {}) }, { signal: controller.signal });
    const pending = fetch('http://slow.example/', { dispatcher });
    setTimeout(() => controller.abort(reason), 20);
    await expect(pending).rejects.toMatchObject({ cause: reason });
  });

  it.each([
    ['http', 80],
    ['https', 443],
  ])('takes the port that an %s URL leaves out', async (scheme, port) => {
    const dispatcher = agent({ allow: ['127.0.0.0/8'] }, { connectTimeout: 300 });
    const outcome = await fetch(`${scheme}://127.0.0.9/`, { dispatcher }).catch(
      (error: Error) => error.cause,
    );
    // Where something does listen on all of 127.0.0.0/8, it answers and nothing is shown; a refusal names the port.
    const refused = outcome instanceof Error && 'code' in outcome && outcome.code === 'ECONNREFUSED';
    if (refused) expect(outcome).toMatchObject({ port });
    else expect(outcome).toBeDefined();
  });
});
