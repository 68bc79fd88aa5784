import { assert, property, string } from 'fast-check';
import { validateHeaderValue } from 'node:http';
import { describe, expect, it } from 'vitest';
import type { Call } from '../core/call.ts';
import { Cancellation } from '../core/cancellation.ts';
import type { JsonObject } from '../core/json.ts';
import type { Principal } from '../core/principal.ts';
import { Trail } from '../core/trail.ts';
import { onBehalf, USER_META } from './identity.ts';

function call(principal: Partial<Principal>, meta?: JsonObject): Call {
  return {
    id: '1',
    principal: { id: 'https://idp.example#1', via: 'jwt', ...principal },
    client: { era: 'modern', protocolVersion: '2026-07-28', info: undefined, capabilities: {} },
    scope: undefined,
    method: 'tools/call',
    params: { name: 'x' },
    meta,
    answers: undefined,
    wantsProgress: false,
    logLevel: undefined,
    cancellation: new Cancellation(),
    trail: new Trail(),
    notify: () => {},
  };
}

const headersOf = (principal: Partial<Principal>) => onBehalf(call(principal), true).onBehalf;

describe('a server that is told who is calling', () => {
  it('learns it from headers and from _meta', () => {
    const alice = { user: 'alice', email: 'alice@example.com', roles: ['dev', 'team lead'] };
    const told = onBehalf(call(alice, { traceparent: '00-1' }), true);
    expect(told.onBehalf).toEqual({
      'x-user-id': 'alice',
      'x-user-email': 'alice@example.com',
      'x-user-roles': 'dev, team lead',
    });
    expect(told.meta).toEqual({
      traceparent: '00-1',
      [USER_META]: { id: 'alice', email: 'alice@example.com', roles: ['dev', 'team lead'] },
    });
  });

  it('learns the id of the principal where that is all there is', () => {
    const told = onBehalf(call({ id: 'token:ci' }), true);
    expect([told.onBehalf, told.meta]).toEqual([
      { 'x-user-id': 'token:ci' },
      { [USER_META]: { id: 'token:ci' } },
    ]);
  });

  it('threat 8: never believes what a client says in its place', () => {
    const lie: JsonObject = { [USER_META]: { id: 'admin' }, other: 1 };
    expect(onBehalf(call({ user: 'bob' }, lie), true).meta).toEqual({ [USER_META]: { id: 'bob' }, other: 1 });
    expect(onBehalf(call({ user: 'bob' }, lie), false).meta).toEqual({ other: 1 });
  });

  it('that is told nothing gets the call as it is', () => {
    const made = call({ user: 'bob' }, { other: 1 });
    expect(onBehalf(made, false)).toBe(made);
  });
});

describe('threat 9: a name that is not ASCII', () => {
  it.each([
    ['김철수', "UTF-8''%EA%B9%80%EC%B2%A0%EC%88%98"],
    ['é', "UTF-8''%C3%A9"],
    [' padded ', "UTF-8''%20padded%20"],
    ['a\r\nX-User-Roles: admin', "UTF-8''a%0D%0AX-User-Roles%3A%20admin"],
    ['tab\there', "UTF-8''tab%09here"],
    ['', "UTF-8''"],
    ["UTF-8''admin", "UTF-8''UTF-8%27%27admin"],
    ['plain (one) 100%', 'plain (one) 100%'],
  ])('%j is written as %s', (user, header) => {
    expect(headersOf({ user })?.['x-user-id']).toBe(header);
  });

  it('a role with a comma is one role', () => {
    expect(headersOf({ roles: ['a,admin', '개발'] })?.['x-user-roles']).toBe(
      "UTF-8''a%2Cadmin, UTF-8''%EA%B0%9C%EB%B0%9C",
    );
  });

  it('whatever it is, it can be sent and read back', () => {
    assert(
      property(string({ unit: 'binary' }), (user) => {
        const value = headersOf({ user })?.['x-user-id'] ?? '';
        validateHeaderValue('x-user-id', value);
        const read = value.startsWith("UTF-8''") ? decodeURIComponent(value.slice(7)) : value;
        expect(read).toBe(user);
      }),
    );
  });
});
