import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openSites } from '../../src/upstream/oauth/testing.ts';
import { environment, sallyport, startGateway } from '../support/gateway.ts';
import { eventually, ROOT, SALLYPORT, start, temporaryFolder } from '../support/processes.ts';

/** The browser of a person who agrees to everything. */
const BROWSER = join(ROOT, 'test/conformance/client-browser.mjs');
const PATH = `${join(process.execPath, '..')}:${process.env['PATH']}`;

interface State {
  readonly name: string;
  readonly state: string;
  readonly detail?: string;
}

describe('a remote server that wants a login', () => {
  it('is named with what to do, and works after sallyport login', async () => {
    await using sites = await openSites();
    await using gateway = await startGateway({ config: { mcpServers: { wiki: { url: sites.url } } } });
    const [before] = gateway.ready['servers'] as State[];
    expect(before).toMatchObject({ name: 'wiki', state: 'failed' });
    expect(before?.detail).toContain('It needs a login: run sallyport login wiki');

    const home = join(gateway.home, 'home');
    const login = await sallyport(['login', 'wiki', '--config', gateway.configFile], {
      env: { SALLYPORT_HOME: home, BROWSER, PATH },
    });
    expect(login.stderr).toContain('You are logged in at wiki');
    expect(login.code).toBe(0);
    expect(login.stdout).toBe('');
    // Nothing of the login is shown to whoever looks over the shoulder.
    for (const token of sites.good.keys()) expect(login.stderr).not.toContain(token);
    // The gateway takes it up by itself when it next tries to connect.
    await eventually('the gateway uses it', () => sites.authorised() > 0, 30_000);
  });

  it('says why there is no login', async () => {
    await using sites = await openSites();
    sites.behaviour.error = 'access_denied';
    const { code, stderr } = await sallyport(['login', sites.url], { env: { BROWSER, PATH } });
    expect(code).toBe(4);
    expect(stderr).toContain('access_denied');
  });

  it('can be forgotten', async () => {
    await using sites = await openSites();
    using home = temporaryFolder();
    const env = { SALLYPORT_HOME: join(home.path, 'home'), BROWSER, PATH };
    expect((await sallyport(['login', sites.url], { env })).code).toBe(0);
    expect((await sallyport(['login', sites.url, '--forget'], { env })).stderr).toContain('is forgotten');
    expect((await sallyport(['login', sites.url, '--forget'], { env })).stderr).toContain('no login');
  });

  it('only prints the address where no browser is wanted, and ends at Ctrl-C', async () => {
    await using sites = await openSites();
    using home = temporaryFolder();
    const program = start(process.execPath, [SALLYPORT, 'login', sites.url, '--no-browser'], {
      env: environment(home, { BROWSER, PATH }),
    });
    await eventually('the address is shown', () => program.stderr().includes('/authorize?'));
    program.child.kill('SIGINT');
    expect((await program.ended).code).toBe(130);
    expect(sites.tokenRequests).toEqual([]);
  });

  it('of connect does not outlive its client', async () => {
    await using sites = await openSites();
    using home = temporaryFolder();
    const hello = {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'c', version: '1' },
    };
    const child = spawn(process.execPath, [SALLYPORT, 'connect', sites.url, '--login'], {
      env: environment(home, { PATH }),
    });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const ended = once(child, 'close');
    child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params: hello })}\n`);
    await eventually('the address is shown', () => stderr.includes('/authorize?'));
    child.stdin.end();
    expect(await ended).toEqual([0, null]);
  });

  it.each([
    [['login', 'wkii'], 'did you mean wiki?'],
    [['login', 'here'], 'not a remote server'],
  ])('is a server of the config: %j', async (args, reason) => {
    using folder = temporaryFolder();
    const config = join(folder.path, 'sallyport.json');
    const servers = { wiki: { url: 'https://wiki.example/mcp' }, here: { command: 'node' } };
    writeFileSync(config, JSON.stringify({ mcpServers: servers }));
    const { code, stderr } = await sallyport([...args, '--config', config]);
    expect(code).toBe(2);
    expect(stderr).toContain(reason);
  });
});
