import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { isObject, type JsonObject } from '../core/json.ts';
import { META } from '../core/protocol.ts';
import { readLine } from '../wire/response-line.ts';
import { Link } from './link.ts';
import { Listening } from './listening.ts';

const ANNOUNCES = {
  tools: { listChanged: true },
  prompts: {},
  resources: { listChanged: true, subscribe: true },
};

interface Stream {
  readonly id: number;
  readonly asked: unknown;
}

interface Setting {
  listening: Listening;
  link: Link;
  /** Every `subscriptions/listen` that the server got. */
  streams: Stream[];
  /** The ids of the requests that were cancelled. */
  cancelled: unknown[];
  /** What was told without an acknowledgement, by its method and its URI. */
  told: unknown[];
  says: (message: JsonObject) => void;
  acknowledge: (stream: Stream | undefined, notifications: JsonObject) => void;
}

function setUp(capabilities: JsonObject = ANNOUNCES): Setting {
  const streams: Stream[] = [];
  const cancelled: unknown[] = [];
  const told: unknown[] = [];
  const link = new Link(
    {
      send(text) {
        const { id, method, params } = JSON.parse(text) as JsonObject;
        const about = isObject(params) ? params : {};
        if (method === 'subscriptions/listen')
          streams.push({ id: Number(id), asked: about['notifications'] });
        if (method === 'notifications/cancelled') cancelled.push(about['requestId']);
        return true;
      },
      close: async () => {},
    },
    { notification: (method, { uri }) => told.push([method, uri]), lost: () => {} },
  );
  const says = (message: JsonObject): void => {
    const incoming = readLine(JSON.stringify({ jsonrpc: '2.0', ...message }));
    if (incoming) link.receive(incoming);
  };
  return {
    listening: new Listening(link, capabilities, { [META.protocolVersion]: '2026-07-28' }),
    link,
    streams,
    cancelled,
    told,
    says,
    acknowledge: (stream, notifications) =>
      says({
        method: 'notifications/subscriptions/acknowledged',
        params: { notifications, _meta: { [META.subscriptionId]: stream?.id ?? -1 } },
      }),
  };
}

