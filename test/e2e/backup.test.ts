import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { child, type Config, type Gateway, sallyport, startGateway } from '../support/gateway.ts';
import { callTool, textOf } from '../support/http.ts';
import { eventually, temporaryFolder } from '../support/processes.ts';

const PASSPHRASE = 'five words chosen by chance';
const FILE = 'all.backup';
const CONFIG: Config = {
  mcpServers: { child: { ...child(), env: { KEY: '${secret:key}' } } },
  audit: {},
  guard: { keyFile: 'keys/pii.json' },
};

/** A folder with a home in it, or room for one. */
interface Place {
  readonly folder: string;
  readonly home: string;
}

const placeAt = (folder: string): Place => ({ folder, home: join(folder, 'home') });

/** A command of the CLI at this place; stdin is the passphrase, unless told otherwise. */
const run = ({ folder, home }: Place, words: readonly string[], input = `${PASSPHRASE}\n`) =>
  sallyport(words, { cwd: folder, env: { SALLYPORT_HOME: home }, input });

const startAt = ({ home }: Place, config: Config = CONFIG): Promise<Gateway> =>
  startGateway({ config, env: { SALLYPORT_HOME: home } });

/** The modes of all that is beneath a folder. */
function modesIn(folder: string): number[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).map(
    (path) => statSync(join(folder, path)).mode & 0o777,
  );
}

describe('sallyport backup and restore', () => {
  it('take a gateway that runs to another place', async () => {
    using first = temporaryFolder();
    using second = temporaryFolder();
    const [here, there] = [placeAt(first.path), placeAt(second.path)];
    writeFileSync(join(here.folder, 'sallyport.json'), JSON.stringify(CONFIG));
    await run(here, ['secret', 'set', 'key'], 'canary-of-a-secret');
    const token = await (async () => {
      await using gateway = await startAt(here);
      const made = (await run(here, ['token', 'create', '--name', 'ci'])).stdout.trim();
      await callTool(gateway, 'echo', { text: 'hi' });
      await run(here, ['user', 'add', 'ann'], 'a password of ann');
      const written = join(here.home, 'audit', 'audit.jsonl');
      await eventually(
        'the call is recorded',
        () => existsSync(written) && readFileSync(written, 'utf8').includes('tool_call'),
      );
      const { code, stderr } = await run(here, ['backup', FILE]);
      expect([code, stderr]).toEqual([0, expect.stringContaining('encrypted')]);
      // What comes afterwards is not in it.
      await run(here, ['token', 'revoke', 'ci']);
      return made;
    })();

    const file = join(here.folder, FILE);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    for (const canary of [token, 'canary', 'audit', 'mcpServers'])
      expect(readFileSync(file).includes(canary)).toBe(false);

    const restored = await run(there, ['restore', file, '--json']);
    expect(restored.stderr).toBe('');
    expect(JSON.parse(restored.stdout)).toMatchObject({ home: there.home, config: ['sallyport.json'] });
    for (const name of ['run', 'endpoint.json']) expect(existsSync(join(there.home, name))).toBe(false);
    for (const mode of modesIn(there.home)) expect([0o600, 0o700]).toContain(mode);
    expect(statSync(there.home).mode & 0o777).toBe(0o700);
    expect(JSON.parse(readFileSync(join(there.folder, 'sallyport.json'), 'utf8'))).toEqual(CONFIG);
    expect(readdirSync(second.path).toSorted()).toEqual(['home', 'sallyport.json']);

    const verified = await run(there, ['audit', 'verify']);
    expect([verified.code, verified.stderr]).toEqual([0, expect.any(String)]);
    expect((await run(there, ['user', 'list'])).stdout).toContain('ann');
    expect((await run(there, ['pins', 'list'])).stdout).toMatch(/child: \d+ pinned/);
    await using gateway = await startAt(there);
    const asCi = { ...gateway, token };
    const answer = await callTool(asCi, 'whoami');
    expect(answer.status).toBe(200);
    expect(textOf(answer)).toContain('canary-of-a-secret');
  }, 120_000);

  it('leave nothing changed where something is in the way', async () => {
    using first = temporaryFolder();
    using second = temporaryFolder();
    const [here, there] = [placeAt(first.path), placeAt(second.path)];
    const file = join(here.folder, FILE);
    await run(here, ['token', 'create', '--name', 'one']);
    expect((await run(here, ['backup', FILE])).code).toBe(0);
    expect(await run(here, ['backup', FILE])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('--force'),
    });
    expect((await run(here, ['backup', FILE, '--force'])).code).toBe(0);

    const wrong = await run(there, ['restore', file], 'another passphrase');
    expect(wrong).toMatchObject({ code: 1, stderr: expect.stringContaining('the passphrase is another') });
    writeFileSync(join(there.folder, 'cut'), readFileSync(file).subarray(0, -10));
    expect(await run(there, ['restore', 'cut'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('nothing was changed'),
    });
    expect(readdirSync(there.folder)).toEqual(['cut']);

    await run(there, ['token', 'create', '--name', 'two']);
    expect(await run(there, ['restore', file])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('home already'),
    });
    expect((await run(there, ['token', 'list'])).stdout).toContain('two');
    const forced = await run(there, ['restore', file, '--force', '--json']);
    const { before } = JSON.parse(forced.stdout) as { before: string };
    expect((await run(there, ['token', 'list'])).stdout).toContain('one');
    expect((await run({ ...there, home: before }, ['token', 'list'])).stdout).toContain('two');

    await using gateway = await startAt(there, { mcpServers: { child: child() } });
    expect(gateway.pid).toBeGreaterThan(0);
    expect(await run(there, ['restore', file, '--force'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('a gateway runs'),
    });
  }, 120_000);

  it('show what is in it, and want a passphrase that is worth something', async () => {
    using folder = temporaryFolder();
    const here = placeAt(folder.path);
    await run(here, ['token', 'create', '--name', 'one']);
    expect(await run(here, ['backup'], 'short')).toMatchObject({ code: 2 });
    writeFileSync(join(here.folder, 'open'), PASSPHRASE, { mode: 0o644 });
    expect(await run(here, ['backup', FILE, '--passphrase-file', 'open'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('chmod 600'),
    });
    const made = await run(here, ['backup', FILE, '--json']);
    expect(JSON.parse(made.stdout)).toMatchObject({
      file: join(here.folder, FILE),
      config: [],
      notes: [expect.stringContaining('--config')],
    });
    const listed = await run(here, ['restore', FILE, '--list', '--json']);
    const { files } = JSON.parse(listed.stdout) as { files: { path: string; bytes: number }[] };
    expect(files.map(({ path }) => path)).toContain('home/store.db');
    expect((await run(here, ['restore', FILE, '--list'])).stdout).toMatch(/ kB {2}home\/store\.db/);
    expect(await run(here, ['restore', 'nowhere'])).toMatchObject({ code: 1 });
  }, 60_000);
});
