import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { freePort } from '../bench/free-port.ts';
import { child, startGateway } from '../support/gateway.ts';
import { eventually, start, temporaryFolder } from '../support/processes.ts';

const NGINX = findNginx();
if (NGINX === undefined) console.error('nginx is not installed: the comparison of rates is SKIPPED');

function findNginx(): string | undefined {
  for (const path of ['/usr/sbin/nginx', '/usr/bin/nginx', '/usr/local/bin/nginx'])
    try {
      execFileSync(path, ['-v'], { stdio: 'ignore' });
      return path;
    } catch {
      // Perhaps the next.
    }
  return undefined;
}

/** nginx with `limit_req rate=10r/s burst=20 nodelay`. @returns its port */
async function startNginx(program: string, rate: string, burst: number): Promise<number> {
  const folder = temporaryFolder();
  const port = await freePort();
  mkdirSync(join(folder.path, 'logs'));
  const config = `
    daemon off; master_process off; pid ${folder.path}/nginx.pid; error_log stderr;
    events {}
    http {
      access_log off;
      client_body_temp_path ${folder.path}; proxy_temp_path ${folder.path}; fastcgi_temp_path ${folder.path};
      uwsgi_temp_path ${folder.path}; scgi_temp_path ${folder.path};
      limit_req_zone $binary_remote_addr zone=a:1m rate=${rate};
      limit_req_status 429;
      server {
        listen 127.0.0.1:${port};
        location / { limit_req zone=a burst=${burst} nodelay; empty_gif; }
      }
    }`;
  writeFileSync(join(folder.path, 'nginx.conf'), config);
  const nginx = start(program, ['-p', folder.path, '-c', join(folder.path, 'nginx.conf')]);
  onTestFinished(async () => {
    await nginx.stop();
    folder.remove();
  });
  await eventually('nginx listens', () =>
    ask(port, 'HEAD', '/').then(
      () => true,
      () => false,
    ),
  );
  return port;
}

function ask(port: number, method: string, path: string, agent?: Agent): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, method, path, agent: agent ?? false }, (res) => {
      res.resume();
      res.on('end', () => resolve(res.statusCode ?? 0));
    });
    asked.on('error', reject);
    asked.end();
  });
}

/** How many of so many at once were let through, and how long all of them took, in milliseconds. */
async function salvo(port: number, path: string, count: number): Promise<{ admitted: number; ms: number }> {
  const agent = new Agent({ keepAlive: true, maxSockets: count });
  const began = performance.now();
  const statuses = await Promise.all(Array.from({ length: count }, () => ask(port, 'GET', path, agent)));
  agent.destroy();
  return { admitted: statuses.filter((status) => status !== 429).length, ms: performance.now() - began };
}

const pause = (ms: number) =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

describe.skipIf(NGINX === undefined)('rates, side by side with nginx', () => {
  // Slow enough that what a busy machine loses between two requests is worth less than one of them.
  it('1/s with a burst of 20 lets through what nginx lets through: 21 at once, and then one each second', async () => {
    const nginx = await startNginx(NGINX ?? '', '1r/s', 20);
    await using gateway = await startGateway({
      config: { mcpServers: { one: child() }, rateLimits: { perAddress: { rate: '1/s', burst: 20 } } },
    });
    // Whoever has no token is counted by address: 401 as long as he may knock.
    const both = () => Promise.all([salvo(nginx, '/', 60), salvo(gateway.port, '/mcp', 60)]);
    // The probe for whether it listens was one.
    await pause(1100);
    const [theirs, ours] = await both();
    for (const { admitted, ms } of [theirs, ours]) {
      expect(admitted).toBeGreaterThanOrEqual(21);
      expect(admitted).toBeLessThanOrEqual(21 + Math.ceil(ms / 1000));
    }
    await pause(3300);
    const [theirsLater, oursLater] = await both();
    for (const { admitted, ms } of [theirsLater, oursLater]) {
      expect(admitted).toBeGreaterThanOrEqual(3);
      expect(admitted).toBeLessThanOrEqual(4 + Math.ceil((ms + theirs.ms) / 1000));
    }
    expect(Math.abs(theirsLater.admitted - oursLater.admitted)).toBeLessThanOrEqual(1);
  });
});

describe('whoever knocks too often', () => {
  const knock = async (port: number, headers: Record<string, string>) =>
    new Promise<{ status: number; retryAfter: string | undefined; body: string }>((resolve, reject) => {
      const asked = request(
        { host: '127.0.0.1', port, method: 'POST', path: '/mcp', headers, agent: false },
        (res) => {
          let body = '';
          res.setEncoding('utf8').on('data', (text: string) => (body += text));
          res.on('end', () =>
            resolve({ status: res.statusCode ?? 0, retryAfter: res.headers['retry-after'], body }),
          );
        },
      );
      asked.on('error', reject);
      asked.end();
    });

  it('is told in JSON-RPC when to come again; who proves who he is, is counted as himself', async () => {
    await using gateway = await startGateway({
      config: {
        mcpServers: { one: child() },
        trustedProxies: ['127.0.0.1'],
        rateLimits: { perAddress: { rate: '1/m', burst: 2 }, perUser: { rate: '1/m', burst: 4 } },
      },
    });
    const from = (address: string, more = {}) => knock(gateway.port, { 'x-forwarded-for': address, ...more });
    const statuses = [];
    for (let i = 0; i < 4; i++) statuses.push((await from('192.0.2.1')).status);
    expect(statuses).toEqual([401, 401, 401, 429]);
    const refused = await from('192.0.2.1');
    expect(JSON.parse(refused.body)).toMatchObject({
      jsonrpc: '2.0',
      error: { data: { reason: 'rate_limited' } },
    });
    expect(Number(refused.retryAfter)).toBeGreaterThan(50);
    expect((await from('192.0.2.2')).status, 'another address').toBe(401);

    // Threat 31: one house, many addresses; and what a client writes before the proxy does, counts for nothing.
    const house = [];
    for (let i = 1; i <= 4; i++) house.push((await from(`2001:db8:1:2::${i}`)).status);
    expect(house).toEqual([401, 401, 401, 429]);
    const liar = [];
    for (let i = 1; i <= 4; i++) liar.push((await from(`203.0.113.${i}, 198.51.100.7`)).status);
    expect(liar).toEqual([401, 401, 401, 429]);

    const authorization = `Bearer ${gateway.token}`;
    const owner = [];
    for (let i = 1; i <= 6; i++) owner.push((await from(`198.51.100.${i}`, { authorization })).status);
    expect(owner, 'the bucket of the user, from wherever').toEqual([415, 415, 415, 415, 415, 429]);
  });

  it('over and over, from an address that has used up its own, gets no token looked at', async () => {
    await using gateway = await startGateway({
      config: {
        mcpServers: { one: child() },
        rateLimits: { perAddress: { rate: '1/m', burst: 1 }, perUser: false },
      },
    });
    const wrong = [];
    for (let i = 0; i < 4; i++)
      wrong.push((await knock(gateway.port, { authorization: `Bearer ${i}` })).status);
    expect(wrong).toEqual([401, 401, 429, 429]);
  });
});
