import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Body, toWire } from '../core/body.ts';
import type { Notification } from '../core/call.ts';
import { Cancellation } from '../core/cancellation.ts';
import type { JsonObject } from '../core/json.ts';
import { isObject } from '../core/json.ts';
import type { LogLevel } from '../core/protocol.ts';
import type { Reply } from '../core/reply.ts';
import { readLine } from '../wire/response-line.ts';
import { type Caller, describeEnding, Link } from './link.ts';

/** A caller that writes down what it is told. */
interface TestCaller extends Caller {
  readonly heard: Notification[];
}

function callerWith(options: { wantsProgress?: boolean; logLevel?: LogLevel } = {}): TestCaller {
  const heard: Notification[] = [];
  return {
    wantsProgress: options.wantsProgress ?? false,
    logLevel: options.logLevel,
    cancellation: new Cancellation(),
    notify: (notification) => heard.push(notification),
    heard,
  };
}

/** A link to a server that is only a list of what it was sent. */
function setUp(): {
  link: Link;
  sent: JsonObject[];
  heard: string[];
  lost: string[];
  /** While true, the server takes nothing in. */
  stuck: { is: boolean };
  /** Sends a request. Its id is that of the last message sent. */
  ask: (caller?: Caller, method?: string) => { id: number; reply: Promise<Reply> };
  /** The server says this. */
  says: (message: JsonObject) => void;
} {
  const sent: JsonObject[] = [];
  const heard: string[] = [];
  const lost: string[] = [];
  const stuck = { is: false };
  const link = new Link(
    {
      send(text) {
        if (stuck.is) return false;
        sent.push(JSON.parse(text) as JsonObject);
        return true;
      },
      close: async () => {},
    },
    { notification: (method) => heard.push(method), lost: (what) => lost.push(what) },
  );
  return {
    link,
    sent,
    heard,
    lost,
    stuck,
    ask(caller, method = 'tools/call') {
      const reply = link.send({
        method,
        params: (id) => ({ _meta: { progressToken: id } }),
        timeoutMs: 30_000,
        ...(caller && { caller }),
      });
      return { id: Number(sent.at(-1)?.['id']), reply };
    },
    says(message) {
      const incoming = readLine(toWire(JSON.stringify({ jsonrpc: '2.0', ...message })));
      if (!incoming) throw new Error('no message');
      link.receive(incoming);
    },
  };
}

/** What a reply is, in one line. */
async function outcome(reply: Promise<Reply>): Promise<string> {
  const settled = await reply;
  if (settled.kind === 'result') return `result ${settled.body.text}`;
  if (settled.kind === 'input_required') return settled.kind;
  const { data } = settled.error;
  const reason = isObject(data) ? data['reason'] : undefined;
  return typeof reason === 'string' ? reason : `${settled.error.code} ${settled.error.message}`;
}

const progress = (progressToken: number | string, step: number): JsonObject => ({
  method: 'notifications/progress',
  params: { progressToken, progress: step },
});
const log = (level: string, data: string): JsonObject => ({
  method: 'notifications/message',
  params: { level, data },
});

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  // A timer that outlives its request would keep the process alive, and fire at somebody else.
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

describe('an answer', () => {
  it('goes to the request it belongs to, whatever the order', async () => {
    const { ask, says } = setUp();
    const asked = Array.from({ length: 20 }, () => ask());
    for (const { id } of asked.toReversed()) says({ id, result: { of: id } });
    for (const { id, reply } of asked) expect(await outcome(reply)).toBe(`result {"of":${id}}`);
  });

  it('may be an error of the server, which is passed on as it is', async () => {
    const { ask, says } = setUp();
    const { id, reply } = ask();
    says({ id, error: { code: -5, message: 'zu groß', data: ['x'] } });
    expect(await reply).toEqual({ kind: 'failure', error: { code: -5, message: 'zu groß', data: ['x'] } });
  });

  it('to nobody, a second one, or one that is late changes nothing', async () => {
    const { link, ask, says } = setUp();
    const first = ask();
    for (const id of [0, -1, first.id + 65536, `${first.id}`, 'x']) says({ id, result: { wrong: true } });
    says({ id: first.id, result: { right: 1 } });
    says({ id: first.id, result: { again: true } });
    expect(await outcome(first.reply)).toBe('result {"right":1}');
    // The slot is used again, the id is not.
    const second = ask();
    says({ id: first.id, result: { late: true } });
    says({ id: second.id, result: { right: 2 } });
    expect(await outcome(second.reply)).toBe('result {"right":2}');
    expect(link.waiting).toBe(0);
  });

  it('that is no protocol ends its call with a clear error', async () => {
    const { ask, says } = setUp();
    const { id, reply } = ask();
    says({ id, result: 'done' });
    expect(await outcome(reply)).toBe('server_reply_invalid');
  });

  it('over the limit ends its call, and no other', async () => {
    const { link, ask, says, lost } = setUp();
    const [large, other] = [ask(), ask()];
    link.overflow(large.id, 70 * 1024 * 1024);
    expect(await large.reply).toMatchObject({
      error: { message: expect.stringContaining('70 MiB') as string },
    });
    link.overflow(undefined, 1e9);
    link.overflow(large.id, 1e9);
    expect(lost).toHaveLength(2);
    says({ id: other.id, result: {} });
    expect(await outcome(other.reply)).toBe('result {}');
  });
});

