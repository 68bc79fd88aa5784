import { describe, expect, it } from 'vitest';
import type { Call } from '../../core/call.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { META } from '../../core/protocol.ts';
import { result } from '../../core/reply.ts';
import { type Endpoint, type ModernChanges, serve } from '../testing.ts';

/** An endpoint that keeps the calls it was given. */
async function recording(): Promise<{ endpoint: Endpoint; calls: Call[] }> {
  const calls: Call[] = [];
  const endpoint = await serve({
    handle: (call) => {
      calls.push(call);
      return Promise.resolve(result({}));
    },
  });
  return { endpoint, calls };
}

const base64 = (text: string): string => `=?base64?${Buffer.from(text).toString('base64')}?=`;
const V = META.protocolVersion;
const CAPABILITIES = META.clientCapabilities;

describe('a request that is refused', () => {
  it.each<[string, ModernChanges, number, number]>([
    ['a version that is no string', { meta: { [V]: 20260728 } }, 400, -32602],
    ['a version of null', { meta: { [V]: null } }, 400, -32602],
    ['no capabilities', { meta: { [CAPABILITIES]: undefined } }, 400, -32602],
    ['capabilities of null', { meta: { [CAPABILITIES]: null } }, 400, -32602],
    ['capabilities in a list', { meta: { [CAPABILITIES]: [] } }, 400, -32602],
    ['capabilities that are a string', { meta: { [CAPABILITIES]: '{}' } }, 400, -32602],
    ['no version in _meta', { meta: { [V]: undefined } }, 400, -32602],
    ['another version in the header', { headers: { 'mcp-protocol-version': '2025-11-25' } }, 400, -32020],
    ['no version header', { headers: { 'mcp-protocol-version': undefined } }, 400, -32020],
    ['no Mcp-Method', { headers: { 'mcp-method': undefined } }, 400, -32020],
    ['another Mcp-Method', { headers: { 'mcp-method': 'tools/list' } }, 400, -32020],
    ['Mcp-Method in another case', { headers: { 'mcp-method': 'Tools/Call' } }, 400, -32020],
    ['no Mcp-Name', { headers: { 'mcp-name': undefined } }, 400, -32020],
    ['an empty Mcp-Name', { headers: { 'mcp-name': '' } }, 400, -32020],
    ['another Mcp-Name', { headers: { 'mcp-name': 'other' } }, 400, -32020],
    ['Mcp-Name in another case', { headers: { 'mcp-name': 'Tool' } }, 400, -32020],
    ['a broken encoding', { headers: { 'mcp-name': '=?base64?dG9vbA=' } }, 400, -32020],
    ['an encoding of broken UTF-8', { headers: { 'mcp-name': '=?base64?gICA?=' } }, 400, -32020],
    ['an encoding of another name', { headers: { 'mcp-name': base64('other') } }, 400, -32020],
    ['a log level that is none', { meta: { [META.logLevel]: 'loud' } }, 200, -32602],
    ['a log level of toString', { meta: { [META.logLevel]: 'toString' } }, 200, -32602],
  ])('%s', async (_title, changes, status, code) => {
    const { endpoint, calls } = await recording();
    await using _ = endpoint;
    const answer = await endpoint.modern('tools/call', { name: 'tool' }, { ...changes, id: 'mine' });
    expect(answer.status).toBe(status);
    // > Error responses MUST include the same ID as the request they correspond to  (basic/index)
    expect(answer.last).toMatchObject({ id: 'mine', error: { code } });
    expect(calls).toEqual([]);
  });

  it('initialize under the modern header carries its id, too', async () => {
    const { endpoint, calls } = await recording();
    await using _ = endpoint;
    const hello = { jsonrpc: '2.0', id: 7, method: 'initialize', params: { protocolVersion: '2025-11-25' } };
    const answer = await endpoint.post(hello, { 'mcp-protocol-version': '2026-07-28' });
    expect(answer.status).toBe(400);
    expect(answer.last).toMatchObject({ id: 7, error: { code: -32020 } });
    expect(calls).toEqual([]);
  });

  it.each<[string, JsonValue | undefined]>([
    ['missing', undefined],
    ['a number', 5],
    ['an object', {}],
  ])('an Mcp-Name that cannot be decoded, and a name that is %s', async (_title, name) => {
    const { endpoint, calls } = await recording();
    await using _ = endpoint;
    const params: JsonObject = name === undefined ? {} : { name };
    const answer = await endpoint.modern('tools/call', params, { headers: { 'mcp-name': '=?base64?%?=' } });
    expect(answer).toMatchObject({ status: 400, last: { error: { code: -32020 } } });
    expect(calls).toEqual([]);
  });

  it.each(['2026-07-29', '2027-01-01', '2025-11-25', '', 'draft', '2026-07-28 '])(
    'the version %j: 400, -32022, and what is spoken instead',
    async (version) => {
      const { endpoint, calls } = await recording();
      await using _ = endpoint;
      const changes = { meta: { [V]: version }, headers: { 'mcp-protocol-version': undefined } };
      const answer = await endpoint.modern('tools/list', {}, changes);
      expect(answer.status).toBe(400);
      expect(answer.last.error).toMatchObject({
        code: -32022,
        data: { supported: ['2026-07-28'], requested: version },
      });
      expect(calls).toEqual([]);
    },
  );

  it('is told of the first thing that is wrong: _meta, the headers against it, the version, the other headers', async () => {
    const { endpoint } = await recording();
    await using _ = endpoint;
    const code = async (changes: ModernChanges): Promise<number | undefined> =>
      (await endpoint.modern('tools/call', { name: 'x' }, changes)).last.error?.code;
    const method = { 'mcp-method': 'other' };
    const future = { [V]: '2027-01-01' };
    expect(await code({ meta: { ...future, [CAPABILITIES]: 1 }, headers: method })).toBe(-32602);
    expect(await code({ meta: future, headers: method })).toBe(-32020);
    expect(await code({ meta: future, headers: { ...method, 'mcp-protocol-version': '2027-01-01' } })).toBe(
      -32022,
    );
    expect(await code({ headers: method })).toBe(-32020);
  });

  it.each<[string, JsonObject]>([
    ['inputResponses in a list', { inputResponses: [] }],
    ['inputResponses that are a string', { inputResponses: 'x' }],
    ['an answer that is no object', { inputResponses: { a: 'yes' } }],
    ['an answer of null', { inputResponses: { a: null } }],
    ['requestState that is a number', { requestState: 1 }],
    ['requestState that is null', { requestState: null }],
  ])('%s: -32602 in a 200', async (_title, more) => {
    const { endpoint, calls } = await recording();
    await using _ = endpoint;
    const answer = await endpoint.modern('tools/call', { name: 'x', ...more });
    expect(answer).toMatchObject({ status: 200, last: { id: 1, error: { code: -32602 } } });
    expect(calls).toEqual([]);
  });
});

