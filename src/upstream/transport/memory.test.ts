import type { PassThrough } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { MemoryTransport, type ServeOver } from './memory.ts';
import type { Ending } from './transport.ts';

interface Heard {
  transport: MemoryTransport;
  messages: string[];
  endings: Ending[];
}

function open(serve: ServeOver): Heard {
  const messages: string[] = [];
  const endings: Ending[] = [];
  const transport = new MemoryTransport(serve, 1e6, {
    message: (message) => messages.push(message.kind === 'result' ? message.body.text : message.kind),
    overflow: (_id, size) => messages.push(`overflow ${size}`),
    junk: (size) => messages.push(`junk ${size}`),
    closed: (ending) => endings.push(ending),
  });
  return { transport, messages, endings };
}

/** Answers each line with a result that repeats it. */
const echo: ServeOver = async (input: PassThrough, output: PassThrough) => {
  input.on('data', (chunk: Buffer) => {
    for (const line of chunk.toString().trimEnd().split('\n')) {
      const { id, method } = JSON.parse(line) as { id: number; method: string };
      output.write(`{"jsonrpc":"2.0","id":${id},"result":{"method":"${method}"}}\n`);
    }
  });
  return { close: async () => void input.removeAllListeners('data') };
};

describe('MemoryTransport', () => {
  it('carries messages there and back, over the framing that a command has', async () => {
    const { transport, messages } = open(echo);
    for (let id = 1; id <= 3; id++) transport.send(`{"jsonrpc":"2.0","id":${id},"method":"m${id}"}`);
    await setImmediate();
    await setImmediate();
    expect(messages).toEqual(['{"method":"m1"}', '{"method":"m2"}', '{"method":"m3"}']);
    await transport.close();
  });

  it('says once that it is closed, however often it is closed', async () => {
    let closed = 0;
    const { transport, endings } = open(async () => ({ close: async () => void (closed += 1) }));
    await Promise.all([transport.close(), transport.close()]);
    await transport.close();
    expect(endings).toEqual([{ reason: 'it was stopped', stderr: [] }]);
    expect(closed).toBe(1);
  });

  it('says why a server could not be made, once', async () => {
    const { transport, endings } = open(() =>
      Promise.reject(new Error('there is no built-in server "nett"')),
    );
    await setImmediate();
    await transport.close();
    expect(endings).toEqual([{ reason: 'there is no built-in server "nett"', stderr: [] }]);
  });

  it('ends also when the server cannot be closed', async () => {
    const { transport, endings } = open(async () => ({ close: () => Promise.reject(new Error('busy')) }));
    await transport.close();
    expect(endings).toHaveLength(1);
  });
});
