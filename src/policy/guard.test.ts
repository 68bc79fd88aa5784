import { describe, expect, it } from 'vitest';
import { type GuardConfig, guard as section } from '../config/guard.ts';
import type { Call, Notification } from '../core/call.ts';
import { Cancellation } from '../core/cancellation.ts';
import type { Handler } from '../core/handler.ts';
import type { JsonObject } from '../core/json.ts';
import { type Reply, result } from '../core/reply.ts';
import { Trail } from '../core/trail.ts';
import { createEngine, type Engine } from '../pii/engine.ts';
import { Operators } from '../pii/operators.ts';
import { KeyRing } from '../pii/vault/key-ring.ts';
import { MemoryTokenStore } from '../pii/vault/tokens.ts';
import { Guard } from './guard.ts';

const EMAIL = 'kim.minsu@example.com';
const RRN = '900101-1234567';

interface Setup {
  readonly config: object;
  readonly engine?: Engine;
}

/** A guard before a server called `crm`, and what it told. */
function setup({ config, engine = createEngine() }: Setup) {
  const parsed = section.parse(config);
  if (!parsed) throw new Error('no section');
  const ring = KeyRing.fresh();
  const operators = new Operators(() => ring, new MemoryTokenStore(60_000));
  const warnings: object[] = [];
  const make = (server: string, changes: Partial<GuardConfig> = {}): Guard =>
    new Guard(server, {
      config: { ...parsed, ...changes },
      engine,
      operators,
      warn: (detail) => void warnings.push(detail),
    });
  return { make, warnings };
}

function call(changes: Partial<Call> = {}): Call & { trail: Trail } {
  return {
    id: 'call-1',
    principal: { id: 'alice', via: 'token' },
    client: { era: 'modern', protocolVersion: '2026-07-28', info: undefined, capabilities: {} },
    scope: undefined,
    method: 'tools/call',
    params: { name: 'send', arguments: { to: EMAIL } },
    meta: undefined,
    answers: undefined,
    wantsProgress: false,
    logLevel: undefined,
    cancellation: new Cancellation(),
    notify: () => {},
    ...changes,
    trail: new Trail(),
  };
}

/** Sends a call through a guard to a server that answers with `reply`. */
async function through(guard: Guard, sent: Call, reply: Reply | Handler = result({})) {
  let got: Call | undefined;
  const answer = await guard.policy((inner) => {
    got = inner;
    return typeof reply === 'function' ? reply(inner) : Promise.resolve(reply);
  })(sent);
  return { got, answer };
}

function bodyOf(reply: Reply): JsonObject {
  if (reply.kind !== 'result') throw new Error(`it is ${reply.kind}`);
  return reply.body.parse();
}

const MASK_ALL = { policies: [{ action: 'mask' }] };

describe('the guard, on the way to the server', () => {
  it('masks what is in the arguments, and leaves the name of the tool', async () => {
    const sent = call({
      params: { name: 'send', arguments: { to: EMAIL, list: [{ 주민번호: '9001011234567' }] } },
    });
    const { got } = await through(setup({ config: MASK_ALL }).make('crm'), sent);
    expect(got?.params).toEqual({
      name: 'send',
      arguments: { to: '***.*****@*******.***', list: [{ 주민번호: '*'.repeat(13) }] },
    });
    expect(sent.params['arguments'], 'what the client sent stays as it was').toHaveProperty('to', EMAIL);
    expect(Object.fromEntries(sent.trail.pii)).toEqual({ EMAIL_ADDRESS: 1, KR_RRN: 1 });
    expect([...sent.trail.actions]).toEqual(['mask']);
  });

  it('masks the answers to questions', async () => {
    const answers = {
      responses: new Map([['q', { result: { action: 'accept', content: { email: EMAIL } } }]]),
      state: 's',
    };
    const { got } = await through(setup({ config: MASK_ALL }).make('crm'), call({ answers }));
    expect(JSON.stringify([...(got?.answers?.responses ?? [])])).not.toContain('kim');
    expect(got?.answers?.state).toBe('s');
  });

  it('rejects without a word about the value, and the server hears nothing', async () => {
    const config = { policies: [{ name: 'strict', action: 'reject', entities: ['KR_*'] }] };
    const sent = call({ params: { name: 'send', arguments: { text: `주민번호 ${RRN}` } } });
    const { got, answer } = await through(setup({ config }).make('crm'), sent);
    expect(got).toBeUndefined();
    expect(bodyOf(answer)).toMatchObject({ isError: true });
    expect(JSON.stringify(bodyOf(answer))).toContain('KR_RRN, by the policy strict');
    expect(JSON.stringify(bodyOf(answer))).not.toContain('900101');
    const prompt = await through(setup({ config }).make('crm'), { ...sent, method: 'prompts/get' });
    expect(prompt.answer).toMatchObject({ kind: 'failure', error: { data: { reason: 'pii_rejected' } } });
  });
});

