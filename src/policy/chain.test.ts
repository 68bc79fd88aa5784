import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import type { Call } from '../core/call.ts';
import { Cancellation } from '../core/cancellation.ts';
import { chain, type Policy } from '../core/handler.ts';
import { result } from '../core/reply.ts';
import { Trail } from '../core/trail.ts';
import { policies } from './chain.ts';

const CALL: Call = {
  id: 'call-7',
  principal: { id: 'alice', via: 'token' },
  client: { era: 'modern', protocolVersion: '2026-07-28', info: undefined, capabilities: {} },
  scope: undefined,
  method: 'tools/call',
  params: { name: 'x' },
  meta: undefined,
  answers: undefined,
  wantsProgress: false,
  logLevel: undefined,
  cancellation: new Cancellation(),
  trail: new Trail(),
  notify: () => {},
};

describe('the policies', () => {
  it('log what another one of them refuses', async () => {
    const lines: string[] = [];
    const log = pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) });
    let reached = false;
    const handle = chain(policies(log), () => {
      reached = true;
      return Promise.resolve(result({}));
    });
    const reply = await handle({ ...CALL, answers: { responses: new Map(), state: 'forged' } });
    expect(reply).toMatchObject({ kind: 'failure', error: { data: { reason: 'invalid_request_state' } } });
    expect(reached).toBe(false);
    expect(JSON.parse(lines[0] ?? '{}')).toMatchObject({ call: 'call-7', outcome: -32602 });
  });

  it('let a call through to the handler, and its reply back', async () => {
    const log = pino({ level: 'debug' }, { write: () => {} });
    const reply = result({ a: 1 });
    expect(await chain(policies(log), () => Promise.resolve(reply))(CALL)).toBe(reply);
  });

  it('stand around the handler in their order, the first one outermost', async () => {
    const order: string[] = [];
    const named =
      (name: string): Policy =>
      (next) =>
      async (call) => {
        order.push(`${name} in`);
        const reply = await next(call);
        order.push(`${name} out`);
        return reply;
      };
    await chain([named('a'), named('b')], () => Promise.resolve(result({})))(CALL);
    expect(order).toEqual(['a in', 'b in', 'b out', 'a out']);
  });
});