describe('a request that takes too long', () => {
  it('ends, and the server is told which one it was', async () => {
    const { link, ask, says, sent } = setUp();
    const { id, reply } = ask();
    vi.advanceTimersByTime(29_999);
    expect(link.waiting).toBe(1);
    vi.advanceTimersByTime(1);
    expect(await reply).toMatchObject({
      kind: 'failure',
      error: {
        message: 'The server did not answer in time. It had 30 s for tools/call.',
        data: { reason: 'call_timeout' },
      },
    });
    expect(sent.at(-1)).toMatchObject({ method: 'notifications/cancelled', params: { requestId: id } });
    says({ id, result: {} });
    expect(sent).toHaveLength(2);
  });

  it('has more time with each sign of progress, up to the most', async () => {
    const { link, sent, says } = setUp();
    const reply = link.send({ method: 'a', params: () => ({}), timeoutMs: 1000, mostMs: 2500 });
    const id = Number(sent.at(-1)?.['id']);
    for (let i = 0; i < 3; i++) {
      vi.advanceTimersByTime(800);
      expect(link.waiting).toBe(1);
      says({ method: 'notifications/progress', params: { progressToken: id, progress: i } });
    }
    vi.advanceTimersByTime(100);
    expect(await reply).toMatchObject({ error: { data: { reason: 'call_timeout' } } });
  });

  it('is not one that was answered', async () => {
    const { ask, says, sent } = setUp();
    const { id, reply } = ask();
    says({ id, result: {} });
    await reply;
    vi.advanceTimersByTime(60_000);
    expect(sent).toHaveLength(1);
  });

  it('may be left to whoever asked', async () => {
    const { link, says, sent } = setUp();
    const reply = link.send({ method: 'a', params: () => ({}), timeoutMs: undefined });
    vi.advanceTimersByTime(3_600_000);
    says({ id: Number(sent[0]?.['id']), result: {} });
    expect(await outcome(reply)).toBe('result {}');
  });
});

describe('a call that is cancelled', () => {
  it('ends, and the server is told which one it was and why', async () => {
    const { ask, says, sent } = setUp();
    const caller = callerWith();
    const [call, other] = [ask(caller), ask(callerWith())];
    caller.cancellation.cancel('the client closed the connection');
    expect(await outcome(call.reply)).toBe('cancelled');
    expect(sent.slice(2)).toEqual([
      {
        jsonrpc: '2.0',
        method: 'notifications/cancelled',
        params: { requestId: call.id, reason: 'the client closed the connection' },
      },
    ]);
    says({ id: call.id, result: {} });
    says({ id: other.id, result: {} });
    expect(await outcome(other.reply)).toBe('result {}');
  });

  it('after its answer tells the server nothing', async () => {
    const { ask, says, sent } = setUp();
    const caller = callerWith();
    const { id, reply } = ask(caller);
    says({ id, result: {} });
    await reply;
    caller.cancellation.cancel('too late');
    expect(sent).toHaveLength(1);
  });

  it('before it was sent is not sent', async () => {
    const { ask, sent } = setUp();
    const caller = callerWith();
    caller.cancellation.cancel('gone already');
    expect(await outcome(ask(caller).reply)).toBe('cancelled');
    expect(sent).toEqual([]);
  });
});

