import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Answers, Call } from '../core/call.ts';
import { Cancellation } from '../core/cancellation.ts';
import type { Handler } from '../core/handler.ts';
import type { JsonObject } from '../core/json.ts';
import { type Reply, result } from '../core/reply.ts';
import { Trail } from '../core/trail.ts';
import { sealRequestState } from './request-state.ts';

const STATE = 'the state of the server {"user":7}';
const QUESTIONS = { q: { method: 'elicitation/create', params: { message: '?' } } };

function call(changes: Partial<Call> = {}): Call {
  return {
    id: 'c',
    principal: { id: 'alice', via: 'token' },
    client: { era: 'modern', protocolVersion: '2026-07-28', info: undefined, capabilities: {} },
    scope: undefined,
    method: 'tools/call',
    params: { name: 'x', arguments: { a: 1, b: [{ c: 2, d: null }] } },
    meta: undefined,
    answers: undefined,
    wantsProgress: false,
    logLevel: undefined,
    cancellation: new Cancellation(),
    trail: new Trail(),
    notify: () => {},
    ...changes,
  };
}

/** The same call again, with a state. */
function again(state: string | undefined, changes: Partial<Call> = {}): Call {
  return call({
    answers: { responses: new Map([['q', { result: { action: 'accept' } }]]), state },
    ...changes,
  });
}

/** A server that asks once, and then tells what it was given. */
function asking(): { handle: Handler; given: (Answers | undefined)[] } {
  const given: (Answers | undefined)[] = [];
  const handle: Handler = ({ answers }) => {
    given.push(answers);
    if (answers?.state !== undefined) return Promise.resolve(result({ done: true }));
    return Promise.resolve({ kind: 'input_required', inputRequests: QUESTIONS, requestState: STATE });
  };
  return { handle, given };
}

async function asked(handle: Handler, about: Call = call()): Promise<string> {
  const reply = await handle(about);
  if (reply.kind !== 'input_required' || reply.requestState === undefined) throw new Error('it does not ask');
  return reply.requestState;
}

function reasonOf(reply: Reply): unknown {
  return reply.kind === 'failure' ? (reply.error.data as JsonObject)['reason'] : reply.kind;
}

afterEach(() => {
  vi.useRealTimers();
});

describe('the state of a server', () => {
  it('is sealed on its way out, and opened on its way back', async () => {
    const { handle, given } = asking();
    const sealed = sealRequestState()(handle);
    const state = await asked(sealed);
    expect(state).toMatch(/^[\w-]+$/);
    expect(Buffer.from(state, 'base64url').toString('latin1')).not.toContain('user');
    expect(reasonOf(await sealed(again(state)))).toBe('result');
    expect(given[1]).toEqual({ responses: new Map([['q', { result: { action: 'accept' } }]]), state: STATE });
  });

  it('looks different each time', async () => {
    const sealed = sealRequestState()(asking().handle);
    expect(await asked(sealed)).not.toBe(await asked(sealed));
  });

  it('may be empty, long, and of any characters', async () => {
    for (const state of ['', 'é😀\u0000\ud800', 'x'.repeat(100_000)]) {
      let got: string | undefined;
      const sealed = sealRequestState()(({ answers }) => {
        got = answers?.state;
        return Promise.resolve({ kind: 'input_required', inputRequests: {}, requestState: state });
      });
      await sealed(again(await asked(sealed)));
      expect(got).toBe(state);
    }
  });

  it('of a further round is sealed like that of the first', async () => {
    let round = 0;
    const sealed = sealRequestState()(({ answers }) => {
      expect(answers?.state).toBe(round === 0 ? undefined : `round ${round}`);
      round += 1;
      return Promise.resolve({ kind: 'input_required', inputRequests: {}, requestState: `round ${round}` });
    });
    let state: string | undefined;
    for (let i = 0; i < 4; i++) state = await asked(sealed, state === undefined ? call() : again(state));
    expect(round).toBe(4);
  });

  it('is the same call in whatever order its arguments stand, and from whatever client', async () => {
    const sealed = sealRequestState()(asking().handle);
    const state = await asked(sealed);
    const reordered = call({
      params: { arguments: { b: [{ d: null, c: 2 }], a: 1 }, name: 'x' },
      client: {
        era: 'legacy',
        protocolVersion: '2025-11-25',
        info: { name: 'other' },
        capabilities: { roots: {} },
      },
      meta: { traceparent: 'x' },
    });
    const { answers } = again(state);
    expect(reasonOf(await sealed({ ...reordered, answers }))).toBe('result');
  });
});

