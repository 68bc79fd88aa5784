import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ConfigError } from './diagnose.ts';
import { loadConfig, type Loaded } from './load.ts';

const folder = mkdtempSync(join(tmpdir(), 'sallyport-container-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

const DIGEST = `sha256:${'ab'.repeat(32)}`;
const OTHER = `sha256:${'cd'.repeat(32)}`;

/** The file with one server `a`, whose entry is the given YAML flow map. */
function load(entry: string): Promise<Loaded> {
  writeFileSync(join(folder, 'sallyport.yaml'), `mcpServers:\n  a: ${entry}\n`);
  return loadConfig('sallyport.yaml', { cwd: folder, env: { TOKEN: 'hunter2-hunter2' } });
}

async function containerOf(container: string): Promise<unknown> {
  const [server] = (await load(`{container: ${container}}`)).config.servers;
  return server?.kind === 'container' ? server.container : server;
}

async function mistakes(entry: string): Promise<string[]> {
  const error: unknown = await load(entry).catch((reason: unknown) => reason);
  return error instanceof ConfigError ? error.diagnostics.map(({ message }) => message) : [];
}

describe('a container to start', () => {
  it('is closed by default', async () => {
    expect(await containerOf('{image: mcp/time}')).toEqual({
      image: 'mcp/time',
      command: undefined,
      args: [],
      env: {},
      mounts: [],
      network: 'none',
      memory: 1024 ** 3,
      cpus: 1,
      pids: 256,
      user: '65532:65532',
      engine: undefined,
    });
  });

  it('gets what it is given, and everything as text that a process is given', async () => {
    const written =
      '{image: "ghcr.io/org/server:1.2", command: node, args: [--port, 8080], env: {KEY: "${env:TOKEN}", PORT: 80}, memory: 512m, cpus: "0.5", pids: "64", user: node, network: egress, engine: podman}';
    expect(await containerOf(written)).toMatchObject({
      args: ['--port', '8080'],
      env: { KEY: 'hunter2-hunter2', PORT: '80' },
      memory: 512 * 1024 ** 2,
      cpus: 0.5,
      pids: 64,
      user: 'node',
      network: 'egress',
      engine: 'podman',
    });
  });

  it('mounts what is relative to the configuration, and volumes by their name', async () => {
    const written =
      '{image: x, mounts: [{source: ./data, target: /data}, {source: /srv, target: /srv, write: true}, {source: memory, target: /memory}]}';
    expect(await containerOf(written)).toMatchObject({
      mounts: [
        { source: join(folder, 'data'), target: '/data', write: false },
        { source: '/srv', target: '/srv', write: true },
        { source: 'memory', target: '/memory', write: false },
      ],
    });
  });

  it.each([
    ['{image: x, memory: unlimited, cpus: unlimited}', { memory: undefined, cpus: undefined }],
    ['{image: x, user: image}', { user: undefined }],
    ['{image: x, memory: 4GiB}', { memory: 4 * 1024 ** 3 }],
    ['{image: x, memory: 1.5g}', { memory: 1.5 * 1024 ** 3 }],
    [`{image: "r:5000/x:1", digest: "${DIGEST}"}`, { image: `r:5000/x@${DIGEST}` }],
    [`{image: "x:1@${DIGEST}", digest: required}`, { image: `x@${DIGEST}` }],
    [`{image: "x@${DIGEST}", digest: "${DIGEST}"}`, { image: `x@${DIGEST}` }],
  ])('%s', async (written, expected) => {
    expect(await containerOf(written)).toMatchObject(expected);
  });

  it.each([
    ['{}', 'One of the keys "image", "exec" or "command" is needed here.'],
    ['{image: x, exec: y}', 'The key "exec" cannot stand beside "image".'],
    ['{imgae: x}', 'There is no key "imgae" here.'],
    ['{image: --privileged}', 'This cannot be the name of an image.'],
    ['{image: x, user: --privileged}', 'This cannot be a user.'],
    ['{image: x, network: host}', 'The value of "network" must be "none" or "egress" here.'],
    ['{image: x, digest: required}', 'The image names no digest, and one is required: NAME@sha256:….'],
    ['{image: x, digest: latest}', 'This is neither "required" nor a digest.'],
    [`{image: "x@${DIGEST}", digest: "${OTHER}"}`, 'The image and the key "digest" name two digests.'],
    ['{image: x, memory: 1}', 'No engine starts a container with less than 6MiB.'],
    ['{image: x, memory: much}', 'This is not a size.'],
    ['{image: x, cpus: 0}', 'This is not a number of processors from 0.01 to 1024.'],
    ['{image: x, pids: 0}', 'This is not a whole number from 1 to 1000000.'],
    [
      '{image: x, mounts: [{source: /a, target: /}]}',
      'This is not an absolute path below / in the container.',
    ],
    [
      '{image: x, mounts: [{source: "/a,readonly=false", target: /a}]}',
      'A path without commas, quotes and line breaks must stand here.',
    ],
    [
      '{image: x, mounts: [{source: /var/run/docker.sock, target: /var/run/docker.sock}]}',
      'With the socket of an engine the container would be root on this machine.',
    ],
  ])('%s is a mistake', async (written, expected) => {
    expect(await mistakes(`{container: ${written}}`)).toContain(expected);
  });
});

describe('a program in a container that runs', () => {
  it('has a container and a command', async () => {
    expect(await containerOf('{exec: db-1, command: mcp, args: [--read-only], env: {A: 1}}')).toEqual({
      exec: 'db-1',
      command: 'mcp',
      args: ['--read-only'],
      env: { A: '1' },
      user: undefined,
      engine: undefined,
    });
  });

  it.each([
    ['{exec: --privileged, command: x}', 'This cannot be the name of a container.'],
    ['{exec: db}', 'The key "command" is missing here.'],
    ['{exec: db, command: x, network: none}', 'The key "network" cannot stand beside "exec" or "command".'],
  ])('%s is a mistake', async (written, expected) => {
    expect(await mistakes(`{container: ${written}}`)).toContain(expected);
  });
});

describe('secrets of a container', () => {
  it('are hidden where the configuration is shown, and known so that they can be taken out of texts', async () => {
    const { shown, secrets } = await load(
      '{container: {image: mcp/x, args: [--verbose], env: {API_KEY: my-literal-key, B: "${env:TOKEN}"}}}',
    );
    expect(shown).toEqual({
      mcpServers: {
        a: {
          container: {
            image: 'mcp/x',
            args: ['--verbose'],
            env: { API_KEY: '(hidden)', B: '${env:TOKEN}' },
          },
        },
      },
    });
    expect(secrets.redact('my-literal-key hunter2-hunter2')).toBe('[redacted] [redacted]');
  });
});

describe('a sandbox', () => {
  it.each([
    ['bwrap', { kind: 'bwrap', network: false, write: [] }],
    ['{kind: bwrap}', { kind: 'bwrap', network: false, write: [] }],
    [
      '{kind: bwrap, network: true, write: [data, /srv]}',
      { kind: 'bwrap', network: true, write: [join(folder, 'data'), '/srv'] },
    ],
  ])('%s', async (written, expected) => {
    const [server] = (await load(`{command: x, sandbox: ${written}}`)).config.servers;
    expect(server).toMatchObject({ kind: 'stdio', sandbox: expected });
  });

  it.each([
    ['{command: x, sandbox: docker}', 'The value of "sandbox" must be "bwrap" here.'],
    ['{command: x, sandbox: {kind: bwrap, writable: [a]}}', 'There is no key "writable" here.'],
    ['{url: "https://e.com/mcp", sandbox: bwrap}', 'The key "sandbox" cannot stand beside "url".'],
  ])('%s is a mistake', async (entry, expected) => {
    expect(await mistakes(entry)).toContain(expected);
  });
});
