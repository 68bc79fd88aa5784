import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { describe, expect, it } from 'vitest';
import { Browser } from '../../src/auth/server/testing.ts';
import { freePort } from '../bench/free-port.ts';
import { authHome } from '../support/authorization.ts';
import { child, environment, startGateway } from '../support/gateway.ts';
import { callTool, send, textOf } from '../support/http.ts';
import { connectWith, Login } from '../support/official-client.ts';
import { aSecondOf, eventually, ROOT, SALLYPORT, start, temporaryFolder } from '../support/processes.ts';

const CONFORMANCE = join(ROOT, 'node_modules', 'conformance02', 'dist', 'index.js');

interface Check {
  readonly id: string;
  readonly status: string;
  readonly errorMessage?: string;
}

describe('the official suite for authorization servers', () => {
  it('passes three of three against the one in the gateway', async () => {
    using home = await authHome();
    await using gateway = await home.gateway({ mcpServers: { one: child() }, auth: { server: {} } });
    const callbackPort = await freePort();
    const { id } = await home.client(`http://127.0.0.1:${callbackPort}/callback`);
    using results = temporaryFolder();
    const where = ['--url', gateway.origin, '--resource', gateway.endpoint];
    const who = ['--client-id', id, '--port', String(callbackPort)];
    const args = [CONFORMANCE, 'authorization', ...where, ...who, '-o', results.path];
    const suite = start(process.execPath, args);
    // It prints an address for a person, and waits for the browser to come back.
    const address = await eventually(
      'it asks for a login',
      () => /^http:\S+\/oauth2\/authorize\?\S+$/m.exec(suite.stdout())?.[0],
      20_000,
    );
    const back = await new Browser().allow(address);
    await fetch(back);
    const { code } = await suite.ended;
    const checks = globSync('**/checks.json', { cwd: results.path }).flatMap(
      (file) => JSON.parse(readFileSync(join(results.path, file), 'utf8')) as Check[],
    );
    expect(checks.filter(({ status }) => status !== 'SUCCESS')).toEqual([]);
    expect(checks.map(({ id: name }) => name).toSorted()).toEqual([
      'authorization-code-grant',
      'authorization-server-metadata',
      'authorization-server-metadata-cimd',
    ]);
    expect(code).toBe(0);
  });
});

describe('the authorization server alone', () => {
  it('serves a gateway elsewhere, which knows its issuer and its public keys and nothing more', async () => {
    using home = await authHome();
    const gatewayPort = await freePort();
    const resource = `http://127.0.0.1:${gatewayPort}`;
    const alone = start(
      process.execPath,
      [SALLYPORT, 'auth', '--listen', `127.0.0.1:${home.port}`, '--resource', resource, '--json'],
      { cwd: home.folder.path, env: environment(home.folder) },
    );
    const line = await eventually('it is ready', () => /^(.*)\n/.exec(alone.stdout())?.[1]);
    const { issuer } = JSON.parse(line) as { issuer: string };
    // A home of its own: nothing of the authorization server can be read there.
    await using gateway = await startGateway({
      config: {
        mcpServers: { one: child() },
        auth: { issuers: [{ issuer, audience: `${resource}/mcp`, scopes: ['mcp.access'] }] },
      },
      args: ['--listen', `127.0.0.1:${gatewayPort}`],
    });
    const login = new Login('http://localhost:1/callback', { way: 'registration', name: 'Test' });
    const client = await connectWith(login, gateway.endpoint, (url) => new Browser().allow(url.href));
    const { content } = await client.callTool({ name: 'echo', arguments: { text: 'hello' } });
    expect(content).toEqual([{ type: 'text', text: 'hello' }]);
    await client.close();

    const machine = JSON.parse(
      await home.run(['client', 'create', '--name', 'robot', '--scope', 'mcp.access', '--json']),
    ) as { client_id: string; client_secret: string };
    const answer = await fetch(`${issuer}/oauth2/token`, {
      method: 'POST',
      headers: {
        authorization: `Basic ${btoa(`${machine.client_id}:${machine.client_secret}`)}`,
      },
      body: new URLSearchParams({ grant_type: 'client_credentials', resource: `${resource}/mcp` }),
    });
    const { access_token: token, expires_in: seconds } = (await answer.json()) as Record<string, unknown>;
    expect(seconds).toBe(1800);
    const authorization = `Bearer ${String(token)}`;
    expect(textOf(await callTool(gateway, 'echo', { text: 'robot' }, { headers: { authorization } }))).toBe(
      'robot',
    );
    // What was fetched once is enough: the gateway goes on by itself.
    await alone.stop();
    expect((await callTool(gateway, 'echo', { text: 'hi' }, { headers: { authorization } })).status).toBe(
      200,
    );
  });
});

