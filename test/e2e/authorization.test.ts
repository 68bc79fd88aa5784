import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Browser } from '../../src/auth/server/testing.ts';
import { freePort } from '../bench/free-port.ts';
import { authHome } from '../support/authorization.ts';
import { child } from '../support/gateway.ts';
import { eventually, ROOT, start, temporaryFolder } from '../support/processes.ts';

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
