import { spawnSync } from 'node:child_process';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createLog } from './log.ts';

const MODULE = new URL('./log.ts', import.meta.url).href;

/** Runs statements about a `log` in a program of their own, and gives back what it printed. */
function printed(level: string, pretty: boolean, statements: string): { stdout: string; stderr: string } {
  const program = `import { createLog } from '${MODULE}';
    const log = createLog({ level: '${level}', pretty: ${pretty} });
    ${statements}`;
  return spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
}

/** The lines of a record, as a terminal gets them. */
function shown(details: object, message: string): string {
  let text = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((piece) => {
    text += String(piece);
    return true;
  });
  createLog({ level: 'info', pretty: true }).info(details, message);
  return text;
}

describe('the log for programs', () => {
  it('is JSON on stderr, one line a record, and nothing on stdout', () => {
    const { stdout, stderr } = printed(
      'info',
      false,
      String.raw`log.info({ server: 'a', n: 1 }, 'ready');
      log.debug('too mild');
      log.warn({ tool: 'x\n{"forged":true}' }, 'two\r\nlines\u001b[31m');
      log.error('last words'); process.kill(process.pid, 'SIGKILL');`,
    );
    expect(stdout).toBe('');
    const lines = stderr.trimEnd().split('\n');
    expect(lines.join('')).not.toMatch(/\p{Cc}/u);
    const [first, second, third, ...more] = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(first).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string,
      server: 'a',
      n: 1,
      msg: 'ready',
    });
    expect(second).toMatchObject({
      level: 'warn',
      tool: 'x\n{"forged":true}',
      msg: 'two\r\nlines\u001b[31m',
    });
    expect(third, 'what was said before the end is there').toMatchObject({
      level: 'error',
      msg: 'last words',
    });
    expect(more).toEqual([]);
  });
});

describe('the log for people', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it('says when, how bad, what, and the rest as key=value', () => {
    const text = shown(
      { server: 'files', ms: 12.5, tools: ['a'], path: '/x:y@z', said: 'two words' },
      'server ready',
    );
    expect(text).toMatch(
      /^\d\d:\d\d:\d\d info {2}server ready server=files ms=12\.5 tools=\["a"\] path=\/x:y@z said="two words"\n$/,
    );
  });

  it.each([
    ['a line break', 'a\nforged line'],
    ['a carriage return', 'a\rover it'],
    ['a colour', 'a\u001b[31mred'],
    ['a title of the window', 'a\u001b]0;title\u0007'],
    ['a control sequence of one character', 'a\u009b31mred'],
    ['a backspace', 'a\b\b\bover it'],
    ['a line separator', 'a\u2028b\u2029c\u0085d'],
    ['text that runs backwards', 'a\u202eb\u2066c'],
    ['delete', 'a\u007fb'],
  ])('shows %s as what it is, wherever it stands', (_title, evil) => {
    for (const text of [
      shown({ server: 'x' }, evil),
      shown({ tool: evil }, 'call'),
      shown({ [evil]: 1 }, 'call'),
    ]) {
      expect(text.endsWith('\n')).toBe(true);
      expect(text.slice(0, -1)).not.toMatch(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u);
      expect(text).toContain('a');
    }
  });

  it('shows words of every language as they are', () => {
    expect(shown({ tool: '이름 é' }, '안녕 ñ')).toMatch(/ 안녕 ñ tool="이름 é"\n$/);
  });

  it('leaves stdout alone', () => {
    const { stdout, stderr } = printed('debug', true, `log.debug({ a: 1 }, 'hello');`);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/debug hello a=1\n$/);
  });
});
