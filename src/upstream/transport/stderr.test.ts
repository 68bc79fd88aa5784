import { PassThrough } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { StderrTail } from './stderr.ts';

afterEach(() => {
  vi.useRealTimers();
});

/** A tail with a stream to print on, and what was handed on. */
function setUp(hide = (text: string): string => text): {
  stream: PassThrough;
  tail: StderrTail;
  told: string[];
} {
  const stream = new PassThrough();
  const told: string[] = [];
  return { stream, told, tail: new StderrTail(stream, hide, (line) => told.push(line)) };
}

describe('StderrTail', () => {
  it('keeps lines, however they are cut, and the last one without its end', async () => {
    const { stream, tail, told } = setUp();
    const bytes = Buffer.from('erste Zeile äöü\r\n\n  zweite 안녕  \nohne Ende');
    for (const byte of bytes) stream.write(Buffer.of(byte));
    await setImmediate();
    expect(tail.lines()).toEqual(['erste Zeile äöü', '  zweite 안녕']);
    stream.end();
    await setImmediate();
    expect(tail.lines()).toEqual(['erste Zeile äöü', '  zweite 안녕', 'ohne Ende']);
    expect(told).toEqual(tail.lines());
  });

  it('keeps the newest 200, and gives as many as are wanted', async () => {
    const { stream, tail } = setUp();
    for (let i = 0; i < 1000; i++) stream.write(`line ${i}\n`);
    await setImmediate();
    expect(tail.lines()).toHaveLength(200);
    expect(tail.lines()[0]).toBe('line 800');
    expect(tail.lines(2)).toEqual(['line 998', 'line 999']);
  });

  it('keeps no more than 2000 characters of a line, in one piece or in many', async () => {
    const { stream, tail } = setUp();
    stream.write(`${'a'.repeat(100_000)}\n`);
    for (let i = 0; i < 100; i++) stream.write('b'.repeat(1000));
    stream.write('\nshort\n');
    await setImmediate();
    expect(tail.lines()).toEqual(['a'.repeat(2000), 'b'.repeat(2000), 'short']);
  });

  it('does not let a server steer the terminal, or forge a line', async () => {
    const { stream, tail } = setUp();
    stream.write(
      '\u001b[31mred\u001b[0m \u001b]0;title\u0007 \u009b2J a\rb\u2028c\u2029d\u0000 \u001b[2K\ttab\n',
    );
    await setImmediate();
    expect(tail.lines()).toEqual(['red ]0;title 2J abcd \ttab']);
  });

  it('keeps nothing of a line of control characters', async () => {
    const { stream, tail, told } = setUp();
    stream.write('\u001b[2K\r\n\u0007\n \n');
    await setImmediate();
    expect([tail.lines(), told]).toEqual([[], []]);
  });

  it('never shows a secret: not when it comes in pieces, not with colours in it, not where a line is cut off', async () => {
    const SECRET = 'hunter2-hunter2-hunter2';
    const { stream, tail, told } = setUp((text) => text.replaceAll(SECRET, '***'));
    stream.write(`key ${SECRET.slice(0, 9)}`);
    stream.write(`${SECRET.slice(9)} here\n`);
    stream.write(`key hunter2-\u001b[1mhunter2\u001b[0m-hunter2\n`);
    stream.write(`${'x'.repeat(1990)}${SECRET}\n`);
    stream.write('y'.repeat(1990));
    stream.write(`${SECRET}\n`);
    await setImmediate();
    expect(tail.lines().slice(0, 2)).toEqual(['key *** here', 'key ***']);
    for (const line of [...tail.lines(), ...told]) expect(line).not.toContain('hunter2');
  });

  it('hands a flood on at 50 lines a second, and says how many it left out', async () => {
    vi.useFakeTimers({ now: 1_000_000, toFake: ['Date'] });
    const { stream, tail, told } = setUp();
    for (let i = 0; i < 500; i++) stream.write(`flood ${i}\n`);
    await setImmediate();
    expect(told).toHaveLength(50);
    expect(tail.lines(1)).toEqual(['flood 499']);
    vi.setSystemTime(1_001_500);
    stream.write('calm\n');
    await setImmediate();
    expect(told.slice(50)).toEqual(['(450 more lines in the last second)', 'calm']);
  });

  it('survives a broken pipe', async () => {
    const { stream, tail } = setUp();
    stream.write('before\n');
    await setImmediate();
    stream.destroy(new Error('EIO'));
    await setImmediate();
    expect(tail.lines()).toEqual(['before']);
  });
});