describe('a client that needs more than it asked for', () => {
  it('is told which scopes, asks its user for them, and the call succeeds', async () => {
    using home = await authHome();
    await using gateway = await home.gateway({
      mcpServers: { one: child() },
      auth: { server: { scopes: ['files.write'] } },
      rules: [
        { name: 'readers', effect: 'allow', tools: 'echo' },
        { name: 'writers', effect: 'allow', tools: 'whoami', scopes: 'files.write' },
      ],
    });
    const login = new Login('http://localhost:1/callback', { way: 'registration', name: 'Test' });
    const person = new Browser();
    const client = await connectWith(login, gateway.endpoint, (url) => person.allow(url.href));
    expect(login.goTo?.searchParams.get('scope')).not.toContain('files.write');
    expect(await client.callTool({ name: 'echo', arguments: { text: 'hi' } })).toMatchObject({
      content: [{ text: 'hi' }],
    });
    await expect(client.callTool({ name: 'whoami' })).rejects.toThrow();
    expect(login.goTo?.searchParams.get('scope')?.split(' ')).toEqual(
      expect.arrayContaining(['mcp.access', 'files.write']),
    );
    const back = await person.allow(login.goTo?.href ?? '');
    const { transport } = client;
    if (!(transport instanceof StreamableHTTPClientTransport)) throw new Error('another transport');
    await transport.finishAuth(back.searchParams);
    expect(await client.callTool({ name: 'whoami' })).toMatchObject({ content: [{ type: 'text' }] });
    await client.close();
  });
});

describe('a token of the authorization server in the gateway', () => {
  it('says at GET /hello whose it is, and is refused within a second of being revoked', async () => {
    using home = await authHome();
    const auth = { server: { scopes: ['files.read'] } };
    await using gateway = await home.gateway({ mcpServers: { one: child() }, auth });
    const scope = 'mcp.access files.read';
    const { client_id: id, client_secret: secret } = JSON.parse(
      await home.run(['client', 'create', '--name', 'robot', '--scope', scope, '--json']),
    ) as { client_id: string; client_secret: string };
    const basic = { authorization: `Basic ${btoa(`${id}:${secret}`)}` };
    const post = (path: string, form: Record<string, string>) =>
      fetch(`${gateway.origin}/oauth2/${path}`, {
        method: 'POST',
        headers: basic,
        body: new URLSearchParams(form),
      });
    const issued = (await (await post('token', { grant_type: 'client_credentials' })).json()) as Record<
      string,
      string
    >;
    const { access_token: token = '' } = issued;
    const headers = { authorization: `Bearer ${token}` };
    const helloWith = (authorization: string | undefined) =>
      send(gateway, { method: 'GET', path: '/hello', headers: { authorization } });
    const hello = () => helloWith(headers.authorization);
    const said = await hello();
    expect([said.status, JSON.parse(said.text)]).toEqual([
      200,
      { authenticated_client: id, scope: 'mcp.access', timestamp: expect.stringMatching(/^\d{4}-.*Z$/) },
    ]);
    const nobody = await helloWith(undefined);
    expect(nobody.status).toBe(401);
    expect(nobody.headers['www-authenticate']).toContain('resource_metadata=');
    const answer = await post('token', { grant_type: 'client_credentials', scope: 'files.read' });
    const less = (await answer.json()) as Record<string, string>;
    const refused = await helloWith(`Bearer ${less['access_token']}`);
    expect(refused.status).toBe(403);
    expect(refused.headers['www-authenticate']).toContain('error="insufficient_scope", scope="mcp.access"');
    expect((await callTool(gateway, 'echo', { text: 'hi' }, { headers })).status).toBe(200);

    expect((await post('revoke', { token })).status).toBe(200);
    await aSecondOf(hello);
    expect((await hello()).status).toBe(401);
    expect((await callTool(gateway, 'echo', { text: 'hi' }, { headers })).status).toBe(401);
  });
});
