/** What the tests of this folder share: an MCP server that wants a token, and a strict authorization server for it. */
import { createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { JsonObject } from '../../core/json.ts';

interface Code {
  readonly clientId: string;
  readonly challenge: string;
  readonly redirectUri: string;
  readonly resource: string;
  readonly scope: string;
}

/** What a test may change while it runs. */
export interface Behaviour {
  /** The `iss` that the browser comes back with; undefined: the right one. */
  iss?: string | undefined;
  /** The browser comes back with this error and no code. */
  error?: string | undefined;
  /** In place of the state that came. */
  state?: string | undefined;
  /** Seconds that an access token is good for. */
  expiresIn: number;
  /** Members of the metadata; undefined takes one away. */
  metadata: Record<string, unknown>;
  /** The scope without which the server answers 403. */
  neededScope?: string | undefined;
  /** Milliseconds that the token endpoint takes. */
  tokenMs: number;
  /** The token endpoint fails with 500. */
  isDown: boolean;
  /** The MCP server that answers who has a token: its address, without authentication. */
  behind?: string | undefined;
}

export interface Sites extends AsyncDisposable {
  /** Of the MCP server. */
  readonly url: string;
  readonly issuer: string;
  readonly behaviour: Behaviour;
  /** The bodies that the token endpoint saw. */
  readonly tokenRequests: URLSearchParams[];
  readonly registrations: JsonObject[];
  /** Access tokens that are good. */
  readonly good: Map<string, string>;
  readonly refreshTokens: Set<string>;
  /** How many requests came to the MCP server with a good token. */
  authorised(): number;
  /** Another authorization server takes over. */
  moveTo(issuer: string): void;
}

export async function openSites(): Promise<Sites> {
  const codes = new Map<string, Code>();
  const good = new Map<string, string>();
  const refreshTokens = new Set<string>();
  const tokenRequests: URLSearchParams[] = [];
  const registrations: JsonObject[] = [];
  const behaviour: Behaviour = { expiresIn: 3600, metadata: {}, tokenMs: 0, isDown: false };
  const sites = { url: '', issuer: '', named: '', authorised: 0 };

  const give = (res: ServerResponse, scope: string): void => {
    const token = randomBytes(8).toString('hex');
    const refreshToken = randomBytes(8).toString('hex');
    good.set(token, scope);
    refreshTokens.add(refreshToken);
    json(res, 200, {
      access_token: token,
      token_type: 'Bearer',
      expires_in: behaviour.expiresIn,
      refresh_token: refreshToken,
      scope,
    });
  };

  const token = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const body = new URLSearchParams(await text(req));
    tokenRequests.push(body);
    await new Promise((resolve) => setTimeout(resolve, behaviour.tokenMs));
    if (behaviour.isDown) return void res.writeHead(500).end();
    const refuse = (error: string): void => json(res, 400, { error });
    // RFC 8707: without the resource, a token would be good anywhere.
    if (body.get('resource') !== sites.url) return refuse('invalid_target');
    if (body.get('grant_type') === 'client_credentials') {
      const basic = Buffer.from('app:secret').toString('base64');
      if (req.headers.authorization !== `Basic ${basic}`) return refuse('invalid_client');
      return give(res, body.get('scope') ?? '');
    }
    if (body.get('grant_type') === 'refresh_token') {
      // Rotation: each is good once, and one that comes twice was stolen.
      if (!refreshTokens.delete(body.get('refresh_token') ?? '')) return refuse('invalid_grant');
      return give(res, 'read');
    }
    const code = codes.get(body.get('code') ?? '');
    codes.delete(body.get('code') ?? '');
    const verifier = createHash('sha256')
      .update(body.get('code_verifier') ?? '')
      .digest('base64url');
    const fits = code?.challenge === verifier && code.redirectUri === body.get('redirect_uri');
    if (!code || !fits || code.clientId !== body.get('client_id')) return refuse('invalid_grant');
    give(res, code.scope);
  };

  const authorize = (query: URLSearchParams, res: ServerResponse): void => {
    const redirectUri = query.get('redirect_uri') ?? '';
    const known = registrations.some((each) => (each['redirect_uris'] as string[]).includes(redirectUri));
    if (!known || query.get('code_challenge_method') !== 'S256') return void res.writeHead(400).end();
    const code = randomBytes(8).toString('hex');
    codes.set(code, {
      clientId: query.get('client_id') ?? '',
      challenge: query.get('code_challenge') ?? '',
      redirectUri,
      resource: query.get('resource') ?? '',
      scope: query.get('scope') ?? '',
    });
    const back = new URL(redirectUri);
    if (behaviour.error === undefined) back.searchParams.set('code', code);
    else back.searchParams.set('error', behaviour.error);
    back.searchParams.set('state', behaviour.state ?? query.get('state') ?? '');
    back.searchParams.set('iss', behaviour.iss ?? sites.issuer);
    res.writeHead(302, { location: back.href }).end();
  };

  const as = await listen(async (req, res) => {
    const url = new URL(req.url ?? '/', sites.issuer);
    if (url.pathname === '/.well-known/oauth-authorization-server') {
      const metadata = {
        issuer: sites.issuer,
        authorization_endpoint: `${sites.issuer}/authorize`,
        token_endpoint: `${sites.issuer}/token`,
        registration_endpoint: `${sites.issuer}/register`,
        response_types_supported: ['code'],
        code_challenge_methods_supported: ['S256'],
        token_endpoint_auth_methods_supported: ['none', 'client_secret_basic'],
        authorization_response_iss_parameter_supported: true,
        ...behaviour.metadata,
      };
      return json(res, 200, metadata);
    }
    if (url.pathname === '/register') {
      const registration = JSON.parse(await text(req)) as JsonObject;
      registrations.push(registration);
      return json(res, 201, { ...registration, client_id: `client-${registrations.length}` });
    }
    if (url.pathname === '/authorize') return authorize(url.searchParams, res);
    if (url.pathname === '/token') return token(req, res);
    res.writeHead(404).end();
  });
  sites.issuer = `http://127.0.0.1:${portOf(as)}`;
  sites.named = sites.issuer;

  const mcp = await listen(async (req, res) => {
    if (req.url === '/.well-known/oauth-protected-resource/mcp')
      return json(res, 200, {
        resource: sites.url,
        authorization_servers: [sites.named],
        scopes_supported: ['read'],
      });
    if (req.url !== '/mcp') return void res.writeHead(404).end();
    const body = await text(req);
    const metadata = `resource_metadata="${new URL('/.well-known/oauth-protected-resource/mcp', sites.url).href}"`;
    const scope = good.get(req.headers.authorization?.replace('Bearer ', '') ?? '');
    if (scope === undefined)
      return void res.writeHead(401, { 'www-authenticate': `Bearer ${metadata}` }).end();
    sites.authorised += 1;
    const { neededScope } = behaviour;
    if (neededScope !== undefined && !scope.split(' ').includes(neededScope)) {
      const why = `Bearer error="insufficient_scope", scope="${neededScope}", ${metadata}`;
      return void res.writeHead(403, { 'www-authenticate': why }).end();
    }
    if (behaviour.behind !== undefined) return pass(req, body, behaviour.behind, res);
    json(res, 200, { jsonrpc: '2.0', id: 1, result: { scope } });
  });
  sites.url = `http://127.0.0.1:${portOf(mcp)}/mcp`;

  return {
    url: sites.url,
    issuer: sites.issuer,
    behaviour,
    tokenRequests,
    registrations,
    good,
    refreshTokens,
    authorised: () => sites.authorised,
    moveTo: (issuer) => void (sites.named = issuer),
    async [Symbol.asyncDispose]() {
      const ended = [as, mcp].map((server) => new Promise((resolve) => server.close(resolve)));
      for (const server of [as, mcp]) server.closeAllConnections();
      await Promise.all(ended);
    },
  };
}