describe('progress', () => {
  it('goes to the call whose token it has, without the token, and to nobody else', async () => {
    const { ask, says } = setUp();
    const callers = Array.from({ length: 3 }, () => callerWith({ wantsProgress: true }));
    const asked = callers.map((caller) => ask(caller));
    asked.forEach(({ id }, i) => says(progress(id, i)));
    callers.forEach(({ heard }, i) =>
      expect(heard).toEqual([{ method: 'notifications/progress', params: { progress: i } }]),
    );
    for (const { id } of asked) says({ id, result: {} });
    await Promise.all(asked.map(({ reply }) => reply));
  });

  it('is dropped for a call that did not ask for any, that is over, or that nobody made', async () => {
    const { ask, says, heard } = setUp();
    const quiet = callerWith({ wantsProgress: false });
    const over = callerWith({ wantsProgress: true });
    const [first, second] = [ask(quiet), ask(over)];
    says({ id: second.id, result: {} });
    for (const token of [first.id, second.id, 0, 'x', '__proto__']) says(progress(token, 1));
    expect([...quiet.heard, ...over.heard, ...heard]).toEqual([]);
    says({ id: first.id, result: {} });
    await Promise.all([first.reply, second.reply]);
  });
});

describe('a log message', () => {
  it('goes to the one call in flight, if it is loud enough for it', async () => {
    const { ask, says } = setUp();
    const caller = callerWith({ logLevel: 'warning' });
    const { id, reply } = ask(caller);
    for (const level of ['debug', 'info', 'warning', 'error', 'shouting']) says(log(level, level));
    expect(caller.heard.map(({ params }) => params['data'])).toEqual(['warning', 'error']);
    says({ id, result: {} });
    await reply;
  });

  it('is given to nobody while two calls are in flight: it might be about the other one', async () => {
    const { ask, says, lost } = setUp();
    const callers = [callerWith({ logLevel: 'debug' }), callerWith({ logLevel: 'debug' })];
    const asked = callers.map((caller) => ask(caller));
    says(log('error', 'secret of somebody'));
    expect(callers.flatMap(({ heard }) => heard)).toEqual([]);
    expect(lost).toHaveLength(1);
    says({ id: asked[0]?.id ?? 0, result: {} });
    says(log('error', 'now it is clear'));
    expect(callers.map(({ heard }) => heard.length)).toEqual([0, 1]);
    says({ id: asked[1]?.id ?? 0, result: {} });
    await Promise.all(asked.map(({ reply }) => reply));
  });

  it('does not go to one caller while another one, who wants none, is in flight too', async () => {
    const { ask, says } = setUp();
    const curious = callerWith({ logLevel: 'debug' });
    const asked = [ask(curious), ask(callerWith())];
    says(log('error', 'about the other call'));
    expect(curious.heard).toEqual([]);
    for (const { id } of asked) says({ id, result: {} });
    await Promise.all(asked.map(({ reply }) => reply));
  });

  it("is not mistaken for another call's because of a request of our own", async () => {
    const { ask, says } = setUp();
    const caller = callerWith({ logLevel: 'info' });
    const asked = [ask(undefined, 'logging/setLevel'), ask(caller)];
    says(log('info', 'mine'));
    expect(caller.heard).toHaveLength(1);
    for (const { id } of asked) says({ id, result: {} });
    await Promise.all(asked.map(({ reply }) => reply));
  });

  it('is given to nobody when nobody asked', () => {
    const { says, heard } = setUp();
    says(log('emergency', 'x'));
    expect(heard).toEqual([]);
  });
});

describe('a notification that belongs to no call', () => {
  it('goes to the owner of the link', () => {
    const { says, heard } = setUp();
    says({ method: 'notifications/tools/list_changed' });
    says({ method: 'notifications/unheard_of', params: { a: 1 } });
    expect(heard).toEqual(['notifications/tools/list_changed', 'notifications/unheard_of']);
  });
});

