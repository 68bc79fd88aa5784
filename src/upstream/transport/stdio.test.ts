import { afterEach, describe, expect, it } from 'vitest';
import { CHILD, eventually } from '../../../test/support/processes.ts';
import type { JsonObject } from '../../core/json.ts';
import { requestText } from '../../wire/jsonrpc.ts';
import type { Incoming } from '../../wire/response-line.ts';
import { StdioTransport } from './stdio.ts';
import type { Ending } from './transport.ts';

const open: StdioTransport[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((transport) => transport.close()));
});

interface Heard {
  transport: StdioTransport;
  messages: Incoming[];
  junk: number[];
  overflows: (number | undefined)[];
  endings: Ending[];
  logged: string[];
  /** Sends a tool call. */
  call: (id: number, name: string, args?: JsonObject) => boolean;
  /** The text that the tool gave back, when it has. */
  answer: (id: number) => Promise<string>;
}

function start(flags: readonly string[] = [], options: { lineLimit?: number; stopMs?: number } = {}): Heard {
  const heard: Omit<Heard, 'transport' | 'call' | 'answer'> = {
    messages: [],
    junk: [],
    overflows: [],
    endings: [],
    logged: [],
  };
  const transport = new StdioTransport(
    {
      command: { command: process.execPath, args: [CHILD, ...flags], env: {} },
      lineLimit: options.lineLimit ?? 1e6,
      stopMs: options.stopMs ?? 4000,
      hide: (text) => text.replaceAll('hunter2', '***'),
      onStderr: (line) => heard.logged.push(line),
    },
    {
      message: (message) => heard.messages.push(message),
      overflow: (id) => heard.overflows.push(id),
      junk: (size) => heard.junk.push(size),
      closed: (ending) => heard.endings.push(ending),
    },
  );
  open.push(transport);
  return {
    ...heard,
    transport,
    call: (id, name, args = {}) => transport.send(requestText(id, 'tools/call', { name, arguments: args })),
    async answer(id) {
      const message = await eventually(`an answer to ${id}`, () =>
        heard.messages.find((each) => 'id' in each && each.id === id),
      );
      if (message.kind !== 'result') throw new Error(JSON.stringify(message));
      const { content } = message.body.parse() as { content: { text: string }[] };
      return content[0]?.text ?? '';
    },
  };
}

describe('StdioTransport', () => {
  it('carries messages to a real command and back, of every size and in every script', async () => {
    const { call, answer } = start();
    const texts = ['a', 'Grüße 안녕 👋', 'x'.repeat(200_000), '"\\\n\r\u2028'];
    texts.forEach((text, i) => call(i + 1, 'echo', { text }));
    for (const [i, text] of texts.entries()) expect(await answer(i + 1)).toBe(text);
  });

  it('goes on after junk and after a line over the limit', async () => {
    const { call, answer, junk, overflows } = start(['--junk'], { lineLimit: 100_000 });
    call(1, 'flood_line', { bytes: 3_000_000 });
    await eventually('the end of the flood', () => overflows.length > 0);
    call(2, 'echo', { text: 'still here' });
    expect(await answer(2)).toBe('still here');
    expect(overflows).toEqual([1]);
    expect(junk.length).toBeGreaterThan(0);
  });

  it('says how the command ended and what it printed last, without secrets, when all of that has been read', async () => {
    const { call, endings, logged } = start();
    call(1, 'stderr', { lines: 100, width: 60 });
    call(2, 'crash', { message: 'the password hunter2 is wrong' });
    const ending = await eventually('its end', () => endings[0]);
    expect(ending.reason).toBe('it exited with code 3');
    expect(ending.stderr).toHaveLength(20);
    expect(ending.stderr.at(-1)).toBe('the password *** is wrong');
    expect(logged.join('\n')).not.toContain('hunter2');
  });

  it('says so when the command is not there', async () => {
    const endings: Ending[] = [];
    const transport = new StdioTransport(
      {
        command: { command: 'no-such-command', args: [], env: {} },
        lineLimit: 1000,
        stopMs: 100,
        hide: (text) => text,
        onStderr: () => {},
      },
      { message: () => {}, overflow: () => {}, junk: () => {}, closed: (ending) => endings.push(ending) },
    );
    transport.send('{}');
    await transport.close();
    expect(endings).toEqual([
      { reason: 'the command "no-such-command" was not found on PATH', stderr: [], neverRan: true },
    ]);
  });

  it('closes a well-behaved command without a signal, and a stubborn one within its time', async () => {
    const good = start();
    good.call(1, 'echo', { text: 'ready' });
    await good.answer(1);
    await good.transport.close();
    expect(good.endings).toEqual([{ reason: 'it exited with code 0', stderr: [] }]);

    const stubborn = start(['--stubborn'], { stopMs: 300 });
    stubborn.call(1, 'echo', { text: 'ready' });
    await stubborn.answer(1);
    const from = performance.now();
    await Promise.all([stubborn.transport.close(), stubborn.transport.close()]);
    expect(performance.now() - from).toBeLessThan(4000);
    expect(stubborn.endings).toEqual([{ reason: 'it was ended by SIGKILL', stderr: ['not now'] }]);
  });
});
