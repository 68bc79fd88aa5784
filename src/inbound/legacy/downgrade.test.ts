import { describe, expect, it } from 'vitest';
import { Body } from '../../core/body.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { failure, type Reply, result } from '../../core/reply.ts';
import { capabilitiesOf, downgrade } from './downgrade.ts';

const VERSIONS = ['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25'] as const;

/** The object that is said to a client of a version. */
function said(value: JsonObject, method: string, version: string): JsonObject {
  const reply = downgrade(result(value), method, version);
  if (reply.kind !== 'result') throw new Error(reply.error.message);
  return reply.body.parse();
}

const TEXT = { type: 'text', text: 'hello' };
const AUDIO = { type: 'audio', mimeType: 'audio/wav', data: 'AAAA', annotations: { priority: 1 } };
const LINK = {
  type: 'resource_link',
  uri: 'file:///a',
  name: 'a',
  description: 'The a',
  _meta: { 'x/y': 1 },
};
const FUTURE = { type: 'hologram', data: 1 };

describe('content blocks', () => {
  it.each([
    ['2024-11-05', ['text', 'text', 'text', 'hologram']],
    ['2025-03-26', ['text', 'audio', 'text', 'hologram']],
    ['2025-06-18', ['text', 'audio', 'resource_link', 'hologram']],
    ['2025-11-25', ['text', 'audio', 'resource_link', 'hologram']],
  ])('of %s are those it knows', (version, types) => {
    const content = [TEXT, AUDIO, LINK, FUTURE];
    const called = said({ content, isError: true, later: 1 }, 'tools/call', version);
    expect(called).toMatchObject({ isError: true, later: 1 });
    expect((called['content'] as JsonObject[]).map(({ type }) => type)).toEqual(types);
    const messages = content.map((block) => ({ role: 'user', content: block }));
    const got = said({ messages, description: 'd' }, 'prompts/get', version);
    expect(got['description']).toBe('d');
    expect(
      (got['messages'] as { role: string; content: JsonObject }[]).map((each) => each.content['type']),
    ).toEqual(types);
  });

  it('become a text that says what they were, and keep what belongs to every block', () => {
    const { content } = said({ content: [AUDIO, LINK] }, 'tools/call', '2024-11-05');
    expect(content).toEqual([
      {
        type: 'text',
        text: '[3 bytes of audio (audio/wav) that this client cannot take]',
        annotations: { priority: 1 },
      },
      { type: 'text', text: 'a: The a <file:///a>', _meta: { 'x/y': 1 } },
    ]);
  });

  it.each<JsonValue>([
    null,
    1,
    'audio',
    [],
    {},
    { type: 'audio' },
    { type: 'resource_link', uri: {} },
    { type: {} },
  ])('that are none hurt nobody: %j', (block) => {
    expect(said({ content: [block, AUDIO] }, 'tools/call', '2024-11-05')['content']).toHaveLength(2);
    expect(said({ content: block, x: 'audio' }, 'tools/call', '2024-11-05')['x']).toBe('audio');
    expect(said({ messages: [block], x: 'audio' }, 'prompts/get', '2024-11-05')['messages']).toHaveLength(1);
  });
});

describe('structuredContent', () => {
  it.each<JsonValue>([[1, 2], 'text', 1, true, null, []])('%j becomes an object, and a text', (value) => {
    for (const version of VERSIONS) {
      const old = said({ content: [], structuredContent: value, other: 1 }, 'tools/call', version);
      expect(old).toEqual({
        content: [{ type: 'text', text: JSON.stringify(value) }],
        structuredContent: { result: value },
        other: 1,
      });
    }
  });

  it('has no second text where there is one', () => {
    const old = said({ content: [TEXT], structuredContent: [1] }, 'tools/call', '2025-11-25');
    expect(old).toEqual({ content: [TEXT], structuredContent: { result: [1] } });
  });

  it('may come without content', () => {
    const old = said({ structuredContent: 0 }, 'tools/call', '2025-06-18');
    expect(old['content']).toEqual([{ type: 'text', text: '0' }]);
  });
});

/** Bytes as a server sends them, cut into pieces of a size. */
function chunked(json: string, size: number): Body {
  const bytes = Buffer.from(json);
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
  return Body.chunks(chunks, bytes.length);
}

