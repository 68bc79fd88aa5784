import { PassThrough, Writable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { PipeWriter, readPipe } from './pipe.ts';

const MIB = 1024 * 1024;

/** A pipe whose reader reads only when it is told to. */
class SlowPipe extends Writable {
  readonly writes: string[] = [];
  #read: (() => void) | undefined;

  constructor() {
    super({ highWaterMark: 64 * 1024, decodeStrings: false });
  }

  override _write(chunk: string, _encoding: string, done: () => void): void {
    this.writes.push(chunk);
    this.#read = done;
  }

  /** The reader takes in what was written to it, and whatever follows of it. */
  async readAll(): Promise<void> {
    while (this.#read) {
      const read = this.#read;
      this.#read = undefined;
      read();
      await setImmediate();
      await setImmediate();
    }
  }

  get lines(): string[] {
    return this.writes.join('').split('\n').slice(0, -1);
  }
}

describe('PipeWriter', () => {
  it('writes what one turn of the event loop brings at once, in its order', async () => {
    const pipe = new SlowPipe();
    const writer = new PipeWriter(pipe);
    for (let i = 0; i < 100; i++) expect(writer.send(`{"n":${i}}`)).toBe(true);
    expect(pipe.writes).toEqual([]);
    await setImmediate();
    expect(pipe.writes).toHaveLength(1);
    expect(pipe.lines).toEqual(Array.from({ length: 100 }, (_unused, i) => `{"n":${i}}`));
  });

  it('refuses more when a reader that stopped has 16 MiB waiting, and loses nothing of what it took', async () => {
    const pipe = new SlowPipe();
    const writer = new PipeWriter(pipe);
    const taken: string[] = [];
    for (let i = 0; i < 40; i++) {
      const message = `${i}`.padEnd(MIB, '.');
      if (writer.send(message)) taken.push(message);
      await setImmediate();
    }
    expect(taken.length).toBeGreaterThanOrEqual(15);
    expect(taken.length).toBeLessThanOrEqual(18);
    await pipe.readAll();
    expect(pipe.lines).toEqual(taken);
  });

  it('takes more again when the reader goes on', async () => {
    const pipe = new SlowPipe();
    const writer = new PipeWriter(pipe);
    for (let i = 0; writer.send(`${i}`.padEnd(MIB, '.')) && i < 100; i++) await setImmediate();
    expect(writer.send('x'.repeat(MIB))).toBe(false);
    await pipe.readAll();
    expect(writer.send('last')).toBe(true);
    await setImmediate();
    await pipe.readAll();
    expect(pipe.lines.at(-1)).toBe('last');
  });

  it('takes one message that is larger than what may wait', async () => {
    const pipe = new SlowPipe();
    const writer = new PipeWriter(pipe);
    expect(writer.send('x'.repeat(20 * MIB))).toBe(true);
    await setImmediate();
    expect(pipe.lines[0]).toHaveLength(20 * MIB);
  });

  it('writes what waits before it closes', async () => {
    const pipe = new SlowPipe();
    const writer = new PipeWriter(pipe);
    writer.send('a');
    writer.send('b');
    writer.end();
    await setImmediate();
    await pipe.readAll();
    expect(pipe.lines).toEqual(['a', 'b']);
    expect(pipe.writableFinished).toBe(true);
  });

  it.each([
    [
      'closed its input',
      (pipe: SlowPipe) => pipe.destroy(Object.assign(new Error('EPIPE'), { code: 'EPIPE' })),
    ],
    ['was told to end', (_pipe: SlowPipe, writer: PipeWriter) => writer.end()],
  ])('does not let messages pile up without end for a server that %s', async (_what, stop) => {
    const pipe = new SlowPipe();
    const writer = new PipeWriter(pipe);
    stop(pipe, writer);
    let taken = 0;
    for (let i = 0; i < 40; i++) {
      await setImmediate();
      if (writer.send('x'.repeat(MIB))) taken += 1;
    }
    expect(taken).toBeLessThanOrEqual(17);
  });

  it('may be closed twice', async () => {
    const pipe = new SlowPipe();
    const writer = new PipeWriter(pipe);
    writer.end();
    writer.end();
    await setImmediate();
    expect(pipe.writableFinished).toBe(true);
  });

  it('writes UTF-8', async () => {
    const stream = new PassThrough();
    new PipeWriter(stream).send('{"text":"안녕 👋"}');
    await setImmediate();
    expect(String(stream.read())).toBe('{"text":"안녕 👋"}\n');
  });
});

/** What a pipe with this limit says of what is written to the stream. */
function heard(limit: number): { stream: PassThrough; said: string[] } {
  const stream = new PassThrough();
  const said: string[] = [];
  readPipe(
    stream,
    {
      message(message) {
        said.push(message.kind === 'result' ? `result ${message.id} of ${message.body.size}` : message.kind);
      },
      overflow: (id, size) => said.push(`overflow ${id} ${size}`),
      junk: (size) => said.push(`junk ${size}`),
    },
    limit,
  );
  return { stream, said };
}

/** A response of which the result has so many bytes. */
const answer = (id: number, size: number): string =>
  `{"jsonrpc":"2.0","id":${id},"result":{"t":"${'x'.repeat(size - 8)}"}}\n`;

describe('readPipe', () => {
  it('tells messages of every size, junk, and what is too large apart, and goes on', async () => {
    const { stream, said } = heard(100_000);
    stream.write(`Server is starting…\n\n   \r\n${answer(1, 20)}`);
    stream.write(answer(2, 50_000));
    stream.write(answer(3, 200_000));
    stream.write(`${'junk '.repeat(5000)}\n{"jsonrpc":"2.0","method":"notifications/x"}\r\n{"half":`);
    await setImmediate();
    expect(said).toEqual([
      'junk 21',
      'result 1 of 20',
      'result 2 of 50000',
      `overflow 3 ${answer(3, 200_000).length - 1}`,
      'junk 25000',
      'notification',
    ]);
  });

  it('survives a broken pipe', async () => {
    const { stream, said } = heard(1e6);
    stream.destroy(new Error('EIO'));
    await setImmediate();
    expect(said).toEqual([]);
  });
});
