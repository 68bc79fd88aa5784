import { createServer } from 'node:http';
import { describe, expect, it } from 'vitest';
import { ready } from './health.ts';
import { listen } from './testing.ts';

const servers = (...states: string[]): { name: string; state: string }[] =>
  states.map((state, i) => ({ name: `s${i}`, state }));

describe('ready', () => {
  it.each([
    ['ready', 200, ['ready']],
    ['ready', 200, ['ready', 'ready']],
    ['ready', 200, ['idle', 'ready']],
    ['degraded', 200, ['ready', 'failed']],
    ['degraded', 200, ['starting', 'ready', 'failed']],
    ['unavailable', 503, ['failed']],
    ['unavailable', 503, ['starting']],
    ['unavailable', 503, ['stopped', 'starting', 'failed']],
    ['unavailable', 503, ['Ready', 'almost ready']],
    ['ready', 200, []],
  ])('is %s, %i, with servers that are %j', (status, http, states) => {
    expect(ready(servers(...states))).toEqual({
      status: http,
      body: { status, servers: servers(...states) },
    });
  });
});

describe('the health paths', () => {
  const health = [{ name: 'a', state: 'failed', detail: 'canary', stderrTail: ['canary'], kind: 'canary' }];

  it('live is alive whatever the servers are', async () => {
    await using door = await listen({ health });
    for (const path of ['/health', '/health/live']) {
      const { status, headers, body } = await door.ask('GET', path, 'Host: localhost');
      expect(status).toBe(200);
      expect(headers).toMatchObject({ 'content-type': 'application/json', 'cache-control': 'no-store' });
      expect(JSON.parse(body)).toEqual({ status: 'ok' });
    }
  });

  it('ready tells names and states, and nothing else that is known of a server', async () => {
    await using door = await listen({ health });
    const { status, body } = await door.ask('GET', '/health/ready', 'Host: localhost');
    expect(status).toBe(503);
    expect(JSON.parse(body)).toEqual({ status: 'unavailable', servers: [{ name: 'a', state: 'failed' }] });
  });

  it('ready says that a server is not tried any more, and in words that give nothing away why', async () => {
    const broken = {
      ...health[0],
      name: 'a',
      state: 'failed',
      breaker: { cause: 'start', reason: 'canary' },
    };
    await using door = await listen({ health: [broken as (typeof health)[number]] });
    const { body } = await door.ask('GET', '/health/ready', 'Host: localhost');
    expect(JSON.parse(body)).toMatchObject({
      servers: [{ name: 'a', breaker: 'open', reason: 'It fails to start again and again.' }],
    });
    expect(body).not.toContain('canary');
  });

  it.each([
    ['a good one', { daysLeft: 60 }, 'valid', 'ready'],
    ['one of six days, which renews itself', { daysLeft: 4 }, 'valid', 'ready'],
    ['one that could not be renewed yet', { daysLeft: 20, problem: 'canary' }, 'not renewed', 'ready'],
    ['one that could not be renewed for long', { daysLeft: 6, problem: 'canary' }, 'expiring', 'degraded'],
    ['one of a file, with few days', { daysLeft: 6, source: 'file' }, 'expiring', 'degraded'],
    ['one that is over', { daysLeft: -1 }, 'expired', 'degraded'],
    ['none', { daysLeft: undefined, problem: 'canary' }, 'missing', 'degraded'],
  ] as const)('ready tells of %s, and not what went wrong', async (_what, change, state, status) => {
    const certificate = { name: 'mcp.test', source: 'acme', problem: undefined, ...change } as const;
    const secure = { createServer, certificates: () => [certificate] };
    await using door = await listen({ health: [{ name: 'a', state: 'ready' }], secure });
    const answer = await door.ask('GET', '/health/ready', 'Host: localhost');
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body)).toMatchObject({ status, certificates: [{ name: 'mcp.test', state }] });
    expect(answer.body).not.toContain('canary');
  });

  it('answer HEAD without a body', async () => {
    await using door = await listen({ health });
    const { status, headers, body } = await door.ask('HEAD', '/health/ready', 'Host: localhost');
    expect(status).toBe(503);
    expect(Number(headers['content-length'])).toBeGreaterThan(0);
    expect(body).toBe('');
  });

  it.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])('do not take %s: 405', async (method) => {
    await using door = await listen({ health });
    const answer = await door.ask(method, '/health', 'Host: localhost', 'Content-Length: 0');
    expect(answer).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } });
  });
});
