import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { child, environment, type Gateway, startGateway } from '../support/gateway.ts';
import {
  type Answer,
  begin,
  callTool,
  modern,
  type RequestOptions,
  send,
  Session,
  textOf,
} from '../support/http.ts';
import { INTROSPECTION_CLIENT, startIssuer, type TestIssuer } from '../support/issuer.ts';
import { aSecondOf, eventually, SALLYPORT, start } from '../support/processes.ts';

const AUDIENCE = 'https://mcp.example.com/mcp';
const as = (token: string | undefined): RequestOptions => ({
  headers: { authorization: token === undefined ? undefined : `Bearer ${token}` },
});
const reason = (answer: Answer): unknown => answer.last.error?.data?.['reason'];

/** A command of the CLI, in the home of this gateway. */
async function run(
  gateway: Gateway,
  ...args: string[]
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const folder = { path: gateway.home, remove: () => {}, [Symbol.dispose]: () => {} };
  const program = start(process.execPath, [SALLYPORT, ...args], {
    env: environment(folder),
    cwd: gateway.home,
  });
  const { code } = await program.ended;
  return { code, stdout: program.stdout(), stderr: program.stderr() };
}

describe('tokens that are made while the gateway runs', () => {
  let gateway: Gateway;
  beforeAll(async () => {
    gateway = await startGateway({ config: { mcpServers: { one: child() } } });
  });
  afterAll(() => gateway.stop());

  const make = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await run(gateway, 'token', 'create', ...args);
    expect([code, stderr]).toEqual([0, expect.stringContaining('not shown again')]);
    return stdout.trim();
  };

  it('open the door, and are closed out of it within a second of being revoked', async () => {
    const token = await make('--name', 'ci', '--expires', '90d');
    expect((await callTool(gateway, 'echo', { text: 'hi' }, as(token))).status).toBe(200);
    expect((await run(gateway, 'token', 'revoke', 'ci')).code).toBe(0);
    const list = () => modern(gateway, 'tools/list', {}, as(token));
    await aSecondOf(list);
    expect((await list()).status).toBe(401);
    expect((await modern(gateway, 'tools/list')).status, 'the token of the home still counts').toBe(200);
  });

  it('can be put in the place of another', async () => {
    const old = await make('--name', 'bot');
    expect((await modern(gateway, 'tools/list', {}, as(old))).status).toBe(200);
    const fresh = (await run(gateway, 'token', 'rotate', 'bot')).stdout.trim();
    expect((await modern(gateway, 'tools/list', {}, as(fresh))).status).toBe(200);
    await eventually(
      'the old one is refused',
      async () => (await modern(gateway, 'tools/list', {}, as(old))).status === 401,
    );
  });

  it('are listed without themselves', async () => {
    const token = await make('--name', 'listed', '--scope', 'a b', '--user', 'alice');
    const { stdout } = await run(gateway, 'token', 'list', '--json');
    const { tokens } = JSON.parse(stdout) as { tokens: { name: string }[] };
    expect(tokens.find(({ name }) => name === 'listed')).toMatchObject({
      scopes: ['a', 'b'],
      user: 'alice',
      expires: null,
    });
    expect(stdout).not.toContain(token);
    expect((await run(gateway, 'token', 'create', '--name', 'listed')).code).toBe(1);
    expect((await run(gateway, 'token', 'revoke', 'lsited')).stderr).toContain('did you mean listed?');
  });

  it('have processes and sessions of their own', async () => {
    const [a, b] = [await make('--name', 'a'), await make('--name', 'b')];
    const session = await Session.open(gateway, as(a));
    const stolen = await send(gateway, {
      headers: { ...session.headers, authorization: `Bearer ${b}` },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }),
    });
    expect([stolen.status, reason(stolen)]).toEqual([404, 'session_not_found']);
    const pid = async (token: string) => {
      const said = textOf(await callTool(gateway, 'whoami', {}, as(token))) ?? '{}';
      return (JSON.parse(said) as { pid: number }).pid;
    };
    expect(await pid(a)).not.toBe(await pid(b));
  });
});

