import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Call } from '../core/call.ts';
import { Cancellation } from '../core/cancellation.ts';
import type { JsonObject } from '../core/json.ts';
import type { Era } from '../core/protocol.ts';
import { Trail } from '../core/trail.ts';
import { readLine } from '../wire/response-line.ts';
import { Connection } from './connection.ts';
import type { Transport, TransportEvents } from './transport/transport.ts';

/** What a started process does with what it is asked. */
type Behaviour = 'modern' | 'legacy' | 'legacy that exits on anything else' | 'mute' | 'exit' | 'refuse';

const START_MS = 10_000;

const CALL: Call = {
  id: '1',
  principal: { id: 'alice', via: 'token' },
  client: { era: 'modern', protocolVersion: '2026-07-28', info: undefined, capabilities: {} },
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
};

/** A process that was started, and what can be done to it. */
interface Started {
  readonly sent: JsonObject[];
  readonly isRunning: () => boolean;
  /** It ends by itself, having printed this. */
  readonly crash: (...stderr: string[]) => void;
  readonly says: (message: JsonObject) => void;
}

interface Setting {
  connection: Connection;
  started: Started[];
  era: { known: Era | undefined };
  notified: string[];
  returned: () => number;
}

/**
 * A connection to a server whose processes behave like this, one after the other; the last one for ever.
 * @param closeMs how long a process takes to end when it is told to
 */
function connect(behaviours: readonly Behaviour[], options: { era?: Era; closeMs?: number } = {}): Setting {
  const started: Started[] = [];
  const notified: string[] = [];
  const era = { known: options.era };
  let returned = 0;
  const connection = new Connection({
    name: 'files',
    opening: {
      self: { name: 'sallyport', version: '1' },
      times: { callMs: 60_000, startMs: START_MS },
      capabilities: {},
    },
    log: pino({ level: 'silent' }),
    start(events) {
      const behaviour = behaviours[Math.min(started.length, behaviours.length - 1)] ?? 'mute';
      const [process, transport] = fakeProcess(behaviour, events, options.closeMs ?? 0);
      started.push(process);
      return transport;
    },
    era,
    onNotification: (method) => notified.push(method),
    onReturn: () => (returned += 1),
  });
  return { connection, started, era, notified, returned: () => returned };
}

function fakeProcess(behaviour: Behaviour, events: TransportEvents, closeMs: number): [Started, Transport] {
  const sent: JsonObject[] = [];
  let running = true;
  let closing: Promise<void> | undefined;
  const end = (reason: string, stderr: string[]): void => {
    if (!running) return;
    running = false;
    events.closed({ reason, stderr });
  };
  const says = (message: JsonObject): void => {
    const incoming = readLine(JSON.stringify({ jsonrpc: '2.0', ...message }));
    if (incoming && running) events.message(incoming);
  };
  const receive = ({ id = null, method }: JsonObject): void => {
    if (behaviour === 'mute' || id === null) return;
    if (behaviour === 'exit') return end('it exited with code 1', ['no API key']);
    if (method === 'server/discover' && behaviour === 'modern')
      return says({ id, result: { supportedVersions: ['2026-07-28'], capabilities: {} } });
    if (method === 'initialize' && behaviour.startsWith('legacy'))
      return says({ id, result: { protocolVersion: '2025-11-25', capabilities: {} } });
    if (behaviour === 'legacy that exits on anything else') return end('it exited with code 2', ['what?']);
    says({ id, error: { code: -32601, message: 'I know nothing' } });
  };
  const close = async (): Promise<void> => {
    if (closeMs > 0) await new Promise((resolve) => setTimeout(resolve, closeMs));
    end('it exited with code 0', []);
  };
  return [
    {
      sent,
      isRunning: () => running,
      crash: (...stderr) => end('it exited with code 9', stderr),
      says,
    },
    {
      send(text) {
        const message = JSON.parse(text) as JsonObject;
        sent.push(message);
        setTimeout(() => receive(message), 1);
        return true;
      },
      close: () => (closing ??= close()),
    },
  ];
}

/** The kind of server, or the message of why there is none. */
async function readyOf(connection: Connection): Promise<string> {
  const found = await connection.ready();
  return 'era' in found ? found.era : found.error.message;
}

