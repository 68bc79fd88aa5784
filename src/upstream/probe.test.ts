import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Body, toWire } from '../core/body.ts';
import type { JsonObject } from '../core/json.ts';
import { META } from '../core/protocol.ts';
import type { Reply } from '../core/reply.ts';
import { readLine } from '../wire/response-line.ts';
import { Link } from './link.ts';
import type { Peer } from './peer.ts';
import { open } from './probe.ts';

const START_MS = 20_000;
const SILENCE_MS = 3000;

type Answer = JsonObject | 'silence' | 'exit' | { after: number; say: JsonObject };

const discovered: JsonObject = {
  result: {
    resultType: 'complete',
    supportedVersions: ['2025-11-25', '2026-07-28'],
    capabilities: { tools: {} },
    instructions: 'Hello.',
    ttlMs: 0,
    _meta: { [META.serverInfo]: { name: 'modern one', version: '1' } },
  },
};
const hello: JsonObject = {
  result: {
    protocolVersion: '2025-06-18',
    capabilities: { prompts: {} },
    serverInfo: { name: 'legacy one', version: '2' },
    instructions: 7,
  },
};
const unknownMethod: JsonObject = { error: { code: -32601, message: 'unknown' } };

/** A server that answers the two questions like this, and the messages it got. */
function server(answers: { discover: Answer; initialize: Answer }): { link: Link; sent: JsonObject[] } {
  const sent: JsonObject[] = [];
  const say = (id: unknown, message: JsonObject): void => {
    const incoming = readLine(toWire(JSON.stringify({ jsonrpc: '2.0', id, ...message })));
    if (incoming) link.receive(incoming);
  };
  const link: Link = new Link(
    {
      send(text) {
        const message = JSON.parse(text) as JsonObject;
        sent.push(message);
        const { id, method } = message;
        const answer =
          method === 'server/discover'
            ? answers.discover
            : method === 'initialize'
              ? answers.initialize
              : 'silence';
        if (answer === 'exit')
          queueMicrotask(() => link.end({ reason: 'it exited with code 1', stderr: ['oops'] }));
        else if (answer !== 'silence' && 'after' in answer) {
          const { after, say: later } = answer as { after: number; say: JsonObject };
          setTimeout(() => say(id, later), after);
        } else if (answer !== 'silence') queueMicrotask(() => say(id, answer));
        return true;
      },
      close: async () => {},
    },
    { notification: () => {}, lost: () => {} },
  );
  return { link, sent };
}

const opening = {
  self: { name: 'sallyport', version: '1' },
  times: { callMs: 60_000, startMs: START_MS },
  capabilities: { elicitation: {} },
};

/** Which era it turns out to be, or why it is none. */
function verdict(found: Peer | Reply): string {
  if ('era' in found) return found.era;
  return found.kind === 'failure' ? found.error.message : found.kind;
}