/** Hands a request on to the MCP server behind, without the token. */
async function pass(req: IncomingMessage, body: string, to: string, res: ServerResponse): Promise<void> {
  const kept = Object.entries(req.headers).filter(([name]) => /^(?:accept|content-type|mcp-.*)$/.test(name));
  const { method = 'POST' } = req;
  const gone = new AbortController();
  res.once('close', () => gone.abort());
  const answer = await fetch(to, {
    method,
    headers: Object.fromEntries(kept.map(([name, value]) => [name, String(value)])),
    signal: gone.signal,
    ...(method === 'POST' && { body }),
  });
  const told = [...answer.headers].filter(([name]) => /^(?:content-type|mcp-session-id)$/.test(name));
  res.writeHead(answer.status, Object.fromEntries(told)).flushHeaders();
  try {
    for await (const chunk of answer.body ?? []) res.write(chunk);
  } catch {
    // The client is gone, and takes its stream along.
  }
  res.end();
}

async function listen(
  handle: (req: IncomingMessage, res: ServerResponse) => Promise<void> | void,
): Promise<Server> {
  const server = createServer((req, res) => {
    res.setHeader('connection', 'close');
    void handle(req, res);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return server;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

function json(res: ServerResponse, status: number, value: unknown): void {
  res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

async function text(req: IncomingMessage): Promise<string> {
  let all = '';
  for await (const chunk of req.setEncoding('utf8')) all += String(chunk);
  return all;
}
