import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, request } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { child, type Gateway, startGateway } from '../../support/gateway.ts';
import { modernRequest } from '../../support/http.ts';
import { startIssuer } from '../../support/issuer.ts';
import { eventually } from '../../support/processes.ts';
import { type Asked, type Front, frontPorts, listeningOf, NGINX, startFront } from './front.ts';

const LIMITS = { perAddress: { rate: '1000/s', burst: 1000 }, perUser: { rate: '1000/s', burst: 1000 } };

const SSLSCAN_MISSING = spawnSync('sslscan', ['--version']).status !== 0;
if (SSLSCAN_MISSING) process.stderr.write('\n  SKIPPED: the ciphers of nginx: no sslscan\n\n');

/** A request of 2026-07-28, as the front takes it. */
function modernTo(gateway: Gateway, ...args: Parameters<typeof modernRequest>): Asked {
  const { body, headers } = modernRequest(...args);
  const all = { ...headers, 'content-type': 'application/json', authorization: `Bearer ${gateway.token}` };
  return { method: 'POST', body: String(body), headers: all };
}

describe.skipIf(NGINX === undefined)('nginx in front of a gateway (SKIPPED without nginx)', () => {
  let gateway: Gateway;
  let front: Front;
  const call = (name: string, input = {}, meta = {}) =>
    modernTo(gateway, 'tools/call', { name, arguments: input }, { meta });

  beforeAll(async () => {
    const ports = await frontPorts();
    const config = {
      publicUrl: `https://localhost:${ports.https}`,
      trustedProxies: ['127.0.0.1'],
      rateLimits: LIMITS,
      metrics: {},
      mcpServers: { child: child() },
    };
    gateway = await startGateway({ config });
    front = await startFront({
      instances: [listeningOf(gateway)],
      ports,
      config,
      args: ['--rate', '500'],
    });
  });
  afterAll(async () => {
    await front?.[Symbol.asyncDispose]();
    await gateway?.stop();
  });

  it.each(['/mcp', '/mcp/', '/servers/child/mcp', '/servers/child/mcp/'])(
    '%s answers a POST itself, without a redirect',
    async (path) => {
      const { status, text } = await front.ask(path, call('echo', { text: 'through' }));
      expect([status, text]).toEqual([200, expect.stringContaining('through')]);
    },
  );

  it('hands on each event as it comes', async () => {
    const started = performance.now();
    const response = await front.open(
      '/mcp',
      call('progress', { steps: 3, delayMs: 700 }, { progressToken: 1 }),
    );
    const seen: number[] = [];
    response.on('data', () => seen.push(performance.now() - started));
    await once(response, 'end');
    const end = performance.now() - started;
    expect(response.headers['content-type']).toContain('text/event-stream');
    expect(seen.length).toBeGreaterThanOrEqual(3);
    // Held back, all of them would come with the last.
    expect(end - (seen[0] ?? end)).toBeGreaterThan(1000);
  });

  it('carries the transport of 2024-11-05: a stream that stays open, and messages beside it', async () => {
    const authorization = `Bearer ${gateway.token}`;
    const stream = await front.open('/sse', { headers: { authorization, accept: 'text/event-stream' } });
    onTestFinished(() => void stream.destroy());
    let heard = '';
    stream.setEncoding('utf8').on('data', (text: string) => (heard += text));
    const place = await eventually('the endpoint is named', () => /data: (\/\S+)/.exec(heard)?.[1]);
    const params = {
      protocolVersion: '2024-11-05',
      capabilities: {},
      clientInfo: { name: 'old', version: '1' },
    };
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params });
    const { status } = await front.ask(place, {
      method: 'POST',
      body,
      headers: { authorization, 'content-type': 'application/json' },
    });
    expect(status).toBe(202);
    await eventually('the answer comes by the stream', () => heard.includes('"serverInfo"'));
  });

  it('answers 401 as the gateway does, with its challenge', async () => {
    const { status, headers, text } = await front.ask('/mcp', { method: 'POST' });
    expect(status).toBe(401);
    expect(headers['www-authenticate']).toMatch(/^Bearer/);
    expect(JSON.parse(text)).toMatchObject({ error: { data: { reason: 'unauthorized' } } });
  });

  it('says nothing but 404 about other paths, as JSON', async () => {
    for (const path of ['/', '/.git/config', '/mcpx', '/admin']) {
      const { status, text, headers } = await front.ask(path);
      expect([status, headers['content-type']]).toEqual([404, 'application/json']);
      expect(JSON.parse(text)).toMatchObject({ id: null, error: { data: { reason: 'no_such_path' } } });
    }
  });

  it('sends the headers of a page that nobody may frame or guess about, each once', async () => {
    const { headers } = await front.ask('/health/live');
    expect(headers).toMatchObject({
      'strict-transport-security': 'max-age=31536000',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'content-security-policy': expect.stringContaining("default-src 'none'"),
    });
    expect(headers.server).toBe('nginx');
  });

  it('refuses a body that is too large before the gateway hears of it', async () => {
    const body = 'x'.repeat(5 * 1024 * 1024);
    const { status, text } = await front
      .ask('/mcp', { method: 'POST', body })
      .catch(() => ({ status: 413, text: '' }));
    expect(status).toBe(413);
    if (text) expect(JSON.parse(text)).toMatchObject({ error: { data: { reason: 'body_too_large' } } });
  });

  it('shows /metrics to private networks', async () => {
    expect((await front.ask('/metrics')).status).toBe(200);
  });

  it('leads port 80 to https, method and all, and leaves the path of ACME open', async () => {
    writeFileSync(join(front.acmeRoot, '.well-known/acme-challenge/token'), 'proof');
    expect(await plain(front.httpPort, '/.well-known/acme-challenge/token')).toEqual([
      200,
      undefined,
      'proof',
    ]);
    expect(await plain(front.httpPort, '/.well-known/acme-challenge/other')).toContain(404);
    const [status, location] = await plain(front.httpPort, '/mcp?a=1', 'POST');
    expect([status, location]).toEqual([308, `https://localhost:${front.port}/mcp?a=1`]);
  });

  it('writes a line of JSON for each request, with the fields of the gateway and without queries', async () => {
    const headers = { 'user-agent': 'a "quoted"\tone', authorization: 'Bearer secret-token-of-somebody' };
    await front.ask('/mcp?access_token=secret-in-a-query&x=%0a', { method: 'POST', headers });
    const line = await eventually('the line is there', () =>
      front.log().find((each) => each['user_agent'] === 'a "quoted"\tone'),
    );
    expect(line).toEqual({
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+Z]/),
      client_ip: '127.0.0.1',
      user_email: null,
      method: 'POST',
      uri: '/mcp',
      status: 401,
      bytes: expect.any(Number),
      request_time: expect.any(Number),
      user_agent: 'a "quoted"\tone',
    });
    expect(JSON.stringify(front.log())).not.toContain('secret');
  });

  it.skipIf(SSLSCAN_MISSING)(
    'speaks TLS 1.2 and 1.3 only (SKIPPED without sslscan), without a weak cipher',
    () => {
      const ran = spawnSync('sslscan', ['--no-colour', `127.0.0.1:${front.port}`], { encoding: 'utf8' });
      const { stdout } = ran;
      expect(stdout).toMatch(/^SSLv3\s+disabled/m);
      expect(stdout).toMatch(/^TLSv1.0\s+disabled/m);
      expect(stdout).toMatch(/^TLSv1.1\s+disabled/m);
      expect(stdout).toMatch(/^TLSv1.2\s+enabled/m);
      expect(stdout).toMatch(/^TLSv1.3\s+enabled/m);
      const accepted = [...stdout.matchAll(/^(?:Accepted|Preferred)\s+TLSv1\.2\s+\d+ bits\s+(\S+)/gm)];
      expect(accepted.length).toBeGreaterThan(0);
      for (const [, cipher] of accepted) expect(cipher).toMatch(/^ECDHE-.*(?:GCM|CHACHA20)/);
      expect(stdout).toMatch(/Compression disabled|does not support compression/);
    },
  );

  it('says 502 as JSON while the gateway is away', async () => {
    const ports = await frontPorts();
    const config = { publicUrl: `https://localhost:${ports.https}`, mcpServers: { child: child() } };
    await using alone = await startFront({ instances: ['127.0.0.1:1'], ports, config });
    const { status, text, headers } = await alone.ask('/mcp', { method: 'POST' });
    expect([status, headers['content-type']]).toEqual([502, 'application/json']);
    expect(JSON.parse(text)).toMatchObject({ error: { data: { reason: 'gateway_unavailable' } } });
    expect(headers['x-content-type-options']).toBe('nosniff');
  });
});

