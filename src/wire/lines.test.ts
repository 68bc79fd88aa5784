import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineReader } from './lines.ts';

const SMALL = 16 * 1024;
const END = 256;

type Heard =
  | { kind: 'text'; line: string }
  | { kind: 'chunks'; line: string }
  | { kind: 'overflow'; head: string; tail: string; size: number };

/** Pushes the pieces through a reader and writes down what the sink hears. */
function heard(pieces: readonly Buffer[], limit: number): Heard[] {
  const all: Heard[] = [];
  const reader = new LineReader(
    {
      text: (line) => all.push({ kind: 'text', line }),
      chunks(chunks, size) {
        const bytes = Buffer.concat(chunks);
        expect(bytes).toHaveLength(size);
        all.push({ kind: 'chunks', line: bytes.toString('latin1') });
      },
      overflow: (head, tail, size) => all.push({ kind: 'overflow', head, tail, size }),
    },
    limit,
  );
  for (const piece of pieces) reader.push(piece);
  return all;
}

/** What the reader should say, from a second look at the whole input. */
function expected(bytes: Buffer, limit: number): Heard[] {
  const lines = bytes.toString('latin1').split('\n').slice(0, -1);
  return lines
    .filter((line) => line !== '')
    .map((line) => {
      if (line.length > limit)
        return { kind: 'overflow', head: line.slice(0, END), tail: line.slice(-END), size: line.length };
      return { kind: line.length <= SMALL ? 'text' : 'chunks', line };
    });
}

function cutAt(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const borders = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return borders.slice(1).map((end, i) => bytes.subarray(borders[i], end));
}

/** Bytes in which newlines are common, and lines of every kind of length. */
const stream = fc
  .array(
    fc.oneof(
      { weight: 3, arbitrary: fc.uint8Array({ maxLength: 40 }) },
      { weight: 2, arbitrary: fc.constant(Uint8Array.of(10)) },
      fc
        .integer({ min: 250, max: 1200 })
        .map((length) => new Uint8Array(length).map((_zero, i) => 32 + (i % 90))),
    ),
    { maxLength: 25 },
  )
  .map((parts) => Buffer.concat(parts));

describe('LineReader', () => {
  it('gives the same lines however the bytes are cut', () => {
    fc.assert(
      fc.property(stream, fc.array(fc.nat(), { maxLength: 30 }), (bytes, cuts) => {
        expect(heard(cutAt(bytes, cuts), 600)).toEqual(expected(bytes, 600));
      }),
      { numRuns: 500 },
    );
  });

  it('gives the same lines byte by byte', () => {
    const bytes = Buffer.from(`{"a":"é"}\r\n\n\n${'x'.repeat(700)}\n{"b":1}\nrest`);
    const pieces = [...bytes].map((byte) => Buffer.of(byte));
    expect(heard(pieces, 600)).toEqual(expected(bytes, 600));
    expect(heard(pieces, 600)).toHaveLength(3);
  });

  it.each([SMALL - 1, SMALL, SMALL + 1])(
    'hands on a line of %i bytes the same way in one piece and in two',
    (size) => {
      const bytes = Buffer.from(`first\n${'y'.repeat(size)}\nlast\n`);
      const whole = heard([bytes], 1e6);
      expect(whole.map(({ kind }) => kind)).toEqual(['text', size > SMALL ? 'chunks' : 'text', 'text']);
      for (const cut of [1, 6, 7, 5000, size + 5, size + 6, size + 7])
        expect(heard([bytes.subarray(0, cut), bytes.subarray(cut)], 1e6)).toEqual(whole);
    },
  );

  it.each([
    [999, 'text'],
    [1000, 'text'],
    [1001, 'overflow'],
  ])('a line of %i bytes with a limit of 1000 is %s', (size, kind) => {
    const bytes = Buffer.from(`${'z'.repeat(size)}\n`);
    for (const cut of [0, 1, 500, 1000, size]) expect(heard(cutAt(bytes, [cut]), 1000)[0]?.kind).toBe(kind);
  });

  it('says nothing of a line that has not ended', () => {
    expect(heard([Buffer.from('{"half":'), Buffer.from('true}')], 100)).toEqual([]);
  });

  it('goes on after a line that was over the limit', () => {
    const long = Buffer.from(`{"head"${'-'.repeat(2000)}"tail"}\n{"next":1}\n`);
    const [overflow, next] = heard(cutAt(long, [3, 900, 901, 1500]), 1000);
    expect(overflow).toMatchObject({ kind: 'overflow', size: 2014 });
    expect(overflow?.kind === 'overflow' && overflow.head.startsWith('{"head"--')).toBe(true);
    expect(overflow?.kind === 'overflow' && overflow.tail.endsWith('--"tail"}')).toBe(true);
    expect(next).toEqual({ kind: 'text', line: '{"next":1}' });
  });

  it('keeps the bytes of characters that are cut in two', () => {
    const bytes = Buffer.from('안녕 👋\n');
    for (let cut = 0; cut <= bytes.length; cut++) {
      const [line] = heard([bytes.subarray(0, cut), bytes.subarray(cut)], 100);
      expect(line?.kind === 'text' && Buffer.from(line.line, 'latin1').toString('utf8')).toBe('안녕 👋');
    }
  });

  it.each([
    ['kept', 64 * 1024 * 1024],
    ['skipped', 1024 * 1024],
  ])('takes linear time for 40 MB without a newline, %s', (_what, limit) => {
    // Joining or searching what has come so far again with each piece would be 200 GB here.
    const piece = Buffer.alloc(4096, 'a');
    const pieces = [...Array.from({ length: 10_240 }, () => piece), Buffer.from('\n')];
    const from = performance.now();
    const [line] = heard(pieces, limit);
    expect(performance.now() - from).toBeLessThan(3000);
    expect(line?.kind).toBe(limit > 40 * 1024 * 1024 ? 'chunks' : 'overflow');
  });

  it('does not keep an object for each byte of a server that writes byte by byte', () => {
    let kept = 0;
    const reader = new LineReader(
      {
        text: () => {},
        chunks: (chunks, size) => {
          kept = chunks.length;
          expect(size).toBe(300_000);
        },
        overflow: () => {},
      },
      1e6,
    );
    for (let i = 0; i < 300_000; i++) reader.push(Buffer.of(97));
    reader.push(Buffer.of(10));
    expect(kept).toBeGreaterThan(0);
    expect(kept).toBeLessThan(3000);
  });
});
