import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type AuthServerConfig, authServerSection } from '../../config/auth-server.ts';
import type { JsonObject } from '../../core/json.ts';
import { MemoryRecords } from '../../store/memory.ts';
import type { Records } from '../../store/records.ts';
import { createLog } from '../../telemetry/log.ts';
import { type AuthorizationServer, openAuthorizationServer } from './server.ts';
import { Users } from './users.ts';

/** An authorization server on a port of its own, with a person in it. */
export interface Opened extends AsyncDisposable {
  readonly server: AuthorizationServer;
  readonly records: Records;
  readonly issuer: string;
}

export const PERSON = { name: 'alice', password: 'correct horse battery' };

/** Hashing a password takes its time, so it is done once. */
let hashedPerson: Promise<JsonObject> | undefined;

function personRecord(): Promise<JsonObject> {
  hashedPerson ??= (async () => {
    const records = new MemoryRecords();
    await new Users(records).add(PERSON.name, PERSON.password, {
      email: 'alice@example.com',
      roles: ['dev'],
    });
    return records.get('User', PERSON.name) ?? {};
  })();
  return hashedPerson;
}

export interface OpenOptions {
  readonly records?: Records;
  readonly config?: Partial<AuthServerConfig>;
  readonly allow?: readonly string[];
  /** What stands in front of it: behind `https`, with a path. */
  readonly issuer?: string;
  readonly port?: number;
}

export async function open(options: OpenOptions = {}): Promise<Opened> {
  const { records = new MemoryRecords(), allow = [] } = options;
  let server: AuthorizationServer | undefined;
  const web = createServer((req, res) => {
    // Whoever restarts on the same port is not met by connections of the one before.
    res.setHeader('connection', 'close');
    if (server?.handle(req, res, req.socket.remoteAddress) !== true) res.writeHead(404).end();
  });
  await new Promise<void>((resolve) => {
    web.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  // A server that listens on a port has an address.
  const { port } = web.address() as AddressInfo;
  const issuer = options.issuer ?? `http://127.0.0.1:${port}`;
  const config = { ...authServerSection.parse({}), ...options.config };
  const log = createLog({ level: 'silent', pretty: false });
  server = await openAuthorizationServer({ issuer, config, records, log, allow });
  records.add('User', PERSON.name, await personRecord());
  return {
    server,
    records,
    issuer: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      web.closeAllConnections();
      await server?.close();
      await new Promise((resolve) => web.close(resolve));
    },
  };
}

/** A browser without a screen: cookies, forms, redirects one by one. */
export class Browser {
  readonly #cookies = new Map<string, { readonly value: string; readonly path: string }>();

  async go(
    url: string,
    form?: Readonly<Record<string, string>>,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    const { pathname } = new URL(url);
    const cookie = [...this.#cookies]
      .filter(([, { path }]) => pathname === path || pathname.startsWith(path.replace(/\/?$/, '/')))
      .map(([name, { value }]) => `${name}=${value}`)
      .join('; ');
    const answer = await fetch(url, {
      method: form ? 'POST' : 'GET',
      redirect: 'manual',
      headers: { ...headers, ...(cookie !== '' && { cookie }) },
      body: form ? new URLSearchParams(form) : null,
    });
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      const path = /path=([^;]+)/i.exec(line)?.[1] ?? '/';
      if (value === '') this.#cookies.delete(name);
      else this.#cookies.set(name, { value, path });
    }
    return answer;
  }

  /** Follows redirects within one origin. @returns the first answer that is none, and where it is */
  async follow(
    url: string,
    form?: Readonly<Record<string, string>>,
  ): Promise<{ url: string; answer: Response }> {
    const answer = await this.go(url, form);
    const location = answer.headers.get('location');
    if (location === null) return { url, answer };
    const next = new URL(location, url);
    return next.origin === new URL(url).origin ? this.follow(next.href) : { url: next.href, answer };
  }

  /** Logs in where it has to, and allows what is asked. @returns the address that the client is called at */
  async allow(url: string, person = PERSON): Promise<URL> {
    let at = await this.follow(url);
    for (let pages = 0; pages < 3 && at.url.includes('/oauth2/interaction/'); pages += 1) {
      const text = await at.answer.text();
      const csrf = csrfOf(text);
      const isLogin = text.includes('type="password"');
      const form = isLogin ? { csrf, do: 'login', ...person } : { csrf, do: 'allow' };
      at = await this.follow(at.url, form);
    }
    return new URL(at.url);
  }
}

export function csrfOf(page: string): string {
  return /name="csrf" value="([^"]+)"/.exec(page)?.[1] ?? '';
}

/** What a client keeps to itself, and what it sends of it. */
export function pkce(): { readonly verifier: string; readonly challenge: string } {
  const verifier = randomBytes(32).toString('base64url');
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') };
}

export interface Wanted {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly challenge: string;
  readonly more?: Readonly<Record<string, string>>;
}

export function authorizeUrl(
  issuer: string,
  { clientId, redirectUri, challenge, more = {} }: Wanted,
): string {
  const parameters = new URLSearchParams({
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri,
    code_challenge: challenge,
    code_challenge_method: 'S256',
    state: 'state-1',
    ...more,
  });
  return `${issuer}/oauth2/authorize?${parameters.toString()}`;
}

/** Posts a form, and reads the JSON that comes back. */
export async function post(
  url: string,
  form: Readonly<Record<string, string>>,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: Record<string, unknown> }> {
  const answer = await fetch(url, { method: 'POST', body: new URLSearchParams(form), headers });
  const text = await answer.text();
  // Every answer there is a JSON object, or empty.
  return { status: answer.status, body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>) };
}

export async function register(
  issuer: string,
  metadata: object,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const answer = await fetch(`${issuer}/oauth2/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(metadata),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}