describe('tokens of another authorization server', () => {
  let issuer: TestIssuer;
  let gateway: Gateway;
  beforeAll(async () => {
    issuer = await startIssuer();
    gateway = await startGateway({
      config: {
        mcpServers: { one: child(), two: child() },
        auth: {
          issuers: [{ issuer: issuer.issuer, audience: AUDIENCE, scopes: ['mcp.access'] }],
          introspection: {
            url: issuer.issuer.replace('/realms/a', '/introspect'),
            issuer: issuer.issuer,
            ...INTROSPECTION_CLIENT,
          },
          basic: { alice: 'correct horse battery staple' },
        },
        rules: [
          { name: 'no shell', effect: 'deny', tools: 'whoami' },
          { name: 'readers', effect: 'allow', roles: 'reader', servers: 'one', tools: ['echo', 'received'] },
          {
            name: 'writers',
            effect: 'allow',
            roles: 'reader',
            servers: 'one',
            tools: 'big',
            scopes: ['mcp.write'],
          },
          {
            name: 'small',
            effect: 'allow',
            roles: 'reader',
            servers: 'one',
            tools: 'structured',
            when: 'args.n < 5',
          },
        ],
      },
    });
  });
  afterAll(async () => {
    await gateway.stop();
    await issuer[Symbol.asyncDispose]();
  });

  const token = (claims: object = {}): string =>
    issuer.token({
      aud: AUDIENCE,
      scope: 'mcp.access',
      azp: 'test',
      roles: ['reader'],
      preferred_username: 'bob',
      ...claims,
    });
  const list = (presented: string | undefined) => modern(gateway, 'tools/list', {}, as(presented));

  it('open the door when they are for this gateway', async () => {
    expect((await list(token())).status).toBe(200);
    for (const wrong of [
      token({ aud: 'https://mcp.example.com/other' }),
      token({ aud: undefined }),
      token({ exp: 1 }),
      token({ typ: 'ID' }),
    ])
      expect((await list(wrong)).status).toBe(401);
  });

  it('are still taken after the issuer changed its keys', async () => {
    expect((await list(token())).status).toBe(200);
    issuer.rotate();
    const fresh = token();
    // Somebody who makes up key ids cannot make us ask all the time, so the new key is found a moment later.
    await eventually('the new key is known', async () => (await list(fresh)).status === 200, 20_000);
  });

  it('are asked about where they say nothing by themselves', async () => {
    issuer.opaque.set('opaque-1', { active: true, sub: 'u9', scope: 'mcp.access', roles: ['reader'] });
    issuer.opaque.set('opaque-2', { active: false, sub: 'u9' });
    expect((await list('opaque-1')).status).toBe(200);
    expect((await list('opaque-2')).status).toBe(401);
    expect((await list('opaque-3')).status).toBe(401);
  });

  it('and a name with a password do as well', async () => {
    const basic = (words: string) => ({
      headers: { authorization: `Basic ${Buffer.from(words).toString('base64')}` },
    });
    expect(
      (await modern(gateway, 'tools/list', {}, basic('alice:correct horse battery staple'))).status,
    ).toBe(200);
    expect((await modern(gateway, 'tools/list', {}, basic('alice:wrong'))).status).toBe(401);
  });

  it('are asked for in a way that leads a client to them', async () => {
    for (const [path, resource] of [
      ['/mcp', `${gateway.origin}/mcp`],
      ['/servers/one/mcp', `${gateway.origin}/servers/one/mcp`],
    ]) {
      const refused = await modern(gateway, 'tools/list', {}, { path: path ?? '', ...as(undefined) });
      const challenge = String(refused.headers['www-authenticate']);
      expect(refused.status).toBe(401);
      expect(challenge).toContain('scope="mcp.access"');
      expect(challenge).not.toContain('error=');
      const where = new URL(/resource_metadata="([^"]+)"/.exec(challenge)?.[1] ?? '');
      const found = await send(gateway, {
        method: 'GET',
        path: where.pathname,
        headers: { authorization: undefined },
      });
      expect(JSON.parse(found.text)).toMatchObject({
        resource,
        authorization_servers: [issuer.issuer],
        scopes_supported: ['mcp.access'],
      });
    }
    const root = await send(gateway, { method: 'GET', path: '/.well-known/oauth-protected-resource' });
    expect(JSON.parse(root.text)).toMatchObject({ resource: `${gateway.origin}/mcp` });
    const challenge = String((await list('x')).headers['www-authenticate']);
    expect(challenge).toMatch(/^Bearer .*error="invalid_token".*, Basic realm="sallyport"/);
  });

  it('without a scope that all need are told so at the door', async () => {
    const refused = await list(token({ scope: 'openid' }));
    expect([refused.status, reason(refused)]).toEqual([403, 'insufficient_scope']);
    expect(refused.headers['www-authenticate']).toContain('error="insufficient_scope", scope="mcp.access"');
  });

  it('see only what they may use', async () => {
    const names = (answer: Answer) =>
      ((answer.last.result?.['tools'] ?? []) as { name: string }[]).map(({ name }) => name);
    const shown = await list(token());
    expect(names(shown).toSorted()).toEqual(['one__big', 'one__echo', 'one__received', 'one__structured']);
    expect(shown.last.result?.['cacheScope']).toBe('private');
    expect(names(await list(token({ roles: [] })))).toEqual([]);
    const session = await Session.open(gateway, as(token()));
    expect(names(await session.request('tools/list')).toSorted()).toEqual(names(shown).toSorted());
  });

  it('may call only that', async () => {
    const call = (name: string, input: Record<string, unknown> = {}, claims = {}) =>
      callTool(gateway, name, input, as(token(claims)));
    expect(textOf(await call('one__echo', { text: 'hi' }))).toBe('hi');
    for (const [name, claims] of [
      ['one__whoami', {}],
      ['one__exit', {}],
      ['two__echo', {}],
      ['one__echo', { roles: ['other'] }],
    ] as const) {
      const refused = await call(name, { text: 'hi' }, claims);
      expect([refused.status, reason(refused)]).toEqual([403, 'forbidden']);
    }
    expect(reason(await call('one__structured', { n: 7 }))).toBe('forbidden');
    expect(reason(await call('one__structured', {}))).toBe('forbidden');
    expect((await call('one__structured', { n: 3 })).status).toBe(200);
  });

  it('threat 35: are told which scopes a call needs, in either era, and get through with them in the same session', async () => {
    const refused = await callTool(gateway, 'one__big', { bytes: 10 }, as(token()));
    expect([refused.status, reason(refused)]).toEqual([403, 'insufficient_scope']);
    expect(refused.headers['www-authenticate']).toContain(
      `scope="mcp.access mcp.write", resource_metadata="${gateway.origin}/.well-known/oauth-protected-resource/mcp"`,
    );
    const session = await Session.open(gateway, as(token()));
    const legacy = await session.call('one__big', { bytes: 10 });
    expect([legacy.status, reason(legacy)]).toEqual([403, 'insufficient_scope']);
    const body = JSON.stringify({
      jsonrpc: '2.0',
      id: 7,
      method: 'tools/call',
      params: { name: 'one__big', arguments: { bytes: 10 } },
    });
    const authorization = `Bearer ${token({ scope: 'mcp.access mcp.write' })}`;
    const more = await send(gateway, { body, headers: { ...session.headers, authorization } });
    expect([more.status, textOf(more)?.length]).toEqual([200, 10]);
    const again = await session.call('one__big', { bytes: 10 });
    expect(reason(again), 'the first token is worth no more than before').toBe('insufficient_scope');
  });

  it('explain says the same as the gateway', async () => {
    const asked = [
      'explain',
      '--config',
      gateway.configFile,
      '--as',
      'bob',
      '--role',
      'reader',
      '--scope',
      'mcp.access',
    ];
    const told = async (...args: string[]) => {
      const { code, stdout } = await run(gateway, ...asked, ...args);
      return [code, stdout.trim()];
    };
    expect(await told('--tool', 'one__echo')).toEqual([0, 'Allowed by readers.']);
    expect(await told('--tool', 'one__whoami')).toEqual([1, 'Denied by no shell.']);
    expect(await told('--tool', 'two__echo')).toEqual([1, 'Denied: no rule allows it.']);
    expect(await told('--server', 'one', '--tool', 'big')).toEqual([
      1,
      'Not with this token: writers would allow it to one for mcp.access mcp.write.',
    ]);
    expect(await told('--tool', 'one__structured', '--args', '{"n": 3}')).toEqual([0, 'Allowed by small.']);
  });
});