describe.skipIf(NGINX === undefined)('nginx that asks who calls (SKIPPED without nginx)', () => {
  it('passes on what the gateway lets in, and its log knows the user', async () => {
    await using issuer = await startIssuer();
    const ports = await frontPorts();
    const config = {
      publicUrl: `https://localhost:${ports.https}`,
      trustedProxies: ['127.0.0.1'],
      // Tokens with an email address are those of issuers.
      auth: { server: {}, issuers: [{ issuer: issuer.issuer, audience: 'https://front.test' }] },
      rateLimits: LIMITS,
      mcpServers: { child: child() },
    };
    await using gateway = await startGateway({ config });
    await using front = await startFront({
      instances: [listeningOf(gateway)],
      ports,
      config,
      args: ['--auth-request'],
    });
    const claims = { aud: 'https://front.test', email: 'alice@example.com', email_verified: true };
    const authorization = `Bearer ${issuer.token(claims)}`;

    const forged = { 'x-user-email': 'mallory@example.com' };
    const asked = modernTo(gateway, 'tools/call', { name: 'echo', arguments: { text: 'asked' } });
    const answer = await front.ask('/mcp', {
      ...asked,
      headers: { ...asked.headers, ...forged, authorization },
    });
    expect([answer.status, answer.text]).toEqual([200, expect.stringContaining('asked')]);
    expect(answer.headers['x-user-email']).toBeUndefined();

    const refused = await front.ask('/mcp', { method: 'POST', headers: forged });
    expect(refused.status).toBe(401);
    expect(refused.headers['www-authenticate']).toMatch(/^Bearer.*resource_metadata=/);
    expect(JSON.parse(refused.text)).toMatchObject({ error: { data: { reason: 'unauthorized' } } });
    // Nobody gets at the place where nginx asks.
    expect((await front.ask('/.sallyport/who', { headers: { authorization } })).status).toBe(404);

    const lines = await eventually('both lines are there', () => {
      const all = front.log().filter(({ uri }) => uri === '/mcp');
      return all.length === 2 ? all : undefined;
    });
    expect(lines).toMatchObject([
      { status: 200, user_email: 'alice@example.com' },
      { status: 401, user_email: '' },
    ]);
  });
});