const methods = (sent: readonly JsonObject[]): unknown[] => sent.map(({ method }) => method);

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('open', () => {
  it('finds a modern server, and asks it nothing of the old protocol', async () => {
    const { link, sent } = server({ discover: discovered, initialize: unknownMethod });
    const peer = await open(link, opening, undefined);
    expect(peer).toMatchObject({
      era: 'modern',
      protocolVersion: '2026-07-28',
      description: { info: { name: 'modern one' }, capabilities: { tools: {} }, instructions: 'Hello.' },
    });
    expect(methods(sent)).toEqual(['server/discover']);
    expect(sent[0]).toMatchObject({
      params: {
        _meta: {
          [META.protocolVersion]: '2026-07-28',
          [META.clientInfo]: opening.self,
          [META.clientCapabilities]: {},
        },
      },
    });
  });

  it('finds a legacy server by its error, whatever the code, and opens it', async () => {
    for (const code of [-32601, -32600, -32602, -32000, 1]) {
      const { link, sent } = server({ discover: { error: { code, message: 'no' } }, initialize: hello });
      const peer = await open(link, opening, undefined);
      expect(peer).toMatchObject({
        era: 'legacy',
        protocolVersion: '2025-06-18',
        oneAtATime: true,
        description: { info: { name: 'legacy one' }, capabilities: { prompts: {} }, instructions: undefined },
      });
      expect(methods(sent)).toEqual(['server/discover', 'initialize', 'notifications/initialized']);
      expect(sent[1]).toMatchObject({
        params: {
          protocolVersion: '2025-11-25',
          capabilities: { elicitation: {} },
          clientInfo: opening.self,
        },
      });
    }
  });

  it('takes a server of both eras for a modern one', async () => {
    const { link, sent } = server({ discover: discovered, initialize: hello });
    expect(verdict(await open(link, opening, undefined))).toBe('modern');
    expect(methods(sent)).toEqual(['server/discover']);
  });

  it.each([
    ['of another version', { result: { supportedVersions: ['2027-01-01'], capabilities: {} } }],
    ['that is no list of versions', { result: { supportedVersions: '2026-07-28' } }],
    ['to anything whatever', { result: {} }],
    ['of no form at all', { result: 'ok' }],
  ])('goes on with the old question after an answer %s', async (_what, discover) => {
    const { link } = server({ discover, initialize: hello });
    expect(verdict(await open(link, opening, undefined))).toBe('legacy');
  });

  it('asks the old question as well when the server is silent on the new one', async () => {
    const { link, sent } = server({ discover: 'silence', initialize: hello });
    const found = open(link, opening, undefined);
    await vi.advanceTimersByTimeAsync(SILENCE_MS - 1);
    expect(methods(sent)).toEqual(['server/discover']);
    await vi.advanceTimersByTimeAsync(1);
    expect(verdict(await found)).toBe('legacy');
  });

  it.each([
    ['modern', discovered, unknownMethod],
    ['modern', discovered, hello],
    ['legacy', unknownMethod, hello],
  ])('waits for a %s server that is only slow to start', async (era, discover, initialize) => {
    // It reads both questions when it is up, in their order.
    const { link } = server({
      discover: { after: 8000, say: discover },
      initialize: { after: 8001 - SILENCE_MS, say: initialize },
    });
    const found = open(link, opening, undefined);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(verdict(await found)).toBe(era);
  });

  it('says what it printed when the server exits on the new question', async () => {
    const { link } = server({ discover: 'exit', initialize: hello });
    expect(verdict(await open(link, opening, undefined))).toContain(
      'It exited with code 1. It printed:\noops',
    );
  });

  it.each([
    ['that never answers', 'silence', 'silence', 'did not answer in time'],
    ['that refuses both', unknownMethod, unknownMethod, 'unknown'],
    [
      'of a version nobody knows',
      unknownMethod,
      { result: { protocolVersion: '1999-01-01' } },
      '"1999-01-01"',
    ],
    ['of no version', unknownMethod, { result: {} }, 'protocol version undefined'],
  ] as [string, Answer, Answer, string][])(
    'says why a server %s cannot be used',
    async (_what, discover, initialize, why) => {
      const { link } = server({ discover, initialize });
      const found = open(link, opening, undefined);
      await vi.advanceTimersByTimeAsync(START_MS + SILENCE_MS);
      expect(verdict(await found)).toContain(why);
    },
  );

  it.each([
    ['legacy', ['initialize', 'notifications/initialized']],
    ['modern', ['server/discover']],
  ] as const)('asks a server that is known to be %s no other question', async (era, expected) => {
    const { link, sent } = server({ discover: discovered, initialize: hello });
    expect(verdict(await open(link, opening, era))).toBe(era);
    expect(methods(sent)).toEqual(expected);
  });

  it.each(['server/discover', 'initialize'])(
    'survives a large answer to %s that is no JSON',
    async (method) => {
      // Large answers are not parsed on their way in, so that only here somebody finds out.
      const link: Link = new Link(
        {
          send(text) {
            const { id, method: asked } = JSON.parse(text) as JsonObject;
            const body = Body.wire('{"protocolVersion":');
            if (asked === method)
              queueMicrotask(() => link.receive({ kind: 'result', id: Number(id), body }));
            else if (id !== undefined)
              queueMicrotask(() =>
                link.receive({ kind: 'error', id: Number(id), error: { code: -32601, message: 'unknown' } }),
              );
            return true;
          },
          close: async () => {},
        },
        { notification: () => {}, lost: () => {} },
      );
      expect(verdict(await open(link, opening, undefined))).toMatch(/is no JSON object|unknown/);
    },
  );
});
