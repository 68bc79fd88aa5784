import { describe, expect, it } from 'vitest';
import { targetOf } from './call.ts';
import { chain, type Handler, type Policy } from './handler.ts';
import type { Call } from './call.ts';
import { result } from './reply.ts';

const empty: Handler = async () => result({});

describe('targetOf', () => {
  it.each([
    ['tools/call', { name: 'a', uri: 'b' }, 'a'],
    ['prompts/get', { name: 'a' }, 'a'],
    ['resources/read', { name: 'a', uri: 'b' }, 'b'],
    ['resources/read', { name: 'a' }, undefined],
    ['tools/call', { name: ['a'] }, undefined],
    ['tools/list', {}, undefined],
  ])('of %s %o is %s', (method, params, expected) => {
    expect(targetOf({ method, params })).toBe(expected);
  });
});

describe('chain', () => {
  const call = { method: 'tools/call', params: {} } as Call;

  it('puts the first policy outermost, on the way in and on the way out', async () => {
    const seen: string[] = [];
    const noting =
      (name: string): Policy =>
      (next) =>
      async (each) => {
        seen.push(`${name} in`);
        const reply = await next(each);
        seen.push(`${name} out`);
        return reply;
      };
    const handler: Handler = () => {
      seen.push('handler');
      return Promise.resolve(result({}));
    };
    await chain([noting('audit'), noting('guard')], handler)(call);
    expect(seen).toEqual(['audit in', 'guard in', 'handler', 'guard out', 'audit out']);
  });

  it('is the handler itself without policies', () => {
    expect(chain([], empty)).toBe(empty);
  });
});
