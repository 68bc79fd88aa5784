import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { decodeJwt } from 'jose';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startGateway } from '../support/gateway.ts';
import { type Answer, callTool, textOf } from '../support/http.ts';
import { startIssuer } from '../support/issuer.ts';

const AUDIENCE = 'https://mcp.example.com/mcp';
const CLIENT = { clientId: 'gateway', clientSecret: 'a secret: with signs &' };

async function listen(handler: RequestListener): Promise<string> {
  const server = createServer(handler);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  // A server that listens on a port has an address.
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** What an authorization server for exchanges was asked, and gives: tokens that say whose they are. */
async function startExchange(expiresIn = 3600) {
  const forms: URLSearchParams[] = [];
  const origin = await listen((req, res) => {
    const send = (status: number, value: object): void =>
      void res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    if (req.url?.startsWith('/.well-known/'))
      return send(200, {
        issuer: origin,
        authorization_endpoint: `${origin}/authorize`,
        token_endpoint: `${origin}/token`,
        response_types_supported: ['code'],
      });
    const basic = [CLIENT.clientId, CLIENT.clientSecret].map(encodeURIComponent).join(':');
    void text(req).then((body) => {
      const form = new URLSearchParams(body);
      forms.push(form);
      if (req.headers.authorization !== `Basic ${btoa(basic)}`) return send(401, { error: 'invalid_client' });
      const { sub } = decodeJwt(form.get('subject_token') ?? '');
      if (sub === 'stranger') return send(400, { error: 'invalid_target' });
      return send(200, {
        access_token: `exchanged-${sub}-${forms.length}`,
        issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
        token_type: 'Bearer',
        expires_in: expiresIn,
      });
    });
  });
  return { origin, forms };
}

/** A server that takes exchanged tokens alone, and says which one it got. */
async function startServer() {
  const seen: (string | undefined)[] = [];
  const revoked = new Set<string>();
  const url = await listen((req, res) => {
    const { authorization = '' } = req.headers;
    seen.push(authorization);
    void text(req).then((body) => {
      if (!authorization.startsWith('Bearer exchanged-') || revoked.has(authorization))
        return void res.writeHead(401, { 'www-authenticate': 'Bearer' }).end();
      const { id, method } = JSON.parse(body || '{}') as { id?: number; method?: string };
      const result =
        method === 'server/discover'
          ? { supportedVersions: ['2026-07-28'], capabilities: { tools: {} }, _meta: {} }
          : { content: [{ type: 'text', text: authorization }] };
      res.writeHead(200, { 'content-type': 'application/json' });
      return void res.end(
        JSON.stringify({ jsonrpc: '2.0', id, result: { resultType: 'complete', ...result } }),
      );
    });
  });
  return { url: `${url}/mcp`, seen, revoked };
}

const reason = (answer: Answer): unknown => answer.last.error?.data?.['reason'];

async function setUp(options: { expiresIn?: number; auth?: object } = {}) {
  const issuer = await startIssuer();
  onTestFinished(() => issuer[Symbol.asyncDispose]());
  const exchange = await startExchange(options.expiresIn);
  const server = await startServer();
  const auth = { grant: 'token_exchange', issuer: exchange.origin, ...CLIENT, ...options.auth };
  const gateway = await startGateway({
    config: {
      auth: { issuers: [{ issuer: issuer.issuer, audience: AUDIENCE }] },
      mcpServers: { far: { url: server.url, auth } },
    },
  });
  onTestFinished(async () => void (await gateway.stop()));
  const call = (sub: string | undefined, claims: object = {}) => {
    const token = sub === undefined ? gateway.token : issuer.token({ aud: AUDIENCE, sub, ...claims });
    return callTool(gateway, 'far__x', {}, { headers: { authorization: `Bearer ${token}` } });
  };
  return { exchange, server, gateway, call };
}

describe('a server that callers’ tokens are exchanged for', () => {
  it('gets a token for each of them, and threat 7: never theirs', async () => {
    const { exchange, server, call, gateway } = await setUp();
    expect(textOf(await call('alice'))).toMatch(/^Bearer exchanged-alice-/);
    expect(textOf(await call('bob'))).toMatch(/^Bearer exchanged-bob-/);
    expect(textOf(await call('alice'))).toMatch(/^Bearer exchanged-alice-/);
    expect(exchange.forms.map((form) => decodeJwt(form.get('subject_token') ?? '').sub)).toContain('bob');
    const [form] = exchange.forms;
    expect(Object.fromEntries(form ?? [])).toMatchObject({
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      resource: server.url,
    });
    const subjects = exchange.forms.map((each) => each.get('subject_token') ?? '');
    for (const subject of subjects) {
      expect(server.seen.join('\n')).not.toContain(subject);
      expect(gateway.program.stderr()).not.toContain(subject);
    }
  });

  it('is asked for once, as long as it counts, with the words that the configuration has', async () => {
    const { exchange, server, call } = await setUp({ auth: { audience: 'api://far', scope: 'read' } });
    await call('alice', { jti: '1' });
    const before = exchange.forms.length;
    expect(Object.fromEntries(exchange.forms[0] ?? [])).toMatchObject({
      audience: 'api://far',
      scope: 'read',
    });
    expect(exchange.forms[0]?.has('resource')).toBe(false);
    // Of the same second, the same token.
    server.revoked.add(String(server.seen.at(-1)));
    // Refused there, it is exchanged once more.
    expect(textOf(await call('alice', { jti: '1' }))).toMatch(/^Bearer exchanged-alice-/);
    expect(exchange.forms.length).toBeGreaterThan(before);
  });

  it('is not called for who has nothing to exchange, nor for who is refused', async () => {
    const { exchange, server, call, gateway } = await setUp();
    const owner = await call(undefined);
    expect(reason(owner)).toBe('server_start_failed');
    expect(JSON.stringify(owner.last.error)).toContain('could not be exchanged');
    expect(exchange.forms).toEqual([]);
    expect(reason(await call('stranger'))).toBe('server_start_failed');
    expect(gateway.program.stderr()).toContain('400 invalid_target');
    expect(server.seen.filter((authorization) => authorization !== '')).toEqual([]);
  });
});
