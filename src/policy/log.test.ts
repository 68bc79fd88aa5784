import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import type { Call } from '../core/call.ts';
import { Cancellation } from '../core/cancellation.ts';
import type { Handler } from '../core/handler.ts';
import type { JsonObject } from '../core/json.ts';
import { failure, type Reply, result } from '../core/reply.ts';
import { Trail } from '../core/trail.ts';
import { logCalls } from './log.ts';

const CANARY = 'canary-5f1e';

/** A call that has a canary wherever something may stand that is nobody's business. */
function call(changes: Partial<Call> = {}): Call {
  return {
    id: 'call-1',
    principal: { id: 'token:default', via: 'token' },
    client: {
      era: 'modern',
      protocolVersion: '2026-07-28',
      info: { name: CANARY },
      capabilities: { experimental: { [CANARY]: {} } },
    },
    scope: 'files',
    method: 'tools/call',
    params: { name: 'read', arguments: { path: CANARY, [CANARY]: 1 }, other: CANARY },
    meta: { traceparent: CANARY },
    answers: { responses: new Map([['q', { result: { answer: CANARY } }]]), state: CANARY },
    wantsProgress: true,
    logLevel: 'debug',
    cancellation: new Cancellation(),
    trail: new Trail(),
    notify: () => {},
    ...changes,
  };
}

/** What stands in the log after a call, line by line. */
async function logged(
  handler: Handler,
  about: Call = call(),
  level = 'debug',
): Promise<Record<string, unknown>[]> {
  const lines: string[] = [];
  const log = pino({ level }, { write: (line: string) => void lines.push(line) });
  await logCalls(log)(handler)(about).catch(() => {});
  expect(lines.join(''), 'nothing of what the call was about').not.toContain(CANARY);
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

const REPLIES: [string, Reply, unknown][] = [
  ['a result', result({ content: [{ text: CANARY }], [CANARY]: 1 }), 'result'],
  [
    'a failure',
    { kind: 'failure', error: { code: -32602, message: CANARY, data: { [CANARY]: CANARY } } },
    -32602,
  ],
  [
    'a question',
    { kind: 'input_required', inputRequests: { [CANARY]: { message: CANARY } }, requestState: CANARY },
    'input_required',
  ],
];

describe('the line of a call', () => {
  it.each(REPLIES)(
    'that ended with %s says who, what, how long and how it went',
    async (_title, reply, outcome) => {
      const [line, ...more] = await logged(() => Promise.resolve(reply));
      expect(more).toEqual([]);
      expect(line).toMatchObject({
        call: 'call-1',
        principal: 'token:default',
        era: 'modern',
        scope: 'files',
        method: 'tools/call',
        target: 'read',
        outcome,
        msg: 'call',
      });
      expect(line?.['ms']).toBeGreaterThanOrEqual(0);
    },
  );

  it('takes the time of the whole call', async () => {
    const [line] = await logged(
      () =>
        new Promise((resolve) => {
          setTimeout(() => resolve(result({})), 50);
        }),
    );
    expect(line?.['ms']).toBeGreaterThan(40);
  });

  it('names no target where there is none, or where it is no text', async () => {
    const nameless: JsonObject[] = [{}, { name: { [CANARY]: 1 } }, { name: 7 }, { uri: CANARY }];
    for (const params of nameless) {
      const [line] = await logged(() => Promise.resolve(result({})), call({ params }));
      expect(line).not.toHaveProperty('target');
    }
  });

  it('is one line, whatever a client calls a tool', async () => {
    const lines: string[] = [];
    const log = pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) });
    const name = 'x","level":"error"}\n{"forged":true}\r\u0000\u001b[31m';
    await logCalls(log)(() => Promise.resolve(result({})))(call({ params: { name } }));
    expect(lines).toHaveLength(1);
    expect(lines[0]?.trimEnd()).not.toMatch(/\p{Cc}/u);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ target: name, msg: 'call' });
  });
});

describe('a call that nobody wants to hear of', () => {
  it.each(['info', 'error', 'silent'])('leaves no line at the level %s', async (level) => {
    expect(await logged(() => Promise.resolve(result({})), call(), level)).toEqual([]);
  });
});

describe('the reply', () => {
  it('is the very one that came', async () => {
    const log = pino({ level: 'debug' }, { write: () => {} });
    for (const reply of [...REPLIES.map(([, each]) => each), failure('call_timeout')])
      expect(await logCalls(log)(() => Promise.resolve(reply))(call())).toBe(reply);
  });
});