/** What a promise has become by now. */
async function settled<T>(promise: Promise<T>): Promise<T | 'pending'> {
  return Promise.race([promise, vi.advanceTimersByTimeAsync(0).then(() => 'pending' as const)]);
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('starting', () => {
  it.each([
    ['modern', ['modern'], 1],
    ['legacy', ['legacy'], 1],
    // Such a server is asked the old question first, the second time.
    ['legacy', ['legacy that exits on anything else'], 2],
  ] as [Era, Behaviour[], number][])('finds a %s server: %o', async (era, behaviours, starts) => {
    const { connection, started, era: known } = connect(behaviours);
    expect(connection.state).toBe('starting');
    const ready = readyOf(connection);
    await vi.advanceTimersByTimeAsync(100);
    expect(await ready).toBe(era);
    expect(connection.state).toBe('ready');
    expect(connection.peer?.era).toBe(era);
    expect(known.known).toBe(era);
    expect(started).toHaveLength(starts);
    expect(started.filter(({ isRunning }) => isRunning())).toHaveLength(1);
    await connection.stop();
  });

  it.each([
    ['legacy', 'modern'],
    ['modern', 'legacy'],
  ] as [Era, Behaviour][])(
    'finds out again when a server that was %s has become %s',
    async (before, behaviour) => {
      const { connection, era } = connect([behaviour], { era: before });
      await vi.advanceTimersByTimeAsync(100);
      expect(connection.state).toBe('ready');
      expect(era.known).toBe(behaviour);
      await connection.stop();
    },
  );

  it('that fails says what the server printed, and leaves no process behind', async () => {
    const { connection, started } = connect(['exit']);
    await vi.advanceTimersByTimeAsync(100);
    expect(connection.state).toBe('failed');
    expect(connection.problem).toEqual({
      message: 'The server could not be started. It exited with code 1. It printed:\nno API key',
      stderr: ['no API key'],
    });
    expect(started.some(({ isRunning }) => isRunning())).toBe(false);
    await connection.stop();
  });

  it('of a server that refuses everything says what it said', async () => {
    const { connection } = connect(['refuse']);
    await vi.advanceTimersByTimeAsync(100);
    expect(connection.problem.message).toContain('I know nothing');
    await connection.stop();
  });

  it('of a server that never answers is given up after about the time for it, not after two or three times that', async () => {
    const { connection } = connect(['mute'], { closeMs: 100 });
    await vi.advanceTimersByTimeAsync(START_MS - 1);
    expect(connection.state).toBe('starting');
    await vi.advanceTimersByTimeAsync(3150);
    expect(connection.state).toBe('failed');
    expect(connection.problem.message).toContain('did not answer in time');
    await connection.stop();
  });
});

describe('a server that ends by itself', () => {
  it('fails its calls with what it printed, and is started again', async () => {
    const { connection, started, returned } = connect(['legacy']);
    await vi.advanceTimersByTimeAsync(100);
    const call = connection.peer?.call(CALL);
    started[0]?.crash('out of memory');
    expect(await call).toMatchObject({
      kind: 'failure',
      error: {
        message: expect.stringContaining('out of memory') as string,
        data: { reason: 'server_exited' },
      },
    });
    expect([connection.state, connection.peer, returned()]).toEqual(['failed', undefined, 0]);
    expect(connection.problem.stderr).toEqual(['out of memory']);
    await vi.advanceTimersByTimeAsync(300);
    expect([connection.state, returned()]).toEqual(['ready', 1]);
    expect(started).toHaveLength(2);
    // What was in flight is not repeated: it may have done its work.
    expect(started[1]?.sent.map(({ method }) => method)).not.toContain('tools/call');
    await connection.stop();
  });

  it('is started again after pauses that double, up to a minute', async () => {
    const { connection, started } = connect(['exit'], { era: 'legacy' });
    const startsAt: number[] = [];
    const from = Date.now();
    for (let seen = 0; Date.now() - from < 400_000;) {
      if (started.length > seen) startsAt.push(Date.now());
      seen = started.length;
      await vi.advanceTimersByTimeAsync(10);
    }
    // Each start is two attempts, milliseconds apart.
    const rounds = startsAt.filter((at, i) => i === 0 || at - (startsAt[i - 1] ?? 0) > 100);
    const pauses = rounds.slice(1).map((at, i) => Math.round((at - (rounds[i] ?? 0)) / 250) * 250);
    expect(pauses.slice(0, 12)).toEqual([
      250, 500, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000, 60_000,
    ]);
    await connection.stop();
  });

  it('starts with a clean record when it had lived for a while, and not when it had not', async () => {
    const { connection, started } = connect(['legacy']);
    const crashAfter = async (ms: number): Promise<number> => {
      await vi.advanceTimersByTimeAsync(ms);
      started.at(-1)?.crash();
      const before = started.length;
      const from = Date.now();
      while (started.length === before) await vi.advanceTimersByTimeAsync(10);
      return Math.round((Date.now() - from) / 50) * 50;
    };
    expect(await crashAfter(1000)).toBe(250);
    expect(await crashAfter(1000)).toBe(500);
    expect(await crashAfter(1000)).toBe(1000);
    expect(await crashAfter(61_000)).toBe(250);
    await connection.stop();
  });
});

describe('ready()', () => {
  it('waits for a start that is under way, and shares it', async () => {
    const { connection, started } = connect(['legacy']);
    const all = [readyOf(connection), readyOf(connection), readyOf(connection)];
    expect(await settled(Promise.race(all))).toBe('pending');
    await vi.advanceTimersByTimeAsync(100);
    expect(await Promise.all(all)).toEqual(['legacy', 'legacy', 'legacy']);
    expect(started).toHaveLength(1);
    await connection.stop();
  });

  it('waits for a restart that is near', async () => {
    const { connection, started } = connect(['legacy']);
    await vi.advanceTimersByTimeAsync(100);
    started[0]?.crash();
    const ready = readyOf(connection);
    await vi.advanceTimersByTimeAsync(100);
    expect(await ready).toBe('legacy');
    expect(started).toHaveLength(2);
    await connection.stop();
  });

  it('fails at once when the restart is far', async () => {
    const { connection, started } = connect(['exit'], { era: 'legacy' });
    // Until the pause is 8 seconds.
    await vi.advanceTimersByTimeAsync(8000);
    const before = started.length;
    expect(await settled(readyOf(connection))).toContain('no API key');
    expect(started).toHaveLength(before);
    await connection.stop();
  });

  it('does not let callers restart a broken server in a loop', async () => {
    const { connection, started } = connect(['exit'], { era: 'legacy' });
    for (let i = 0; i < 600; i++) {
      void connection.ready();
      await vi.advanceTimersByTimeAsync(100);
    }
    // A minute of ten callers a second.
    expect(started.length).toBeLessThan(30);
    await connection.stop();
  });
});

describe('stop()', () => {
  it.each([
    ['while it is being found out about', ['mute'], 1],
    ['just after the process was started', ['legacy'], 0],
    ['when it is ready', ['legacy'], 100],
    ['while a process that would not do is being closed', ['refuse'], 10],
    ['while it waits for the next start', ['exit'], 2000],
  ] as [string, Behaviour[], number][])(
    '%s leaves no process, and none comes later',
    async (_when, behaviours, after) => {
      const { connection, started } = connect(behaviours, { closeMs: 500 });
      await vi.advanceTimersByTimeAsync(after);
      const stopped = connection.stop().then(() => 'stopped' as const);
      while ((await settled(stopped)) !== 'stopped') await vi.advanceTimersByTimeAsync(10);
      // It resolves only when nothing of the server is left: after it, the gateway itself may go.
      expect(started.some(({ isRunning }) => isRunning())).toBe(false);
      const count = started.length;
      await vi.advanceTimersByTimeAsync(120_000);
      expect(started).toHaveLength(count);
      expect(connection.state).toBe('stopped');
      expect(await readyOf(connection)).toContain('The gateway is stopping');
      expect(vi.getTimerCount()).toBe(0);
    },
  );

  it('wakes whoever waits for the start', async () => {
    const { connection } = connect(['mute']);
    const ready = readyOf(connection);
    await vi.advanceTimersByTimeAsync(100);
    void connection.stop();
    await vi.advanceTimersByTimeAsync(100);
    expect(await settled(ready)).toContain('The gateway is stopping');
  });
});

describe('what belongs to no call', () => {
  it('is handed on, whichever process says it', async () => {
    const { connection, started, notified } = connect(['legacy']);
    await vi.advanceTimersByTimeAsync(100);
    started[0]?.says({ method: 'notifications/tools/list_changed' });
    started[0]?.crash();
    await vi.advanceTimersByTimeAsync(1000);
    started[1]?.says({ method: 'notifications/prompts/list_changed' });
    expect(notified).toEqual(['notifications/tools/list_changed', 'notifications/prompts/list_changed']);
    await connection.stop();
  });
});
