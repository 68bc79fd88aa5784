import { globSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { containersWith, type Engine, openEngine, tellSkipped } from '../support/containers.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { callTool, textOf } from '../support/http.ts';
import { eventually, temporaryFolder, type TemporaryFolder } from '../support/processes.ts';

const found = openEngine();
if ('missing' in found) tellSkipped('servers in containers', found.missing);
const engine = found as Engine;

const SECRET = 'only-for-the-container';
const CHILD = ['node', '/child/child.mjs'];

let folder: TemporaryFolder;
let gateway: Gateway | undefined;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(async () => {
  await gateway?.stop();
  gateway = undefined;
  removeAll(containersWith(engine, 'sallyport.test=yes'));
  folder.remove();
});

function removeAll(ids: readonly string[]): void {
  if (ids.length === 0) return;
  engine.run('kill', ...ids);
  engine.run('rm', '--force', ...ids);
}

/** A gateway whose home outlives it. */
async function start(box: Readonly<Record<string, unknown>>): Promise<Gateway> {
  gateway = await startGateway({
    config: { mcpServers: { box }, timeouts: { stop: '2s' } },
    env: { ...engine.env, SALLYPORT_HOME: join(folder.path, 'home') },
  });
  return gateway;
}

const server = (...flags: readonly string[]): object => ({
  image: engine.image,
  command: CHILD[0],
  args: [CHILD[1], ...flags],
});

interface Who {
  readonly pid: number;
  readonly env: Readonly<Record<string, string>>;
}

async function whoami(running: Gateway): Promise<Who> {
  const answer = await callTool(running, 'whoami');
  return JSON.parse(textOf(answer) ?? answer.text) as Who;
}

/** The containers of the server in the test. */
const ours = (): string[] => containersWith(engine, 'dev.sallyport.server=box');

/** A container that somebody else has started, with its name. */
function somebodys(): string {
  const name = `sallyport-test-${process.pid}-${Date.now()}`;
  const words = ['--name', name, '--label', 'sallyport.test=yes', '--network', 'none', '--init'];
  engine.run('run', '--detach', ...words, engine.image, 'sleep', '600');
  return name;
}

const processesIn = (container: string): string => engine.run('exec', container, 'ps', '-o', 'args');

/** The arguments of every process of this machine. */
function allArguments(): string {
  const read = (file: string): string => {
    try {
      return readFileSync(file, 'utf8');
    } catch {
      return '';
    }
  };
  return globSync('/proc/[0-9]*/cmdline').map(read).join('\n');
}

describe.skipIf('missing' in found)('container: {image} (SKIPPED without an engine)', () => {
  it('serves, with variables that stand in no arguments, and leaves nothing', async () => {
    const env = { API_KEY: SECRET, HTTPS_PROXY: `http://${SECRET}@proxy`, MANY: 'two\nlines' };
    const running = await start({ container: { ...server(), env } });
    const who = await whoami(running);
    expect(who.env).toMatchObject(env);
    expect(allArguments()).toContain('/child/child.mjs');
    expect(allArguments()).not.toContain(SECRET);
    // One of the user's, and one that the gateway has warm.
    expect(ours().length).toBeGreaterThan(0);
    expect(await running.stop()).toEqual({ code: 0, signal: null });
    expect(ours()).toEqual([]);
    expect(globSync(`${tmpdir()}/sallyport-container-${running.pid}-*`)).toEqual([]);
  });

  it('ends one that does not want to end', async () => {
    const running = await start({ container: server('--stubborn') });
    await whoami(running);
    expect((await running.stop(20_000)).code).toBe(0);
    expect(ours()).toEqual([]);
  });

  it('takes away what a gateway left behind that was ended by kill -9', async () => {
    const env = { HTTPS_PROXY: SECRET };
    const first = await start({ container: { ...server('--stubborn'), env } });
    await whoami(first);
    const [orphan] = ours();
    const folders = `${tmpdir()}/sallyport-container-${first.pid}-*`;
    expect(globSync(folders)).not.toEqual([]);
    first.program.child.kill('SIGKILL');
    await first.program.ended;
    expect(ours()).toContain(orphan);
    const second = await start({ container: server() });
    await whoami(second);
    expect(ours()).not.toContain(orphan);
    expect(globSync(folders)).toEqual([]);
    await first.stop();
  });

  it('leaves the containers of another home alone', async () => {
    const label = ['--label', 'dev.sallyport.owner=somebody', '--label', 'dev.sallyport.process=1:1'];
    const id = engine.run(
      'run',
      '-d',
      '--label',
      'sallyport.test=yes',
      ...label,
      engine.image,
      'sleep',
      '600',
    );
    await whoami(await start({ container: server() }));
    expect(containersWith(engine, 'dev.sallyport.owner=somebody')).toEqual([id]);
  });

  it('starts another one when the container was killed', async () => {
    const running = await start({ container: server() });
    await whoami(running);
    const killed = ours();
    engine.run('kill', ...killed);
    await eventually('it serves again', async () => (await callTool(running, 'whoami')).last.result);
    expect(ours()).not.toEqual(killed);
  });

  it.each([
    ['an image that is not there', { image: 'no-such-image:1' }, /no-such-image/],
    [
      'a program that is not in it',
      { command: 'no-such-program' },
      /no such file|not found|no-such-program/i,
    ],
    [
      'a mount without a source',
      { mounts: [{ source: '/no/such/folder', target: '/x' }] },
      /no\/such\/folder/,
    ],
  ])('says what is wrong: %s', async (_what, wrong, said) => {
    const running = await start({ container: { ...server(), ...wrong } });
    const answer = await callTool(running, 'whoami');
    expect(answer.last.error?.data).toMatchObject({ reason: 'server_start_failed' });
    expect(answer.text).toMatch(said);
    expect(ours()).toEqual([]);
  });
});

describe.skipIf('missing' in found)('container: {exec} (SKIPPED without an engine)', () => {
  it.each([[[]], [['--stubborn']]])('serves and ends what it started, and no more: %j', async (flags) => {
    const name = somebodys();
    const env = { API_KEY: SECRET };
    const container = { exec: name, command: CHILD[0], args: [CHILD[1], ...flags], env };
    const running = await start({ container });
    expect((await whoami(running)).env).toMatchObject(env);
    await callTool(running, 'grandchild');
    expect(allArguments()).not.toContain(SECRET);
    expect(processesIn(name)).toContain('/child/child.mjs');
    expect((await running.stop(20_000)).code).toBe(0);
    expect(processesIn(name)).not.toContain('node');
    expect(processesIn(name)).toContain('sleep 600');
  });

  it('ends what a gateway left behind that was ended by kill -9', async () => {
    const name = somebodys();
    const container = { exec: name, command: CHILD[0], args: [CHILD[1], '--stubborn'] };
    const first = await start({ container });
    await whoami(first);
    first.program.child.kill('SIGKILL');
    await first.program.ended;
    expect(processesIn(name)).toContain('--stubborn');
    await whoami(await start({ container: { ...container, args: [CHILD[1]] } }));
    expect(processesIn(name)).not.toContain('--stubborn');
    await first.stop();
  });

  it('says that there is no such container', async () => {
    const running = await start({ container: { exec: 'no-such-container', command: 'node' } });
    expect((await callTool(running, 'whoami')).text).toContain('no-such-container');
  });
});

describe.skipIf('missing' in found)('plain commands of an mcp.json (SKIPPED without an engine)', () => {
  it.each([[[]], [['--stubborn']]])('run -i: works, and its container ends with it: %j', async (flags) => {
    const args = ['run', '-i', '--rm', '--network=none', '-e', 'API_KEY', engine.image, ...CHILD, ...flags];
    const running = await start({ command: engine.name, args, env: { API_KEY: SECRET } });
    expect((await whoami(running)).env).toMatchObject({ API_KEY: SECRET });
    expect(ours().length).toBeGreaterThan(0);
    expect((await running.stop(20_000)).code).toBe(0);
    expect(ours()).toEqual([]);
  });

  it.each([[[]], [['--stubborn']]])('exec -i: works, and its processes end with it: %j', async (flags) => {
    const name = somebodys();
    const args = ['exec', '-i', '-e', 'API_KEY', name, ...CHILD, ...flags];
    const running = await start({ command: engine.name, args, env: { API_KEY: SECRET } });
    expect((await whoami(running)).env).toMatchObject({ API_KEY: SECRET });
    expect(processesIn(name)).toContain('/child/child.mjs');
    expect((await running.stop(20_000)).code).toBe(0);
    expect(processesIn(name)).not.toContain('node');
  });
});