describe.skipIf(NGINX === undefined)('what nginx lets through (SKIPPED without nginx)', () => {
  /** A server that says what it was sent. */
  async function startEcho(): Promise<{ address: string; seen: IncomingHttpHeaders[] }> {
    const seen: IncomingHttpHeaders[] = [];
    const server = createServer((req, res) => {
      seen.push(req.headers);
      res.end('ok');
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const address = server.address();
    return { address: `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`, seen };
  }

  async function before(
    config: object,
    args: string[],
  ): Promise<{ front: Front; seen: IncomingHttpHeaders[] }> {
    const { address, seen } = await startEcho();
    const ports = await frontPorts();
    const all = { publicUrl: `https://localhost:${ports.https}`, mcpServers: { child: child() }, ...config };
    const front = await startFront({ instances: [address], ports, config: all, args });
    onTestFinished(() => front[Symbol.asyncDispose]());
    return { front, seen };
  }

  it('clears what a client says of who it is and where it comes from', async () => {
    const { front, seen } = await before({}, []);
    const forged = [
      'x-user-id',
      'x-user-email',
      'x-user-roles',
      'x-forwarded-user',
      'x-auth-request-email',
      'remote-user',
      'forwarded',
    ];
    const headers = { ...Object.fromEntries(forged.map((name) => [name, 'root'])), x_user_id: 'root' };
    await front.ask('/mcp', {
      headers: { ...headers, 'x-forwarded-for': '6.6.6.6', 'x-forwarded-proto': 'ftp' },
    });
    const [got = {}] = seen;
    expect(JSON.stringify(got)).not.toMatch(/root|6\.6\.6\.6|ftp/);
    expect(got).toMatchObject({
      host: `localhost:${front.port}`,
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': `localhost:${front.port}`,
    });
    expect(got.connection).toBeUndefined();
  });

  it('stops a flood from one address with 429, as JSON, with a time to come back', async () => {
    const { front, seen } = await before({}, ['--rate', '1', '--burst', '20']);
    const answers = await Promise.all(
      Array.from({ length: 40 }, () => front.ask('/mcp', { method: 'POST' })),
    );
    const refused = answers.filter(({ status }) => status === 429);
    // One, the burst, and one for each second that the test machine took.
    expect(seen.length).toBeGreaterThanOrEqual(21);
    expect(seen.length).toBeLessThan(30);
    expect(refused).toHaveLength(40 - seen.length);
    const [{ text, headers } = { text: '', headers: {} as IncomingHttpHeaders }] = refused;
    expect(JSON.parse(text)).toMatchObject({ id: null, error: { data: { reason: 'rate_limited' } } });
    expect(headers['retry-after']).toBe('1');
    expect(headers['content-type']).toBe('application/json');
  });

  it('lets in the addresses of the list only; port 80 stays open for ACME', async () => {
    const { front, seen } = await before({}, ['--allow', '192.0.2.0/24']);
    const { status, text } = await front.ask('/mcp');
    expect(status).toBe(403);
    expect(JSON.parse(text)).toMatchObject({ error: { data: { reason: 'address_not_allowed' } } });
    expect(seen).toEqual([]);
    expect((await plain(front.httpPort, '/mcp'))[0]).toBe(308);
  });

  it('shows /metrics to nobody outside of the networks that may see it', async () => {
    const { front, seen } = await before({ metrics: { allow: ['192.0.2.7'] } }, []);
    for (const path of ['/metrics', '//metrics', '/mcp/../metrics', '/%6detrics'])
      expect((await front.ask(path)).status).toBe(404);
    expect(seen).toEqual([]);
  });

  it('asks for a password where it is told to', async () => {
    const { front, seen } = await before({}, ['--basic-auth', '/dev/null']);
    const { status, headers } = await front.ask('/mcp', { headers: { authorization: 'Basic eDp5' } });
    expect([status, headers['www-authenticate']]).toEqual([401, 'Basic realm="sallyport"']);
    expect(seen).toEqual([]);
  });
});

/** @returns status, Location and text */
function plain(port: number, path: string, method = 'GET'): Promise<[number, string | undefined, string]> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, method, headers: { host: 'localhost' } }, (res) => {
      let text = '';
      res.setEncoding('utf8').on('data', (piece: string) => (text += piece));
      res.on('end', () => resolve([res.statusCode ?? 0, res.headers.location, text]));
    })
      .on('error', reject)
      .end();
  });
}