describe('the end of the server', () => {
  const ending = { reason: 'it exited with code 3', stderr: ['one', 'two', 'three', 'four', 'five', 'six'] };

  it('ends every call at once with what it printed last, and every later one', async () => {
    const { link, ask, sent } = setUp();
    const asked = [ask(callerWith()), ask(), ask(callerWith())];
    link.end(ending);
    const later = ask();
    for (const { reply } of [...asked, later])
      expect(await reply).toMatchObject({
        error: {
          message:
            'The server ended before it answered. It exited with code 3. It printed:\ntwo\nthree\nfour\nfive\nsix',
          data: { reason: 'server_exited' },
        },
      });
    expect(sent).toHaveLength(3);
    expect(link.waiting).toBe(0);
  });

  it('is not told to it', () => {
    const { link, sent } = setUp();
    link.end(ending);
    link.notify('notifications/initialized', {});
    expect(sent).toEqual([]);
  });

  it('makes cancelling a call that it ended harmless', async () => {
    const { link, ask, sent } = setUp();
    const caller = callerWith();
    const { reply } = ask(caller);
    link.end(ending);
    caller.cancellation.cancel('closed');
    expect(await outcome(reply)).toBe('server_exited');
    expect(sent).toHaveLength(1);
  });
});

describe('a server that takes nothing in', () => {
  it('is busy, for the new call only', async () => {
    const { link, ask, says, stuck } = setUp();
    const before = ask();
    stuck.is = true;
    const refused = link.send({ method: 'a', params: () => ({}), timeoutMs: 1000, caller: callerWith() });
    expect(await outcome(refused)).toBe('server_busy');
    expect(link.waiting).toBe(1);
    stuck.is = false;
    says({ id: before.id, result: {} });
    expect(await outcome(before.reply)).toBe('result {}');
  });

  it('is busy when 65536 calls wait for it', async () => {
    const { link } = setUp();
    const send = (): Promise<Reply> => link.send({ method: 'a', params: () => ({}), timeoutMs: 60_000 });
    const waiting = Array.from({ length: 65_536 }, send);
    expect(await outcome(send())).toBe('server_busy');
    link.end({ reason: 'it was stopped', stderr: [] });
    await Promise.all(waiting);
  });
});

describe('a request of the server', () => {
  it('ping is answered', async () => {
    const { says, sent } = setUp();
    says({ id: 'é-1', method: 'ping' });
    await setImmediate();
    expect(sent).toEqual([{ jsonrpc: '2.0', id: 'é-1', result: {} }]);
  });

  it('of any other kind is refused as long as nobody deals with them', async () => {
    const { says, sent } = setUp();
    says({ id: 7, method: 'elicitation/create', params: {} });
    await setImmediate();
    expect(sent).toMatchObject([{ id: 7, error: { code: -32601 } }]);
  });

  it('is answered with what whoever deals with them says, under its own id', async () => {
    const { link, says, sent } = setUp();
    link.onRequest = async (method, params) =>
      params['no'] === true
        ? { error: { code: -1, message: 'no', status: 403 } }
        : { result: { method, params } };
    says({ id: 0, method: 'roots/list', params: { a: 1 } });
    says({ id: 'x', method: 'roots/list', params: { no: true } });
    await setImmediate();
    expect(sent).toEqual([
      { jsonrpc: '2.0', id: 0, result: { method: 'roots/list', params: { a: 1 } } },
      { jsonrpc: '2.0', id: 'x', error: { code: -1, message: 'no' } },
    ]);
  });

  it('with the id of a call of ours does not touch that call', async () => {
    const { ask, says } = setUp();
    const { id, reply } = ask();
    says({ id, method: 'ping' });
    says({ id, result: { right: true } });
    expect(await outcome(reply)).toBe('result {"right":true}');
  });
});

describe('a result', () => {
  it('is handed on as the very body that came', async () => {
    const { link, sent } = setUp();
    const reply = link.send({ method: 'a', params: () => ({}), timeoutMs: 1000 });
    const body = Body.chunks([Buffer.from('{"a":1.0}')], 9);
    link.receive({ kind: 'result', id: Number(sent[0]?.['id']), body });
    expect(await reply).toEqual({ kind: 'result', body });
  });
});

describe('describeEnding', () => {
  it('is a sentence, with what was printed only where something was', () => {
    expect(describeEnding({ reason: 'it exited with code 1', stderr: [] })).toBe('It exited with code 1.');
    expect(describeEnding({ reason: 'it exited with code 1', stderr: ['no key'] })).toBe(
      'It exited with code 1. It printed:\nno key',
    );
  });
});
