import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Cancellation } from '../core/cancellation.ts';
import type { CallSession } from '../core/call.ts';
import {
  answering,
  asking,
  by,
  callOf,
  command,
  ELICITATION,
  handle,
  made,
  open,
  type Process,
  setUp,
  tick,
} from './testing.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((servers) => servers.stop()));
  vi.useRealTimers();
});

const session = (id: string): CallSession => ({ id, ended: new Cancellation() });
const running = (processes: readonly Process[]): number[] =>
  processes.filter((each) => each.running).map(({ pid }) => pid);

describe('isolation', () => {
  it('user: sessions of one user share a process, those of two never do', async () => {
    const { servers } = setUp([command('files')]);
    const pids = [];
    for (const [principal, id] of [
      ['alice', '1'],
      ['alice', '2'],
      ['bob', '1'],
    ])
      pids.push(by(await made(servers, { principal: principal ?? '', session: session(id ?? '') })));
    expect(pids).toEqual([1, 1, 2]);
  });

  it('session: each has its own, which ends with it; clients without one share their user’s', async () => {
    const { servers, processes } = setUp([command('files', { life: { isolation: 'session' } })]);
    const [first, second] = [session('1'), session('2')];
    const pids = [];
    for (const each of [first, second, first, undefined, undefined])
      pids.push(by(await made(servers, { ...(each && { session: each }) })));
    expect(pids).toEqual([1, 2, 1, 3, 3]);
    first.ended.cancel('DELETE');
    await tick();
    expect(running(processes)).toEqual([2, 3]);
  });

  it('session: two users never share a process, whatever their sessions are called', async () => {
    const { servers } = setUp([command('files', { life: { isolation: 'session' } })]);
    const pids = [];
    for (const principal of ['a', 'a b', 'b'])
      pids.push(by(await made(servers, { principal, session: session('b c') })));
    expect(new Set(pids).size).toBe(3);
  });

  it('session: a call that comes after its session has ended leaves no process', async () => {
    const { servers, processes } = setUp([command('files', { life: { isolation: 'session' } })]);
    const over = session('1');
    over.ended.cancel('DELETE');
    expect(by(await made(servers, { session: over }))).toBe('shutting_down');
    expect(running(processes)).toEqual([]);
  });

  it('shared: one for everybody, whose changes concern everybody', async () => {
    const { servers, processes, changes, updates } = setUp([
      command('files', { life: { isolation: 'shared' } }),
    ]);
    const pids = [];
    for (const principal of ['alice', 'bob']) pids.push(by(await made(servers, { principal })));
    expect(pids).toEqual([1, 1]);
    processes[0]?.says({ method: 'notifications/tools/list_changed' });
    processes[0]?.says({ method: 'notifications/resources/updated', params: { uri: 'a:b' } });
    expect(changes).toEqual([{ server: 'files', principal: undefined, kind: 'tools' }]);
    expect(updates).toMatchObject([{ principal: undefined, uri: 'a:b' }]);
    expect(servers.states()[0]).toMatchObject({ isolation: 'shared', children: [{ principal: undefined }] });
  });
});

describe('a process that nobody uses', () => {
  it('ends after its time, and is forgotten; the next call starts another one', async () => {
    const { servers, processes } = setUp([command('files', { life: { idleMs: 1000 } })]);
    const ended: string[] = [];
    servers.onViewEnded(({ view }) => ended.push(view));
    await made(servers);
    await tick(900);
    expect(running(processes)).toEqual([1]);
    await tick(500);
    expect(running(processes)).toEqual([]);
    expect(servers.states()[0]).toMatchObject({ state: 'idle', children: [] });
    expect(ended).toEqual([servers.get('files')?.view(callOf())]);
    expect(by(await made(servers))).toBe(2);
  });

  it('has ten minutes by default, and no end when it was started with the gateway', async () => {
    const { servers, processes } = setUp([command('files')]);
    void servers.warm('owner');
    await tick();
    await made(servers, { principal: 'alice' });
    await tick(9 * 60_000);
    expect(running(processes)).toEqual([1, 2]);
    await tick(2 * 60_000);
    expect(running(processes)).toEqual([1]);
  });

  it('was started with the gateway: it goes when its user turns out to have clients of another kind', async () => {
    const { servers, processes } = setUp([command('files')]);
    void servers.warm('alice');
    await tick();
    expect(by(await made(servers, { capabilities: ELICITATION }))).toBe(2);
    await tick();
    expect(running(processes)).toEqual([2]);
    await tick(20 * 60_000);
    expect(running(processes)).toEqual([2]);
  });

  it.each([
    ['a call is under way in it', { name: 'hang' }],
    ['a call in it waits for its client', asking()],
  ])('is not one in which %s', async (_what, options) => {
    const { servers, processes } = setUp([command('files', { life: { idleMs: 1000 } })]);
    void handle(servers, callOf(options));
    await tick(5000);
    expect(running(processes)).toEqual([1]);
  });

  it('is not one that somebody listens to', async () => {
    const { servers, processes } = setUp([command('files', { life: { idleMs: 1000 } })]);
    const watching = servers.get('files')?.watch(callOf(), 'a:b');
    await tick();
    const end = await watching;
    await tick(5000);
    expect(running(processes)).toEqual([1]);
    end?.();
    await tick(5000);
    expect(running(processes)).toEqual([]);
  });

  it('is not one that an open session has called', async () => {
    const { servers, processes } = setUp([command('files', { life: { idleMs: 1000 } })]);
    const own = session('1');
    await made(servers, { session: own });
    await tick(5000);
    expect(running(processes)).toEqual([1]);
    own.ended.cancel('DELETE');
    await tick(5000);
    expect(running(processes)).toEqual([]);
  });
});

