import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { containerKey, resolveContainer } from '../../src/config/container.ts';
import { prepareContainer } from '../../src/upstream/transport/container/prepare.ts';
import { startPrepared } from '../../src/upstream/transport/prepared.ts';
import { containersWith, type Engine, openEngine, tellSkipped } from '../support/containers.ts';
import { eventually, ROOT, temporaryFolder } from '../support/processes.ts';

const found = openEngine();
const engine = found as Engine;
const isRoot = process.getuid?.() === 0;
const works = !('missing' in found) && isRoot;
if ('missing' in found) tellSkipped('a container with an allow-list', found.missing);
else if (!isRoot) tellSkipped('a container with an allow-list', 'that takes root');

const SERVER = 'egress-test';

/** Fetches what stands on its input, a URL a line, and says on stderr what came of it. */
const FETCHER = `
  require('node:readline').createInterface({ input: process.stdin }).on('line', async (url) => {
    const answer = await fetch(url).then((r) => r.text(), (e) => 'failed: ' + (e.cause?.message || e.cause?.code || e.message));
    console.error(url + ' ' + answer);
  });`;

describe.skipIf(!works)('network: {egress: […]} (SKIPPED without an engine and root)', () => {
  const pem = readFileSync(join(ROOT, 'src', 'egress', 'fixtures', 'loopback.pem'));
  const server = createServer({ key: pem, cert: pem }, (_request, response) => response.end('reached'));
  let port = 0;
  let restore: () => void;
  beforeAll(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    ({ port } = server.address() as AddressInfo);
    const before = { ...process.env };
    Object.assign(process.env, engine.env);
    restore = () => (process.env = before);
  });
  afterAll(() => {
    restore();
    server.closeAllConnections();
    server.close();
  });

  /** What the container says of each URL, when its network is this. */
  async function fetched(egress: readonly string[], urls: readonly string[]): Promise<string[]> {
    const entry = containerKey.parse({
      image: engine.image,
      command: 'node',
      args: ['-e', FETCHER],
      network: { egress },
      // Which certificate the test's server has is not what is tested.
      env: { NODE_TLS_REJECT_UNAUTHORIZED: '0', NODE_NO_WARNINGS: '1' },
    });
    const said: string[] = [];
    const transport = await startPrepared(
      () => prepareContainer(resolveContainer(entry, '/'), { server: SERVER, home: undefined }),
      {
        lineLimit: 1e6,
        stopMs: 4000,
        hide: (text) => text,
        onStderr: (line) => said.push(line),
        onLeft: (problem) => said.push(problem),
      },
      { message: () => {}, overflow: () => {}, junk: () => {}, closed: ({ reason }) => said.push(reason) },
    );
    for (const url of urls) transport.send(url);
    await eventually('it has said something of each', () => said.length >= urls.length, 30_000);
    const answers = said.slice(0, urls.length);
    await transport.close();
    expect(containersWith(engine, `dev.sallyport.server=${SERVER}`)).toEqual([]);
    return answers;
  }

  it('reaches what is on the list, and nothing else', async () => {
    const open = `https://localhost:${port}/`;
    const [reached] = await fetched([`localhost:${port}`], [open]);
    expect(reached).toBe(`${open} reached`);

    const closed = [`https://127.0.0.1:${port}/`, 'https://example.com/', 'http://169.254.169.254/latest/'];
    const refused = await fetched([`localhost:${port}`], closed);
    expect(refused.toSorted().map((line) => line.split(' ')[1])).toEqual(['failed:', 'failed:', 'failed:']);
  });

  it('does not start where the way out cannot be made, and says so', async () => {
    using folder = temporaryFolder();
    const program = execFileSync('sh', ['-c', `command -v ${engine.name}`], { encoding: 'utf8' }).trim();
    symlinkSync(program, join(folder.path, engine.name));
    const { PATH } = process.env;
    process.env['PATH'] = folder.path;
    try {
      const [reason] = await fetched(['example.com'], ['https://example.com/']);
      expect(reason).toMatch(/needs the rights of root.*nsenter/);
    } finally {
      process.env['PATH'] = PATH;
    }
  });

  it('reaches no private address by a name that leads to one', async () => {
    // *.localhost is resolved to loopback, and stands here for a name whose owner chose its address.
    const url = `https://rebound.localhost:${port}/`;
    const [answer] = await fetched([`*.localhost:${port}`], [url]);
    expect(answer).toContain('failed:');
  });
});
