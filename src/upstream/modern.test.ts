import { describe, expect, it } from 'vitest';
import { toWire } from '../core/body.ts';
import type { Answer, Call } from '../core/call.ts';
import { Cancellation } from '../core/cancellation.ts';
import type { JsonObject } from '../core/json.ts';
import { META } from '../core/protocol.ts';
import type { Reply } from '../core/reply.ts';
import { Trail } from '../core/trail.ts';
import { readChunks, readLine } from '../wire/response-line.ts';
import { Link } from './link.ts';
import { open } from './probe.ts';

const SELF = { name: 'sallyport', version: '1' };

function callOf(options: Partial<Call> = {}): Call {
  return {
    id: '1',
    principal: { id: 'alice', via: 'token' },
    client: { era: 'modern', protocolVersion: '', info: { name: 'cursor', version: '2' }, capabilities: {} },
    scope: undefined,
    method: 'tools/call',
    params: { name: 'echo' },
    meta: undefined,
    answers: undefined,
    wantsProgress: false,
    logLevel: undefined,
    cancellation: new Cancellation(),
    trail: new Trail(),
    notify: () => {},
    ...options,
  };
}

/** Makes the call to a modern server that answers with this result; gives what was sent, and the reply. */
async function callWith(call: Call, resultText: string): Promise<{ sent: JsonObject; reply: Reply }> {
  let sent: JsonObject = {};
  const link: Link = new Link(
    {
      send(text) {
        const message = JSON.parse(text) as JsonObject;
        const { id, method } = message;
        if (id === undefined) return true;
        const isDiscover = method === 'server/discover';
        if (!isDiscover) sent = message;
        const result = isDiscover ? '{"supportedVersions":["2026-07-28"],"capabilities":{}}' : resultText;
        const line = `{"jsonrpc":"2.0","id":${Number(id)},"result":${result}}`;
        const bytes = Buffer.from(line);
        const incoming = bytes.length < 16_384 ? readLine(toWire(line)) : readChunks([bytes], bytes.length);
        queueMicrotask(() => incoming && link.receive(incoming));
        return true;
      },
      close: async () => {},
    },
    { notification: () => {}, lost: () => {} },
  );
  const peer = await open(
    link,
    { self: SELF, times: { callMs: 1000, startMs: 1000 }, capabilities: {} },
    'modern',
  );
  if (!('era' in peer)) throw new Error('it did not open');
  const reply = await peer.call(call);
  return { sent, reply };
}

const COMPLETE = '{"resultType":"complete"}';

describe('a call in the words of a modern server', () => {
  it('carries all that the server has to know of the client', async () => {
    const client = {
      era: 'legacy' as const,
      protocolVersion: '2025-06-18',
      info: { name: 'cursor', version: '2' },
      capabilities: { elicitation: { form: {} }, roots: { listChanged: true }, tasks: {} },
    };
    const { sent } = await callWith(
      callOf({ client, meta: { traceparent: '00-1' }, wantsProgress: true, logLevel: 'warning' }),
      COMPLETE,
    );
    expect(sent['params']).toEqual({
      name: 'echo',
      _meta: {
        traceparent: '00-1',
        [META.protocolVersion]: '2026-07-28',
        [META.clientInfo]: { name: 'cursor', version: '2' },
        [META.clientCapabilities]: { elicitation: { form: {} }, roots: {} },
        [META.logLevel]: 'warning',
        progressToken: sent['id'],
      },
    });
  });

  it('asks for no progress and no log messages that the client does not want, and has our name where it has none', async () => {
    const client = { era: 'legacy' as const, protocolVersion: '', info: undefined, capabilities: {} };
    const { sent } = await callWith(callOf({ client }), COMPLETE);
    expect(sent['params']).toEqual({
      name: 'echo',
      _meta: {
        [META.protocolVersion]: '2026-07-28',
        [META.clientInfo]: SELF,
        [META.clientCapabilities]: {},
      },
    });
  });

  it("lets a client's own meta say nothing in the protocol's name", async () => {
    const meta = { [META.protocolVersion]: '1999-01-01', [META.clientInfo]: { name: 'other' } };
    const { sent } = await callWith(callOf({ meta }), COMPLETE);
    expect(sent['params']).toMatchObject({
      _meta: { [META.protocolVersion]: '2026-07-28', [META.clientInfo]: { name: 'cursor' } },
    });
  });

  it('brings answers along, and the very state they belong to', async () => {
    const responses = new Map<string, Answer>([
      ['who', { result: { action: 'accept', content: { name: 'Ada' } } }],
      ['roots', { error: { code: -1, message: 'no' } }],
      ['__proto__', { result: { x: 1 } }],
    ]);
    const { sent } = await callWith(callOf({ answers: { responses, state: ' st"ate\u2028' } }), COMPLETE);
    const { inputResponses, requestState } = sent['params'] as JsonObject;
    expect(requestState).toBe(' st"ate\u2028');
    expect(Object.entries(inputResponses as JsonObject)).toEqual([
      ['who', { action: 'accept', content: { name: 'Ada' } }],
      ['__proto__', { x: 1 }],
    ]);
    const stateless = await callWith(
      callOf({ answers: { responses: new Map(), state: undefined } }),
      COMPLETE,
    );
    expect(stateless.sent['params']).not.toHaveProperty('requestState');
  });
});