describe('a process that has become too old', () => {
  const old = command('files', { life: { maxLifetimeMs: 1000 } });

  it('takes no call any more, but finishes those it has', async () => {
    const { servers, processes } = setUp([old]);
    const slow = handle(servers, callOf({ name: 'hang' }));
    await tick(1500);
    expect(by(await made(servers))).toBe(2);
    expect(running(processes)).toEqual([1, 2]);
    processes[0]?.says({ id: Number(processes[0].open('tools/call')[0]?.['id']), result: { pid: 'old' } });
    expect(by(await slow)).toBe('old');
    await tick(500);
    expect(running(processes)).not.toContain(1);
  });

  it('lets a call that waits for its client go on in it', async () => {
    const { servers } = setUp([old]);
    const parked = await made(servers, asking());
    await tick(1500);
    expect(by(await made(servers, { capabilities: ELICITATION }))).toBe(2);
    expect(await made(servers, answering(parked))).toMatchObject({ kind: 'result' });
  });

  it('hands on what is listened to in it', async () => {
    const { servers, processes } = setUp([old]);
    void servers.get('files')?.watch(callOf(), 'a:b');
    await tick(1500);
    expect(processes[1]?.sent).toContainEqual(
      expect.objectContaining({ method: 'resources/subscribe', params: { uri: 'a:b' } }),
    );
  });
});

describe('spares', () => {
  it('are started once the server is known to start, and go to the next who comes', async () => {
    const { servers, processes } = setUp([command('files', { life: { warm: 1 } })]);
    expect(by(await made(servers, { principal: 'alice' }))).toBe(1);
    expect(running(processes)).toEqual([1, 2]);
    // Nobody has spoken to it yet: it is as new for whoever gets it.
    expect(processes[1]?.sent).toEqual([]);
    expect(servers.states()[0]).toMatchObject({ spares: 1 });
    expect(by(await made(servers, { principal: 'bob' }))).toBe(2);
    expect(running(processes)).toEqual([1, 2, 3]);
    await servers.stop();
    expect(running(processes)).toEqual([]);
  });

  it('that end by themselves are not handed out', async () => {
    const { servers, processes } = setUp([command('files', { life: { warm: 1 } })]);
    await made(servers, { principal: 'alice' });
    processes[1]?.crash();
    expect(by(await made(servers, { principal: 'bob' }))).toBe(3);
  });
});

describe('the limits', () => {
  const limits = {
    processes: 2,
    processesPerPrincipal: 2,
    processesPerServer: 2,
    startQueue: 4,
    startQueueMs: 3000,
  };

  it('end the process that was idle for longest when somebody else needs one', async () => {
    const { servers, processes } = setUp([command('files')], 'legacy', limits);
    for (const principal of ['alice', 'bob', 'alice']) await made(servers, { principal });
    expect(by(await made(servers, { principal: 'carol' }))).toBe(3);
    expect(running(processes)).toEqual([1, 3]);
  });

  it('spare one that a session has called, while there is another', async () => {
    const { servers, processes } = setUp([command('files')], 'legacy', limits);
    await made(servers, { principal: 'alice', session: session('1') });
    await made(servers, { principal: 'bob' });
    await made(servers, { principal: 'carol' });
    expect(running(processes)).toEqual([1, 3]);
  });

  it('make a call wait while all are in use, and tell it to come again', async () => {
    const { servers, processes } = setUp([command('files')], 'legacy', limits);
    for (const principal of ['alice', 'bob']) void handle(servers, callOf({ principal, name: 'hang' }));
    await tick();
    const late = handle(servers, callOf({ principal: 'carol' }));
    await tick(3500);
    expect(await late).toMatchObject({ error: { status: 503, retryAfter: 2 } });
    // That was no failure of the server's: the next call tries at once.
    const next = handle(servers, callOf({ principal: 'carol' }));
    await tick(1000);
    processes[0]?.says({ id: Number(processes[0].open('tools/call')[0]?.['id']), result: {} });
    await tick();
    expect(by(await next)).toBe(3);
  });
});

describe('a server that does not start', () => {
  it('is started once at a time, once it is known what it does', async () => {
    const { servers, processes } = setUp([command('files', { command: 'fail' })]);
    await made(servers);
    // The first time it might have failed since it was asked in the wrong words.
    expect(processes).toHaveLength(2);
    await tick(200);
    expect(processes).toHaveLength(3);
  });

  it('is tried for nobody while the breaker is open, whose reason the caller hears', async () => {
    const { servers, processes } = setUp([command('files', { command: 'fail' })]);
    await made(servers, { principal: 'alice' });
    await tick(3800);
    const before = processes.length;
    const reply = await made(servers, { principal: 'bob' });
    expect(reply).toMatchObject({
      error: {
        message: expect.stringMatching(
          /code 1[^]*failed 5 times in a row, and is tried again in \d+ s/,
        ) as string,
        data: { reason: 'server_start_failed', breaker: 'open' },
      },
    });
    expect(processes).toHaveLength(before);
    expect(servers.states()[0]).toMatchObject({
      state: 'failed',
      breaker: { state: 'open', cause: 'start', failures: 5 },
      lastError: { message: expect.stringContaining('no API key') as string },
    });
    // One try for both of them.
    await tick(4100);
    expect(processes).toHaveLength(before + 1);
  });
});
