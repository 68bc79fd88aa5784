import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { recordingTerminal, type RecordingTerminal } from '../../../test/support/terminal.ts';
import { type AccessLine } from '../access/line.ts';
import { Tally } from '../access/tally.ts';
import { accessErrors, accessSlow, accessTail, accessTop } from './access.ts';

let folder: string;

/** A terminal in the folder of the test. */
const recordTerminal = (): RecordingTerminal => ({ ...recordingTerminal(), cwd: folder });

beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'sallyport-access-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const NOW = Date.now();
const MINUTE = 60_000;

interface Seen {
  readonly ago?: number;
  readonly user?: string;
  readonly path?: string;
  readonly status?: number;
  readonly seconds?: number;
  readonly method?: string;
}

function lineOf({
  ago = 0,
  user = 'alice',
  path = '/mcp',
  status = 200,
  seconds = 0.1,
  method = 'POST',
}: Seen): string {
  return `${JSON.stringify({
    time: new Date(NOW - ago * MINUTE).toISOString(),
    client_ip: '203.0.113.7',
    user_id: user,
    client_id: 'claude',
    method,
    uri: path,
    status,
    bytes: 10,
    request_time: seconds,
    user_agent: 'x/1',
  })}\n`;
}

/** A log of these lines, and what a command says about it. */
function logged(lines: readonly Seen[]) {
  const file = join(folder, 'access.jsonl');
  writeFileSync(file, lines.map(lineOf).join(''));
  return { file, since: '1h', limit: 10 };
}

async function said<O extends object>(
  run: (options: O & { json: true }, terminal: RecordingTerminal) => Promise<number>,
  options: O,
): Promise<unknown> {
  const terminal = recordTerminal();
  expect(await run({ ...options, json: true }, terminal)).toBe(0);
  return JSON.parse(terminal.out());
}

const repeat = (count: number, seen: Seen): Seen[] => Array.from({ length: count }, () => seen);

describe('sallyport access top', () => {
  it('counts the last hour by user, over rotated and gzipped files', async () => {
    const options = logged([{ user: 'alice' }, { user: 'bob' }, { ago: 90, user: 'carol' }]);
    writeFileSync(join(folder, 'access.jsonl.1'), repeat(3, { ago: 30, user: 'bob' }).map(lineOf).join(''));
    writeFileSync(
      join(folder, 'access.jsonl.2.gz'),
      gzipSync(repeat(2, { ago: 50, user: 'dora' }).map(lineOf).join('')),
    );
    const old = new Date(NOW - 120 * MINUTE);
    writeFileSync(join(folder, 'access.jsonl.3.gz'), 'never read, since it is too old');
    utimesSync(join(folder, 'access.jsonl.3.gz'), old, old);
    expect(await said((o, t) => accessTop('user', o, t), options)).toEqual({
      field: 'user',
      top: [
        { value: 'bob', count: 4 },
        { value: 'dora', count: 2 },
        { value: 'alice', count: 1 },
      ],
    });
    expect(
      await said((o, t) => accessTop('user', o, t), { ...options, since: '2h', limit: 1 }),
    ).toMatchObject({
      top: [{ value: 'bob' }],
    });
  });

  it('finds the users with the most 429', async () => {
    const options = logged([
      ...repeat(5, { user: 'alice' }),
      ...repeat(3, { user: 'mallory', status: 429 }),
      { user: 'bob', status: 429 },
      { user: 'bob', status: 500 },
    ]);
    expect(await said((o, t) => accessTop('user', o, t), { ...options, status: '429' })).toMatchObject({
      top: [
        { value: 'mallory', count: 3 },
        { value: 'bob', count: 1 },
      ],
    });
    expect(await said((o, t) => accessTop('status', o, t), { ...options, status: '4xx' })).toMatchObject({
      top: [{ value: '429', count: 4 }],
    });
  });

  it('passes over what is no line, and shows nothing that steers a terminal', async () => {
    const file = join(folder, 'access.jsonl');
    writeFileSync(file, `${lineOf({ path: '/\u001b]0;x\u0007' })}no JSON\n{"half":`);
    const terminal = recordTerminal();
    await accessTop('path', { file, since: '1h', limit: 10 }, terminal);
    expect(terminal.out()).toContain(String.raw`/\u001b]0;x\u0007`);
    expect(terminal.out()).not.toContain('\u001b');
  });
});