describe('a result of a modern server', () => {
  const pad = 'x'.repeat(20_000);

  it.each([
    ['first', '{"resultType":"complete","n":1.0,"big":12345678901234567890}'],
    ['last', '{"n":1.0,"big":12345678901234567890,"resultType":"complete"}'],
  ])('with its type %s is handed on byte for byte without it', async (_where, text) => {
    const { reply } = await callWith(callOf(), text);
    expect(reply.kind === 'result' && reply.body.text).toBe('{"n":1.0,"big":12345678901234567890}');
  });

  it.each([
    ['in the middle', '{"a":1,"resultType":"complete","_meta":{}}', { a: 1, _meta: {} }],
    ['alone', '{"resultType":"complete"}', {}],
    ['with blanks', '{ "resultType" : "complete" , "a" : 1 }', { a: 1 }],
    ['in a large one, first', `{"resultType":"complete","pad":"${pad}"}`, { pad }],
    ['in a large one, last', `{"pad":"${pad}","resultType":"complete"}`, { pad }],
    [
      'in a large one, in the middle',
      `{"pad":"${pad}","resultType":"complete","_meta":{}}`,
      { pad, _meta: {} },
    ],
  ])('never carries its type inside the house: %s', async (_where, text, expected) => {
    const { reply } = await callWith(callOf(), text);
    expect(reply.kind === 'result' && reply.body.parse()).toEqual(expected);
  });

  it('that asks is a reply that asks', async () => {
    const inputRequests = { who: { method: 'elicitation/create', params: {} } };
    const text = JSON.stringify({ resultType: 'input_required', inputRequests, requestState: 's' });
    expect((await callWith(callOf(), text)).reply).toEqual({
      kind: 'input_required',
      inputRequests,
      requestState: 's',
    });
    expect((await callWith(callOf(), '{"resultType":"input_required","requestState":7}')).reply).toEqual({
      kind: 'input_required',
      inputRequests: {},
    });
  });

  it.each([
    ['no type', '{"content":[]}'],
    ['an unknown type', '{"resultType":"task","taskId":"1"}'],
    ['a type that is no text', '{"resultType":["complete"]}'],
    ['a type deeper inside only', '{"a":{"resultType":"complete"}}'],
    ['no JSON in it, a large one', `{"pad":"${pad}",}`],
  ])('with %s is invalid', async (_what, text) => {
    expect((await callWith(callOf(), text)).reply).toMatchObject({
      kind: 'failure',
      error: { data: { reason: 'server_reply_invalid' } },
    });
  });
});