describe('the guard, on the way back', () => {
  const guard = setup({ config: { policies: [{ action: 'redact', direction: 'results' }] } }).make('crm');

  it('redacts text, structured content, resources and prompts', async () => {
    const reply = result({
      content: [
        { type: 'text', text: `mail ${EMAIL}` },
        { type: 'resource', resource: { uri: 'x://1', text: `RRN ${RRN}` } },
      ],
      structuredContent: { customer: { 이름: '홍길동' } },
      messages: [{ role: 'user', content: { type: 'text', text: '+82 10-1234-5678' } }],
      contents: [{ uri: 'x://2', text: EMAIL }],
    });
    const { got, answer } = await through(guard, call(), reply);
    expect(got?.params['arguments'], 'arguments are another direction').toEqual({ to: EMAIL });
    expect(bodyOf(answer)).toEqual({
      content: [
        { type: 'text', text: 'mail [EMAIL_ADDRESS]' },
        { type: 'resource', resource: { uri: 'x://1', text: 'RRN [KR_RRN]' } },
      ],
      structuredContent: { customer: { 이름: '[PERSON]' } },
      messages: [{ role: 'user', content: { type: 'text', text: '[PHONE_NUMBER]' } }],
      contents: [{ uri: 'x://2', text: '[EMAIL_ADDRESS]' }],
    });
  });

  it('redacts errors with their data, and questions', async () => {
    const error: Reply = {
      kind: 'failure',
      error: { code: -32000, message: `no ${EMAIL}`, data: { id: RRN } },
    };
    expect((await through(guard, call(), error)).answer).toEqual({
      kind: 'failure',
      error: { code: -32000, message: 'no [EMAIL_ADDRESS]', data: { id: '[KR_RRN]' } },
    });
    const question: Reply = {
      kind: 'input_required',
      inputRequests: { q: { method: 'elicitation/create', params: { message: `Is it ${EMAIL}?` } } },
      requestState: 's',
    };
    expect((await through(guard, call(), question)).answer).toMatchObject({
      inputRequests: { q: { params: { message: 'Is it [EMAIL_ADDRESS]?' } } },
      requestState: 's',
    });
  });

  it('redacts progress and log messages, and leaves out what it cannot scan', async () => {
    const told: Notification[] = [];
    const sent = call({ notify: (notification) => void told.push(notification) });
    const chatty: Handler = (inner) => {
      inner.notify({ method: 'notifications/message', params: { level: 'info', data: `from ${EMAIL}` } });
      return Promise.resolve(result({}));
    };
    await through(guard, sent, chatty);
    const broken = setup({ config: MASK_ALL, engine: failing('from') }).make('crm');
    await through(broken, sent, chatty);
    expect(told).toEqual([
      { method: 'notifications/message', params: { level: 'info', data: 'from [EMAIL_ADDRESS]' } },
    ]);
  });

  it('leaves a reply without a find the very same, byte for byte', async () => {
    const reply = result({ content: [{ type: 'text', text: 'nothing here' }] });
    expect((await through(guard, call(), reply)).answer).toBe(reply);
  });
});

describe('policies', () => {
  it('are about servers, tools, directions and entities; the first that fits decides', async () => {
    const config = {
      policies: [
        { action: 'allow', servers: ['internal'] },
        { action: 'allow', tools: ['send*'], direction: 'arguments', entities: ['EMAIL_ADDRESS'] },
        { action: 'mask', keep: 4, entities: ['PHONE_NUMBER'] },
        { action: 'redact', entities: ['EMAIL_ADDRESS'] },
      ],
    };
    const { make } = setup({ config });
    const text = `${EMAIL} 010-1234-5678 ${RRN}`;
    const ask = async (server: string, name: string): Promise<unknown> => {
      const { got, answer } = await through(
        make(server),
        call({ params: { name, arguments: { text } } }),
        result({ text }),
      );
      return [got?.params['arguments'], bodyOf(answer)].map((value) => (value as JsonObject)['text']);
    };
    const masked = '***-****-5678';
    expect(await ask('internal', 'send')).toEqual([text, text]);
    expect(await ask('crm', 'send_mail')).toEqual([
      `${EMAIL} ${masked} ${RRN}`,
      `[EMAIL_ADDRESS] ${masked} ${RRN}`,
    ]);
    expect(await ask('crm', 'read')).toEqual([
      `[EMAIL_ADDRESS] ${masked} ${RRN}`,
      `[EMAIL_ADDRESS] ${masked} ${RRN}`,
    ]);
  });

  it('without any, everything is counted and left', async () => {
    const sent = call();
    const { got } = await through(setup({ config: {} }).make('crm'), sent);
    expect(got?.params).toEqual(sent.params);
    expect(Object.fromEntries(sent.trail.pii)).toEqual({ EMAIL_ADDRESS: 1 });
    expect([...sent.trail.actions]).toEqual(['log']);
  });
});