describe('the name in a header', () => {
  it.each<[method: string, params: JsonObject]>([
    ['tools/call', { name: 'a' }],
    ['prompts/get', { name: 'a' }],
    ['resources/read', { uri: 'file:///a' }],
  ])('is needed for %s, and must be that of the body', async (method, params) => {
    const { endpoint, calls } = await recording();
    await using _ = endpoint;
    expect((await endpoint.modern(method, params)).status).toBe(200);
    for (const value of ['b', undefined]) {
      const answer = await endpoint.modern(method, params, { headers: { 'mcp-name': value } });
      expect(answer, String(value)).toMatchObject({ status: 400, last: { error: { code: -32020 } } });
    }
    expect(calls).toHaveLength(1);
  });

  it.each(['tools/list', 'server/discover', 'completion/complete', 'x/unknown'])(
    'is neither needed nor looked at for %s',
    async (method) => {
      const { endpoint } = await recording();
      await using _ = endpoint;
      expect((await endpoint.modern(method)).status).toBe(200);
      expect((await endpoint.modern(method, {}, { headers: { 'mcp-name': 'x' } })).status).toBe(200);
    },
  );

  it.each([
    ['plain', 'plain'],
    ['two words', 'two words'],
    [base64('plain'), 'plain'],
    [base64('이름 😀'), '이름 😀'],
    [base64(' padded '), ' padded '],
    [base64('\ufeffmark'), '\ufeffmark'],
    [base64('=?base64?AAAA?='), '=?base64?AAAA?='],
    [base64(''), ''],
    ['=?utf-8?q?x?=', '=?utf-8?q?x?='],
  ])('%j stands for %j', async (header, name) => {
    const { endpoint, calls } = await recording();
    await using _ = endpoint;
    const answer = await endpoint.modern('tools/call', { name }, { headers: { 'mcp-name': header } });
    expect(answer.status).toBe(200);
    expect(calls[0]?.params['name']).toBe(name);
  });

  it.each(['__proto__', 'constructor', 'toString'])('%s as a method is in no table', async (method) => {
    const { endpoint, calls } = await recording();
    await using _ = endpoint;
    expect((await endpoint.modern(method)).status).toBe(200);
    expect(calls[0]?.method).toBe(method);
  });
});