const tick = (ms = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);
const LISTS = { toolsListChanged: true, resourcesListChanged: true };

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('listening to a modern server', () => {
  it('is for the changes that it announces, and the resources that are wanted', async () => {
    const { listening, streams, acknowledge } = setUp();
    const heard = listening.to(new Set(['a:1', 'a:2']));
    await tick();
    expect(streams).toMatchObject([{ asked: { ...LISTS, resourceSubscriptions: ['a:1', 'a:2'] } }]);
    acknowledge(streams[0], { ...LISTS, resourceSubscriptions: ['a:1', 7] });
    expect(await heard).toEqual(new Set(['a:1']));
  });

  it('asks for nothing where nothing is announced', async () => {
    const { listening, streams } = setUp({ tools: { listChanged: 'yes' }, resources: {} });
    expect(await listening.to(new Set(['a:1']))).toEqual(new Set());
    expect(streams).toEqual([]);
  });

  it('opens another stream for other resources, and ends the old one only when the new one stands', async () => {
    const { listening, streams, cancelled, acknowledge } = setUp();
    void listening.to(new Set(['a:1']));
    await tick();
    acknowledge(streams[0], { resourceSubscriptions: ['a:1'] });
    await tick();
    const second = listening.to(new Set(['a:2']));
    await tick();
    expect([streams.length, cancelled]).toEqual([2, []]);
    acknowledge(streams[1], { resourceSubscriptions: ['a:2'] });
    expect(await second).toEqual(new Set(['a:2']));
    await tick();
    expect(cancelled).toEqual([streams[0]?.id]);
  });

  it('does one after the other when it is asked in a hurry', async () => {
    const { listening, streams, cancelled, acknowledge } = setUp();
    const all = [['a:1'], ['a:1', 'a:2'], []].map((uris) => listening.to(new Set(uris)));
    for (let i = 0; i < 3; i++) {
      await tick();
      expect(streams).toHaveLength(i + 1);
      const asked = streams[i]?.asked;
      acknowledge(streams[i], isObject(asked) ? asked : {});
    }
    expect(await Promise.all(all)).toEqual([new Set(['a:1']), new Set(['a:1', 'a:2']), new Set()]);
    await tick();
    expect(cancelled).toEqual(streams.slice(0, 2).map(({ id }) => id));
  });

  it('opens a stream again that the server ended', async () => {
    const { listening, streams, says, acknowledge } = setUp();
    void listening.to(new Set(['a:1']));
    await tick();
    acknowledge(streams[0], { resourceSubscriptions: ['a:1'] });
    await tick(60_000);
    says({ id: streams[0]?.id ?? 0, result: {} });
    await tick(500);
    expect(streams).toHaveLength(1);
    await tick(1000);
    expect(streams.map(({ asked }) => asked)).toEqual([streams[0]?.asked, streams[0]?.asked]);
  });

  it('is taken up again after a server that was away, however long, and then everything may have changed', async () => {
    const { listening, streams, says, acknowledge, told } = setUp();
    void listening.to(new Set(['a:1']));
    await tick();
    const promised = { toolsListChanged: true, resourceSubscriptions: ['a:1'] };
    acknowledge(streams[0], promised);
    await tick(60_000);
    // Each try fails at once, as it does where nobody listens at the address.
    let tries = 0;
    for (; tries < 8; tries++) {
      says({ id: streams[tries]?.id ?? 0, error: { code: -32603, message: 'not available' } });
      for (let seconds = 0; seconds < 61 && streams.length === tries + 1; seconds++) await tick(1000);
      expect(streams).toHaveLength(tries + 2);
    }
    expect(told).toEqual([]);
    acknowledge(streams[tries], promised);
    await tick();
    expect(told).toEqual([
      ['notifications/tools/list_changed', undefined],
      ['notifications/resources/updated', 'a:1'],
    ]);
    await tick(600_000);
    expect(streams).toHaveLength(tries + 1);
  });

  it('tries less and less often', async () => {
    const { listening, streams, says, acknowledge } = setUp();
    void listening.to(new Set());
    await tick();
    acknowledge(streams[0], LISTS);
    await tick();
    let seconds = 0;
    for (; seconds < 600; seconds++) {
      says({ id: streams.at(-1)?.id ?? 0, error: { code: -32603, message: 'not available' } });
      await tick(1000);
    }
    expect(streams.length).toBeGreaterThan(10);
    expect(streams.length).toBeLessThan(20);
  });

  it('ends with its server, and is tried no more then', async () => {
    const { listening, link, streams, acknowledge } = setUp();
    void listening.to(new Set(['a:1']));
    await tick();
    acknowledge(streams[0], LISTS);
    await tick();
    link.end({ reason: 'it exited with code 1', stderr: [] });
    await tick(120_000);
    expect(streams).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each([
    [
      'refuses',
      (setting: Setting) =>
        setting.says({ id: setting.streams[0]?.id ?? 0, error: { code: -32601, message: 'no' } }),
    ],
    ['promises nothing', (setting: Setting) => setting.acknowledge(setting.streams[0], {})],
    ['ends', (setting: Setting) => setting.link.end({ reason: 'it exited with code 1', stderr: [] })],
  ])('is over when the server %s, and is not tried again and again', async (_what, react) => {
    const setting = setUp();
    const heard = setting.listening.to(new Set(['a:1']));
    await tick();
    react(setting);
    expect(await heard).toEqual(new Set());
    await tick(60_000);
    expect(setting.streams).toHaveLength(1);
  });

  it('does not wait for an acknowledgement for ever', async () => {
    const { listening } = setUp();
    const heard = listening.to(new Set(['a:1']));
    await tick(10_000);
    expect(await heard).toEqual(new Set());
  });

  it('takes no acknowledgement that is for another stream', async () => {
    const { listening, streams, acknowledge, says } = setUp();
    const heard = listening.to(new Set(['a:1']));
    await tick();
    acknowledge(undefined, { resourceSubscriptions: ['a:1'] });
    says({ method: 'notifications/subscriptions/acknowledged', params: { notifications: LISTS } });
    const answer = await Promise.race([heard, tick().then(() => 'pending')]);
    expect(answer).toBe('pending');
    acknowledge(streams[0], LISTS);
    expect(await heard).toEqual(new Set());
  });
});
