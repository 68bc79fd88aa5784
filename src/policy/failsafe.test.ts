import { describe, expect, it } from 'vitest';
import type { Call } from '../core/call.ts';
import type { Handler } from '../core/handler.ts';
import type { Logger } from '../telemetry/log.ts';
import { failsafe } from './failsafe.ts';

const CANARY = 'canary-7f3k2q';

function guarded(handler: Handler): { reply: Promise<unknown>; lines: unknown[] } {
  const lines: unknown[] = [];
  const log = { error: (...line: unknown[]) => lines.push(line) } as unknown as Logger;
  const call = { id: 'call-1', method: 'tools/call', params: { secret: CANARY } } as unknown as Call;
  return { reply: failsafe(log)(handler)(call), lines };
}

describe('what nobody expected', () => {
  const handlers: [string, Handler][] = [
    ['thrown at once', () => JSON.parse(CANARY) as never],
    ['thrown later', async () => JSON.parse(CANARY) as never],
    // oxlint-disable-next-line prefer-promise-reject-errors -- whatever is thrown has to be caught
    ['that is no error', () => Promise.reject(CANARY)],
  ];

  it.each(handlers)(
    '%s is an internal error, logged with its place and without its message',
    async (_, handler) => {
      const { reply, lines } = guarded(handler);
      expect(await reply).toMatchObject({ kind: 'failure', error: { code: -32603, status: 500 } });
      expect(lines).toHaveLength(1);
      expect(JSON.stringify(lines)).toContain('call-1');
      expect(JSON.stringify([lines, await reply])).not.toContain(CANARY);
    },
  );

  it('leaves a reply as it is', async () => {
    const answer = { kind: 'failure', error: { code: 1, message: 'x' } } as const;
    const { reply, lines } = guarded(() => Promise.resolve(answer));
    expect(await reply).toBe(answer);
    expect(lines).toEqual([]);
  });
});