describe('the call that comes of a request', () => {
  it('has everything the request says, each in its place', async () => {
    const { endpoint, calls } = await recording();
    await using _ = endpoint;
    const meta = {
      [CAPABILITIES]: { elicitation: { form: {} } },
      [META.clientInfo]: { name: 'c', version: '2' },
      [META.logLevel]: 'warning',
      'io.modelcontextprotocol/unknown': 1,
      progressToken: 'p',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      'vendor.example/key': { deep: [1] },
    };
    const headers = { 'x-test-principal': 'bob', 'x-test-scope': 'files' };
    await endpoint.modern('tools/call', { name: 'x', arguments: { a: 1 } }, { meta, headers });
    expect(calls[0]).toMatchObject({
      principal: { id: 'bob' },
      scope: 'files',
      method: 'tools/call',
      client: {
        era: 'modern',
        protocolVersion: '2026-07-28',
        info: { name: 'c', version: '2' },
        capabilities: { elicitation: { form: {} } },
      },
      wantsProgress: true,
      logLevel: 'warning',
      answers: undefined,
    });
    expect(calls[0]?.params).toEqual({ name: 'x', arguments: { a: 1 } });
    expect(calls[0]?.meta).toEqual({
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      'vendor.example/key': { deep: [1] },
    });
  });

  it('has nothing that the request does not say', async () => {
    const { endpoint, calls } = await recording();
    await using _ = endpoint;
    await endpoint.modern('tools/list');
    const { scope, params, meta, answers, wantsProgress, logLevel, client } = calls[0] ?? {};
    expect({ scope, params, meta, answers, wantsProgress, logLevel, client }).toEqual({
      scope: undefined,
      params: {},
      meta: undefined,
      answers: undefined,
      wantsProgress: false,
      logLevel: undefined,
      client: { era: 'modern', protocolVersion: '2026-07-28', info: undefined, capabilities: {} },
    });
  });

  it('has an id of its own, never the client’s', async () => {
    const { endpoint, calls } = await recording();
    await using _ = endpoint;
    for (let i = 0; i < 3; i++) await endpoint.modern('tools/list', {}, { id: 'same' });
    expect(new Set(calls.map(({ id }) => id)).size).toBe(3);
    expect(calls.map(({ id }) => id)).not.toContain('same');
  });

  it('has the answers to an earlier round apart from the parameters, by own keys', async () => {
    const { endpoint, calls } = await recording();
    await using _ = endpoint;
    const inputResponses = JSON.parse(
      '{"a":{"action":"accept"},"__proto__":{"x":1},"constructor":{}}',
    ) as JsonObject;
    await endpoint.modern('tools/call', { name: 'x', inputResponses, requestState: 'sealed' });
    const { params, answers } = calls[0] ?? {};
    expect(params).toEqual({ name: 'x' });
    expect(answers?.state).toBe('sealed');
    expect([...(answers?.responses ?? [])]).toEqual([
      ['a', { result: { action: 'accept' } }],
      ['__proto__', { result: { x: 1 } }],
      ['constructor', { result: {} }],
    ]);
  });

  it.each(['tools/list', 'completion/complete'])(
    '%s takes no answers: they are parameters',
    async (method) => {
      const { endpoint, calls } = await recording();
      await using _ = endpoint;
      await endpoint.modern(method, { requestState: 'x', inputResponses: {} });
      expect(calls[0]).toMatchObject({
        answers: undefined,
        params: { requestState: 'x', inputResponses: {} },
      });
    },
  );

  it('keeps __proto__ as the name that it is, and changes no object by it', async () => {
    const { endpoint, calls } = await recording();
    await using _ = endpoint;
    const headers = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': 'x' };
    const meta = `"_meta":{"${V}":"2026-07-28","${CAPABILITIES}":{},"__proto__":{"polluted":1},"constructor":{"polluted":1}}`;
    const params = `"name":"x","__proto__":{"polluted":1},"arguments":{"__proto__":{"polluted":1}}`;
    const body = `{"jsonrpc":"2.0","id":1,"method":"tools/call","__proto__":{"polluted":1},"params":{${params},${meta}}}`;
    expect((await endpoint.post(body, headers)).status).toBe(200);
    const { params: got, meta: rest } = calls[0] ?? {};
    expect(JSON.stringify(got)).toBe(
      '{"name":"x","__proto__":{"polluted":1},"arguments":{"__proto__":{"polluted":1}}}',
    );
    expect(JSON.stringify(rest)).toBe('{"constructor":{"polluted":1}}');
    for (const object of [got, rest, {}]) expect(Reflect.get(object ?? {}, 'polluted')).toBeUndefined();
  });
});