describe('a state that is not the caller’s own, unchanged, for this call', () => {
  it.each<[string, Partial<Call>]>([
    ['another principal', { principal: { id: 'mallory', via: 'token' } }],
    ['another endpoint', { scope: 'files' }],
    ['another method', { method: 'prompts/get' }],
    ['another tool', { params: { name: 'y', arguments: { a: 1, b: [{ c: 2, d: null }] } } }],
    ['another argument', { params: { name: 'x', arguments: { a: 2, b: [{ c: 2, d: null }] } } }],
    ['text for a number', { params: { name: 'x', arguments: { a: '1', b: [{ c: 2, d: null }] } } }],
    ['an argument more', { params: { name: 'x', arguments: { a: 1, b: [{ c: 2, d: null }], e: null } } }],
    ['an argument less', { params: { name: 'x', arguments: { a: 1 } } }],
    ['no arguments', { params: { name: 'x' } }],
  ])('from %s does not open', async (_title, changes) => {
    const { handle, given } = asking();
    const sealed = sealRequestState()(handle);
    const state = await asked(sealed);
    expect(reasonOf(await sealed(again(state, changes)))).toBe('invalid_request_state');
    expect(given, 'the server hears nothing of it').toHaveLength(1);
  });

  it('does not open with any bit changed', async () => {
    const { handle, given } = asking();
    const sealed = sealRequestState()(handle);
    const bytes = Buffer.from(await asked(sealed), 'base64url');
    for (let i = 0; i < bytes.length; i++) {
      const changed = Buffer.from(bytes);
      changed.writeUInt8(changed.readUInt8(i) ^ (1 << (i % 8)), i);
      expect(reasonOf(await sealed(again(changed.toString('base64url'))))).toBe('invalid_request_state');
    }
    expect(given).toHaveLength(1);
  });

  it('does not open in another spelling, or with something added or missing', async () => {
    const sealed = sealRequestState()(asking().handle);
    const state = await asked(sealed);
    const last = state.slice(0, -1);
    const spellings = [
      `${state}=`,
      `${state} `,
      ` ${state}`,
      `${state}\n`,
      `${state}A`,
      last,
      last.slice(0, -3),
      state.slice(1),
      `${state.slice(0, 10)}!${state.slice(10)}`,
      Buffer.from(state, 'base64url').toString('base64'),
      Buffer.from(state, 'base64url').toString('hex'),
      state + state,
      STATE,
      '',
      'A',
      'A'.repeat(37),
      'A'.repeat(38),
      '__proto__',
    ].filter((spelling) => spelling !== state);
    for (const spelling of spellings)
      expect(reasonOf(await sealed(again(spelling))), spelling).toBe('invalid_request_state');
    expect(reasonOf(await sealed(again(state)))).toBe('result');
  });

  it('does not open in another gateway, or in this one after a restart', async () => {
    const state = await asked(sealRequestState()(asking().handle));
    expect(reasonOf(await sealRequestState()(asking().handle)(again(state)))).toBe('invalid_request_state');
  });

  it('opens where the key is the same', async () => {
    const key = randomBytes(32);
    const state = await asked(sealRequestState({ key })(asking().handle));
    expect(reasonOf(await sealRequestState({ key })(asking().handle)(again(state)))).toBe('result');
  });

  it('does not open after its time', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const sealed = sealRequestState()(asking().handle);
    const state = await asked(sealed);
    const another = await asked(sealed);
    vi.setSystemTime(Date.now() + 29 * 60_000);
    expect(reasonOf(await sealed(again(state)))).toBe('result');
    vi.setSystemTime(Date.now() + 60_000 + 1);
    expect(reasonOf(await sealed(again(another)))).toBe('invalid_request_state');
  });

  it('has the time that it is given', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const sealed = sealRequestState({ validMs: 1000 })(asking().handle);
    const [state, another] = [await asked(sealed), await asked(sealed)];
    vi.setSystemTime(Date.now() + 999);
    expect(reasonOf(await sealed(again(state)))).toBe('result');
    vi.setSystemTime(Date.now() + 1);
    expect(reasonOf(await sealed(again(another)))).toBe('invalid_request_state');
  });

  it('opens once, however many come with it at the same time', async () => {
    const { handle, given } = asking();
    const sealed = sealRequestState()(handle);
    const [state, another] = [await asked(sealed), await asked(sealed)];
    const replies = await Promise.all([1, 2, 3].map(() => sealed(again(state))));
    expect(replies.map(reasonOf)).toEqual(['result', 'invalid_request_state', 'invalid_request_state']);
    expect(reasonOf(await sealed(again(another)))).toBe('result');
    expect(given).toHaveLength(4);
  });

  it('of a legacy client, which never has it in its hands, is not counted', async () => {
    const sealed = sealRequestState()(asking().handle);
    const client = {
      era: 'legacy',
      protocolVersion: '2025-11-25',
      info: undefined,
      capabilities: {},
    } as const;
    const state = await asked(sealed, call({ client }));
    expect(reasonOf(await sealed(again(state, { client })))).toBe('result');
    expect(reasonOf(await sealed(again(state)))).toBe('result');
    expect(reasonOf(await sealed(again(state)))).toBe('invalid_request_state');
  });

  it('is not used up by those who cannot open it', async () => {
    const sealed = sealRequestState()(asking().handle);
    const state = await asked(sealed);
    await sealed(again(state, { principal: { id: 'mallory', via: 'token' } }));
    expect(reasonOf(await sealed(again(state)))).toBe('result');
  });
});

describe('what has no state', () => {
  it.each<[string, Reply]>([
    ['a result', result({})],
    ['a failure', { kind: 'failure', error: { code: 1, message: 'm' } }],
    ['questions without a state', { kind: 'input_required', inputRequests: QUESTIONS }],
  ])('%s goes through as it is', async (_title, reply) => {
    expect(await sealRequestState()(() => Promise.resolve(reply))(call())).toBe(reply);
  });

  it('answers without a state reach the server without one', async () => {
    const { handle, given } = asking();
    await sealRequestState()(handle)(again(undefined));
    expect(given[0]?.state).toBeUndefined();
    expect(given[0]?.responses.size).toBe(1);
  });
});
