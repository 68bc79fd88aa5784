import { describe, expect, it } from 'vitest';
import { traceContextOf, withTraceContext, withTraceHeaders } from './trace-context.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';
const traceparent = `00-${TRACE}-${SPAN}-01`;

describe('a trace context', () => {
  it.each([traceparent, `00-${TRACE}-${SPAN}-00`, `01-${TRACE}-${SPAN}-01`, `cc-${TRACE}-${SPAN}-09-more`])(
    'is read: %s',
    (given) => {
      expect(traceContextOf({ traceparent: given })).toEqual({ traceparent: given });
    },
  );

  it.each([
    undefined,
    7,
    ['x'],
    '',
    `${traceparent}-more`,
    `${traceparent} `,
    `${traceparent}\r\nx: y`,
    `ff-${TRACE}-${SPAN}-01`,
    `00-${'0'.repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
    `00-${TRACE}-${SPAN}`,
    `00-${TRACE}-${SPAN}-1`,
    `cc-${TRACE}-${SPAN}-01-${'x'.repeat(65)}`,
  ])('is none: %j, nor is the tracestate beside it', (given) => {
    expect(traceContextOf({ traceparent: given, tracestate: 'a=b' })).toBeUndefined();
  });

  it.each([
    ['rojo=00f067aa0ba902b7,congo=t61rcWkgMzE', true],
    ['', false],
    ['a=b\r\nx: y', false],
    ['a=é', false],
    ['x'.repeat(513), false],
    [7, false],
  ])('has this tracestate: %j, %s', (tracestate, taken) => {
    expect(traceContextOf({ traceparent, tracestate })).toEqual({
      traceparent,
      ...(taken && { tracestate }),
    });
  });

  it('takes the place of another one in _meta, with all of it', () => {
    const meta = { traceparent: 'old', tracestate: 'old=1', baggage: 'a=b', 'vendor/x': 1 };
    expect(withTraceContext(meta, { traceparent })).toEqual({ baggage: 'a=b', 'vendor/x': 1, traceparent });
    expect(withTraceContext(undefined, { traceparent })).toEqual({ traceparent });
  });

  it('goes into headers beside others, when it is one', () => {
    expect(withTraceHeaders({ a: 'b' }, { traceparent, tracestate: 'x=y', baggage: 'c=d' })).toEqual({
      a: 'b',
      traceparent,
      tracestate: 'x=y',
    });
    const own = { a: 'b' };
    expect(withTraceHeaders(own, { traceparent: 'x\r\ny: z' })).toBe(own);
    expect(withTraceHeaders(undefined, undefined)).toBeUndefined();
  });
});
