import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import type { Call } from '../core/call.ts';
import { Cancellation } from '../core/cancellation.ts';
import { Trail } from '../core/trail.ts';
import { failsafe } from './failsafe.ts';

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

describe('what is thrown', () => {
  it('ends the call as our own mistake, and the log says where it was made', async () => {
    const lines: string[] = [];
    const log = pino({ level: 'error' }, { write: (line: string) => void lines.push(line) });
    const error = new RangeError(`${CANARY}\n    at ${CANARY} and more`);
    const reply = await failsafe(log)(() => Promise.reject(error))(call());
    expect(reply).toMatchObject({
      kind: 'failure',
      error: { code: -32603, data: { reason: 'internal_error' } },
    });
    const [line, ...more] = lines.map((text) => JSON.parse(text) as Record<string, unknown>);
    expect(line).toMatchObject({ call: 'call-1', method: 'tools/call', error: 'RangeError' });
    expect(line?.['at']).toEqual(
      expect.arrayContaining([expect.stringMatching(/failsafe\.test\.ts:\d+:\d+/)]),
    );
    expect(more).toEqual([]);
    expect(lines.join('')).not.toContain(CANARY);
  });

  it('is caught before there is a promise, too', async () => {
    const log = pino({ level: 'silent' });
    const broken = (): never => {
      throw new TypeError(CANARY);
    };
    expect(await failsafe(log)(broken)(call())).toMatchObject({ kind: 'failure', error: { code: -32603 } });
  });

  it.each([undefined, null, 'canary', { canary: true }])('may be anything: %j', async (thrown) => {
    const lines: string[] = [];
    const log = pino({ level: 'error' }, { write: (line: string) => void lines.push(line) });
    // The question is what else comes of it.
    const reply = await failsafe(log)(() => Promise.reject(thrown))(call());
    expect(reply).toMatchObject({ kind: 'failure', error: { code: -32603 } });
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toContain('canary');
  });
});