describe('sallyport access slow', () => {
  it('shows what takes more than a second on average, open streams left out', async () => {
    const options = logged([
      { path: '/servers/slow/mcp', seconds: 4 },
      { path: '/servers/slow/mcp', seconds: 1 },
      { path: '/servers/mixed/mcp', seconds: 1.5 },
      ...repeat(3, { path: '/servers/mixed/mcp', seconds: 0.1 }),
      { path: '/mcp', method: 'GET', seconds: 3600 },
    ]);
    expect(await said((o, t) => accessSlow('path', o, t), { ...options, over: '1s' })).toEqual({
      field: 'path',
      slow: [{ value: '/servers/slow/mcp', count: 2, average: 2.5, slowest: 4 }],
    });
    const all = await said((o, t) => accessSlow('path', o, t), { ...options, over: '100ms' });
    expect(all).toMatchObject({ slow: [{ average: 2.5 }, { value: '/servers/mixed/mcp', count: 4 }] });
  });
});

describe('sallyport access errors', () => {
  it('counts what was refused or failed, and who was turned away most', async () => {
    const options = logged([
      ...repeat(5, {}),
      ...repeat(3, { status: 429, user: 'mallory' }),
      ...repeat(2, { status: 404, path: '/nothing' }),
      { status: 500, path: '/mcp' },
    ]);
    expect(await said((o, t) => accessErrors('path', o, t), options)).toEqual({
      field: 'path',
      errors: [
        { status: 429, value: '/mcp', count: 3 },
        { status: 404, value: '/nothing', count: 2 },
        { status: 500, value: '/mcp', count: 1 },
      ],
      limited: [{ value: 'mallory', count: 3 }],
    });
    const terminal = recordTerminal();
    await accessErrors('path', options, terminal);
    expect(terminal.out()).toMatch(/requests {2}status {2}path\n {7}3 {5}429 {2}\/mcp\n/);
    expect(terminal.out()).toMatch(/429 {2}user\n {2}3 {2}mallory\n/);
  });
});

describe('sallyport access tail', () => {
  it('shows the last lines, as people or programs read them', async () => {
    const options = logged([{ user: 'first' }, { user: 'second', status: 503 }, { user: 'third' }]);
    const people = recordTerminal();
    await accessTail({ ...options, lines: 2 }, people);
    expect(people.out().split('\n')).toHaveLength(3);
    expect(people.out()).toMatch(/503 +0\.10 s second +POST \/mcp x\/1\n/);
    const programs = recordTerminal();
    await accessTail({ ...options, lines: 9, status: '5xx', json: true }, programs);
    expect(JSON.parse(programs.out())).toMatchObject({ user: 'second', status: 503 });
  });
});

describe('what cannot be asked', () => {
  it.each([
    ['a field', () => accessTop('shoe', logged([]), recordTerminal())],
    ['a time', () => accessTop('user', { ...logged([]), since: 'long' }, recordTerminal())],
    ['a status', () => accessTop('user', { ...logged([]), status: '7' }, recordTerminal())],
    ['a length', () => accessSlow('user', { ...logged([]), over: 'long' }, recordTerminal())],
  ])('%s that is none ends with 2', async (_what, run) => {
    await expect(run()).rejects.toMatchObject({ exitCode: 2 });
  });

  it('a log that is not there ends with 1, and the way to one', async () => {
    const terminal = recordTerminal();
    const options = { since: '1h', limit: 1 };
    await expect(accessTop('user', options, terminal)).rejects.toMatchObject({ exitCode: 1 });
    writeFileSync(join(folder, 'sallyport.yaml'), 'mcpServers: {}\naccessLog: { file: stdout }\n');
    await expect(accessTop('user', options, terminal)).rejects.toThrow('standard output');
    writeFileSync(join(folder, 'sallyport.yaml'), 'mcpServers: {}\naccessLog: { file: none.jsonl }\n');
    await expect(accessTop('user', options, terminal)).rejects.toThrow(join(folder, 'none.jsonl'));
  });
});

describe('a tally', () => {
  it('of ever new values stays small', () => {
    const tally = new Tally('path', 3);
    for (let i = 0; i < 1000; i++) tally.see({ path: `/${i}`, seconds: 0 } as AccessLine);
    expect(tally.mostOften(10).map(({ value, count }) => [value, count])).toEqual([
      ['(others)', 997],
      ['/0', 1],
      ['/1', 1],
      ['/2', 1],
    ]);
  });
});
