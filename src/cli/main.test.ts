import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { recordingTerminal, type RecordingTerminal } from '../../test/support/terminal.ts';
import { main } from './main.ts';

const root = new URL('../../', import.meta.url);
const { version } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as { version: string };

interface Ran {
  code: number;
  out: string;
  err: string;
}

async function run(argv: string[], terminal: RecordingTerminal = recordingTerminal()): Promise<Ran> {
  const code = await main(argv, terminal);
  return { code, out: terminal.out(), err: terminal.err() };
}

describe('sallyport', () => {
  it('shows its help on stdout, with or without being asked', async () => {
    const bare = await run([]);
    expect(bare).toMatchObject({ code: 0, err: '' });
    expect(bare.out).toContain('Usage: sallyport');
    await expect(run(['--help'])).resolves.toEqual(bare);
    await expect(run(['help'])).resolves.toEqual(bare);
  });

  it('shows the help of a command with examples', async () => {
    const { code, out } = await run(['up', '--help']);
    expect(code).toBe(0);
    expect(out).toMatch(/Examples:\n {2}sallyport up\n/);
    await expect(run(['help', 'up'])).resolves.toMatchObject({ out });
  });

  it('keeps the help to the width', async () => {
    const { out } = await run(['up', '--help'], recordingTerminal({ columns: 72 }));
    const [help = ''] = out.split('Examples:');
    for (const line of help.split('\n')) expect(line.length).toBeLessThanOrEqual(72);
  });

  it('says its version', async () => {
    await expect(run(['--version'])).resolves.toEqual({ code: 0, out: `${version}\n`, err: '' });
    await expect(run(['-V'])).resolves.toMatchObject({ out: `${version}\n` });
  });

  it.each([
    [['serve'], 'unknown command'],
    [['upp'], 'Did you mean up?'],
    [['up', '--lisen', 'x'], 'Did you mean --listen?'],
    [['up', '--log-level', 'loud'], 'Allowed choices are trace, debug'],
    [['call'], "missing required argument 'tool'"],
    [['call', 'x', '{}', '--timeout', 'soon'], 'number of seconds'],
    [['validate', 'a', 'b'], 'too many arguments'],
    [['up', 'sallyport.yaml'], 'sallyport up --config sallyport.yaml'],
    [['up', '--listen', 'nowhere'], 'HOST:PORT'],
    [['up', '--no-auth', '--listen', '0.0.0.0:0'], '--no-auth is refused'],
    [['server'], 'there are: net'],
    [['server', 'nett'], 'did you mean net?'],
    [['server', 'net', '--options', '{'], '--options is not JSON'],
  ])('%j is a mistake of usage: %s', async (argv, words) => {
    const { code, out, err } = await run(argv);
    expect(code).toBe(2);
    expect(out).toBe('');
    expect(err).toContain(words);
    expect(err).toMatch(/^error: /);
    expect(err).not.toMatch(/\n\s+at /);
  });

  it('paints the word error and nothing else, where colour is wanted', async () => {
    const { err } = await run(['server', 'nett'], recordingTerminal({ color: true }));
    const painted = '\u001b[31merror:\u001b[39m';
    expect(err.startsWith(`${painted} there`)).toBe(true);
    const { err: unknown } = await run(['upp'], recordingTerminal({ color: true }));
    expect(unknown.startsWith(`${painted} unknown command`)).toBe(true);
  });

  it.each([
    [['--verbose', 'server', 'nett'], {}],
    [['server', 'nett', '--verbose'], {}],
    [['server', 'nett'], { SALLYPORT_DEBUG: '1' }],
  ])('shows where an error comes from: %j %j', async (argv, env) => {
    const { err } = await run(argv, recordingTerminal({ env }));
    expect(err).toMatch(/\n\s+at .*server\.ts:\d+/);
  });

  it('tells its own mistakes apart, without a stack', async () => {
    const terminal = recordingTerminal();
    const broken: RecordingTerminal = {
      ...terminal,
      stdout: {
        write: () => {
          throw new TypeError('undefined is not a function', { cause: new Error('deeper') });
        },
      },
    };
    const { code, err } = await run(['server', '--list'], broken);
    expect(code).toBe(70);
    expect(err).toContain('error: undefined is not a function');
    expect(err).toContain('please report it');
    expect(err).not.toMatch(/\n\s+at /);
    await expect(run(['server', '--list', '--verbose'], broken)).resolves.toMatchObject({
      err: expect.stringContaining('caused by Error: deeper'),
    });
  });
});

describe('server --list', () => {
  it('shows the built-in servers', async () => {
    const { code, out } = await run(['server', '--list']);
    expect(code).toBe(0);
    expect(out).toMatch(/^net +\S/);
    const { out: json } = await run(['server', '--list', '--json']);
    const { servers } = JSON.parse(json) as { servers: { name: string }[] };
    expect(servers.map(({ name }) => name)).toContain('net');
  });
});