describe('a server that is told who calls', () => {
  it('threats 7 to 9: hears it from the gateway, and nothing of it from the client', async () => {
    const seen: IncomingHttpHeaders[] = [];
    const server = createServer((req, res) => {
      seen.push(req.headers);
      void text(req).then((body) => {
        const { id, method } = JSON.parse(body || '{}') as { id?: number; method?: string };
        const result =
          method === 'server/discover'
            ? { supportedVersions: ['2026-07-28'], capabilities: { tools: {} }, _meta: {} }
            : { content: [{ type: 'text', text: 'done' }] };
        res.writeHead(200, { 'content-type': 'application/json' });
        res.end(JSON.stringify({ jsonrpc: '2.0', id, result: { resultType: 'complete', ...result } }));
      });
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
    await using issuer = await startIssuer();
    await using gateway = await startGateway({
      config: {
        auth: { issuers: [{ issuer: issuer.issuer, audience: AUDIENCE }] },
        mcpServers: { far: { url, identity: true }, near: { ...child(), identity: true }, quiet: { url } },
      },
    });
    const token = issuer.token({
      aud: AUDIENCE,
      preferred_username: '김철수',
      email: 'kim@example.com',
      email_verified: true,
      roles: ['dev', 'a,b'],
    });
    const lies = {
      authorization: `Bearer ${token}`,
      'X-User-Id': 'admin',
      'x-USER-email': 'admin@example.com',
      X_User_Roles: 'admin',
      'X-User_Id': 'admin',
      'X-User-Name': 'admin',
    };
    const meta = { 'io.sallyport/user': { id: 'admin' } };
    await callTool(gateway, 'far__x', {}, { headers: lies, meta });
    await callTool(gateway, 'quiet__x', {}, { headers: lies, meta });
    const messages = textOf(await callTool(gateway, 'near__received', {}, { headers: lies, meta })) ?? '';
    server.close();
    server.closeAllConnections();
    const told = seen.filter((headers) => headers['x-user-id'] !== undefined);
    expect(told.length).toBeGreaterThan(0);
    for (const headers of told)
      expect(headers).toMatchObject({
        'x-user-id': "UTF-8''%EA%B9%80%EC%B2%A0%EC%88%98",
        'x-user-email': 'kim@example.com',
        'x-user-roles': "dev, UTF-8''a%2Cb",
      });
    expect(JSON.stringify([seen, messages])).not.toMatch(/admin/);
    expect(JSON.stringify([seen, messages])).not.toContain(token);
    expect(messages).toContain(
      '"io.sallyport/user":{"id":"김철수","email":"kim@example.com","roles":["dev","a,b"]}',
    );
  });
});

describe('rules that change while the gateway runs', () => {
  it('hold at once, and clients are told that their lists are others', async () => {
    const config = { mcpServers: { one: child() } };
    await using gateway = await startGateway({ config });
    const session = await Session.open(gateway);
    const stream = begin(gateway, { method: 'GET', headers: session.headers });
    await stream.status;
    expect((await callTool(gateway, 'echo', { text: 'hi' })).status).toBe(200);
    gateway.writeConfig({ ...config, rules: [{ effect: 'deny', tools: 'echo' }, { effect: 'allow' }] });
    await eventually('the rule holds', async () => (await callTool(gateway, 'echo')).status === 403);
    await eventually('the client is told', () => stream.text().includes('notifications/tools/list_changed'));
    const { tools } = (await session.request('tools/list')).last.result as { tools: { name: string }[] };
    expect(tools.map(({ name }) => name)).not.toContain('echo');
    gateway.writeConfig(config);
    await eventually('it is gone', async () => (await callTool(gateway, 'echo')).status === 200);
    stream.close();
  });
});

describe('an address', () => {
  it('that is not on the list does not get in, whatever it can prove', async () => {
    await using gateway = await startGateway({
      config: {
        mcpServers: { one: child() },
        auth: { ipAllow: ['10.0.0.0/8'] },
        trustedProxies: ['127.0.0.1'],
      },
    });
    const from = (address?: string) =>
      modern(gateway, 'tools/list', {}, { headers: { 'x-forwarded-for': address } });
    expect(reason(await from())).toBe('address_not_allowed');
    expect(reason(await from('192.0.2.1'))).toBe('address_not_allowed');
    expect(reason(await from('10.1.2.3, 192.0.2.1'))).toBe('address_not_allowed');
    expect((await from('10.1.2.3')).status).toBe(200);
  });
});