describe('the bytes of a result', () => {
  const large = `{"content":[{"type":"text","text":"${'x'.repeat(200)}"}],"structuredContent" : {"a": 1.0}}`;

  it.each(VERSIONS)('stay as they are where %s has nothing to change', (version) => {
    const wire = Body.wire(large);
    for (const method of ['tools/call', 'prompts/get', 'completion/complete', 'resources/read'])
      expect(downgrade({ kind: 'result', body: wire }, method, version)).toEqual({
        kind: 'result',
        body: wire,
      });
    const body = chunked(large, 100_000);
    const reply = downgrade({ kind: 'result', body }, 'tools/call', version);
    expect(reply.kind === 'result' && reply.body).toBe(body);
  });

  it.each([1, 2, 7, 16, 63, 64, 65, 100, 1000])('are looked through in pieces of %i', (size) => {
    const pad = 'y'.repeat(150);
    const cases: [JsonObject, string][] = [
      [{ pad, content: [AUDIO], more: pad }, '2024-11-05'],
      [{ pad, content: [LINK], more: pad }, '2025-03-26'],
      [{ pad, structuredContent: [1], more: pad }, '2025-11-25'],
    ];
    for (const [value, version] of cases) {
      const reply = downgrade(
        { kind: 'result', body: chunked(JSON.stringify(value), size) },
        'tools/call',
        version,
      );
      expect(reply.kind === 'result' && reply.body.parse()).toEqual(said(value, 'tools/call', version));
      expect(reply.kind === 'result' && reply.body.parse()).not.toEqual(value);
    }
  });

  it('may only look as if something had to change', () => {
    const text = '{"content":[{"type":"text","text":"\\"structuredContent\\":1, \\"audio\\""}]}';
    const reply = downgrade({ kind: 'result', body: Body.wire(text) }, 'tools/call', '2024-11-05');
    expect(reply.kind === 'result' && reply.body.parse()).toEqual(JSON.parse(text));
  });

  it('that are no JSON are found out when they have to be looked into', () => {
    const body = Body.wire('{"structuredContent":[}');
    expect(() => downgrade({ kind: 'result', body }, 'tools/call', '2025-11-25')).toThrow(SyntaxError);
  });
});

describe('cache hints', () => {
  it.each(['tools/list', 'prompts/list', 'resources/list', 'resources/templates/list', 'resources/read'])(
    'of %s are left out',
    (method) => {
      expect(said({ a: [], ttlMs: 5, cacheScope: 'public', later: 1 }, method, '2025-11-25')).toEqual({
        a: [],
        later: 1,
      });
    },
  );

  it('are somebody’s own members elsewhere', () => {
    expect(said({ ttlMs: 5 }, 'tools/call', '2025-11-25')).toEqual({ ttlMs: 5 });
  });
});

describe('errors', () => {
  it.each([-32020, -32021, -32022])('%i of the modern era is an internal one, with what it says', (code) => {
    const error = { code, message: 'm', data: { requiredCapabilities: { sampling: {} } } };
    expect(downgrade({ kind: 'failure', error }, 'tools/call', '2025-11-25')).toEqual({
      kind: 'failure',
      error: { ...error, code: -32603 },
    });
  });

  it.each([-32700, -32603, -32602, -32601, -32042, -32002, -32000, 1])('%i is passed on', (code) => {
    const reply: Reply = { kind: 'failure', error: { code, message: 'm' } };
    expect(downgrade(reply, 'tools/call', '2025-03-26')).toBe(reply);
  });

  it('are what becomes of a kind of result that no legacy client knows', () => {
    const task: Reply = { kind: 'result', body: Body.value({ taskId: '1' }), resultType: 'task' };
    expect(downgrade(task, 'tools/call', '2025-11-25')).toMatchObject({ error: { code: -32603 } });
    const asked: Reply = { kind: 'input_required', inputRequests: {} };
    expect(downgrade(asked, 'tools/call', '2025-11-25')).toEqual(failure('input_unsupported'));
  });
});

describe('what a client declares', () => {
  const elicitation = { form: {}, url: {} };
  it.each<[string, JsonObject]>([
    ['2024-11-05', { roots: {} }],
    ['2025-03-26', { roots: {} }],
    ['2025-06-18', { roots: {}, elicitation: {} }],
    ['2025-11-25', { roots: {}, elicitation }],
  ])('counts as far as %s can do it', (version, expected) => {
    expect(capabilitiesOf(version, { roots: {}, elicitation })).toEqual(expected);
    expect(capabilitiesOf(version, { roots: {} })).toEqual({ roots: {} });
  });
});