describe.each(['encrypt', 'tokenize'])('what %s hides', (action) => {
  const { make } = setup({ config: { policies: [{ action }], restore: ['mail'] } });
  const hide = async (): Promise<string> => {
    const reply = result({ content: [{ type: 'text', text: `Write to ${EMAIL}.` }] });
    const { answer } = await through(make('crm'), call({ params: { name: 'find' } }), reply);
    return JSON.stringify(bodyOf(answer));
  };
  const use = async (text: string, server: string, changes: Partial<Call> = {}) => {
    const sent = call({ params: { name: 'send', arguments: { text } }, ...changes });
    const { got } = await through(make(server), sent);
    return { text: JSON.stringify(got?.params['arguments']), restored: sent.trail.restored };
  };

  it('is put back for a server that is to see it, and is counted', async () => {
    const hidden = await hide();
    expect(hidden).not.toContain('kim');
    const seen = await use(hidden, 'mail');
    expect(seen.text).toContain(EMAIL);
    expect(seen.restored).toBe(1);
  });

  it('is not for another server, nor for another user', async () => {
    const hidden = await hide();
    expect((await use(hidden, 'crm')).text).not.toContain(EMAIL);
    const bob = await use(hidden, 'mail', { principal: { id: 'bob', via: 'token' } });
    expect(bob).toMatchObject({ restored: 0 });
    expect(bob.text).not.toContain(EMAIL);
  });

  it('is put back for whoever has the scope pii.decrypt, said and not implied', async () => {
    const hidden = await hide();
    const scopes = (list: string[] | undefined): Partial<Call> => ({
      principal: { id: 'alice', via: 'token', scopes: list },
    });
    expect((await use(hidden, 'crm', scopes(['pii.decrypt']))).text).toContain(EMAIL);
    expect((await use(hidden, 'crm', scopes(['mcp.access']))).text).not.toContain(EMAIL);
    expect((await use(hidden, 'crm', scopes(undefined))).text).not.toContain(EMAIL);
  });
});

/** An engine that breaks at a text. */
function failing(at: string): Engine {
  const scan = (text: string): [] => {
    if (text.includes(at)) throw new Error(`cannot read ${text}`);
    return [];
  };
  return { scan, scanKey: scan };
}

describe('what cannot be scanned', () => {
  const CANARY = 'canary-7f3a';
  // Among few texts nobody looks at the clock.
  const MANY = Array.from({ length: 20 }, () => 'x');
  const cases: [string, Setup][] = [
    ['too large', { config: { size: 4, policies: [{ action: 'mask' }] } }],
    ['a failure of the scanner', { config: MASK_ALL, engine: failing(CANARY) }],
    ['too slow', { config: { timeout: 1, ...MASK_ALL }, engine: slow() }],
  ];

  it.each(cases)('is refused: %s', async (_title, options) => {
    const { make, warnings } = setup(options);
    const sent = call({ params: { name: 'send', arguments: { text: CANARY, more: MANY } } });
    const { got, answer } = await through(make('crm'), sent);
    expect(got).toBeUndefined();
    expect(answer).toMatchObject({ kind: 'failure', error: { data: { reason: 'guard_failed' } } });
    expect([...sent.trail.actions]).toEqual(['guard_failed']);
    expect(warnings).toHaveLength(1);
    expect(JSON.stringify([answer, warnings])).not.toContain(CANARY);
  });

  it.each(cases)('is refused on the way back too: %s', async (_title, options) => {
    const { make } = setup({
      ...options,
      config: { ...options.config, policies: [{ action: 'mask', direction: 'results' }] },
    });
    const reply = result({
      content: [{ type: 'text', text: CANARY }, ...MANY.map((text) => ({ type: 'text', text }))],
    });
    const { answer } = await through(make('crm'), call(), reply);
    expect(answer).toMatchObject({ kind: 'failure', error: { data: { reason: 'guard_failed' } } });
  });

  it.each(cases)('passes where the config says so, and that is told: %s', async (_title, options) => {
    const { make, warnings } = setup(options);
    const sent = call({ params: { name: 'send', arguments: { text: CANARY, more: MANY } } });
    const { got } = await through(make('crm', { onError: 'allow' }), sent);
    expect(got?.params).toEqual(sent.params);
    expect([...sent.trail.actions]).toContain('not_scanned');
    expect(warnings.length).toBeGreaterThan(0);
  });

  function slow(): Engine {
    const scan = (): [] => {
      const until = performance.now() + 5;
      while (performance.now() < until);
      return [];
    };
    return { scan, scanKey: scan };
  }
});
