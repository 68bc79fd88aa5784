import { describe, expect, it } from 'vitest';
import { ServerOutput } from './server-output.ts';

const texts = (output: ServerOutput, server: string, most = Infinity): string[] =>
  output.tail(server, most).map(({ text }) => text);

describe('ServerOutput', () => {
  it('keeps the newest lines of each server, oldest first', () => {
    const output = new ServerOutput();
    for (let line = 0; line < 1500; line += 1) output.write('a', `line ${line}`);
    output.write('b', 'other');
    expect(output.tail('a', Infinity)).toHaveLength(1000);
    expect(texts(output, 'a', 2)).toEqual(['line 1498', 'line 1499']);
    expect(texts(output, 'a', 0)).toEqual([]);
    expect(texts(output, 'b')).toEqual(['other']);
    expect(texts(output, 'c')).toEqual([]);
  });

  it('is bounded in characters too', () => {
    const output = new ServerOutput();
    for (let line = 0; line < 900; line += 1) output.write('a', 'x'.repeat(2000));
    expect(texts(output, 'a').join('').length).toBeLessThanOrEqual(256 * 1024);
    expect(texts(output, 'a').length).toBe(131);
  });

  it('tells followers of their server alone, until they have had enough', () => {
    const output = new ServerOutput();
    const seen: string[] = [];
    const end = output.follow('a', ({ text }) => seen.push(text));
    output.write('a', 'one');
    output.write('b', 'two');
    end();
    output.write('a', 'three');
    expect(seen).toEqual(['one']);
  });

  it('forgets servers that are gone', () => {
    const output = new ServerOutput();
    output.write('a', 'one');
    output.write('b', 'two');
    output.keepOnly(['b', 'c']);
    expect([texts(output, 'a'), texts(output, 'b')]).toEqual([[], ['two']]);
  });
});
