import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Cancellation } from '../core/cancellation.ts';
import type { Reply } from '../core/reply.ts';
import {
  answering,
  asking,
  by,
  callOf,
  command,
  ELICITATION,
  handle,
  hanging,
  made,
  now,
  open,
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

describe('the processes of a server', () => {
  it('are one for each user', async () => {
    const { servers, processes } = setUp([command('files')]);
    const pids = [];
    for (const principal of ['alice', 'bob', 'alice', 'bob'])
      pids.push(by(await made(servers, { principal })));
    expect(pids).toEqual([1, 2, 1, 2]);
    expect(processes).toHaveLength(2);
  });

  it('are never shared by two users, whatever they are called', async () => {
    const { servers, processes } = setUp([command('files')]);
    const names = [
      'a',
      'a ',
      'a {}',
      'a {"elicitation":{}}',
      '{"elicitation":{}}',
      '',
      ' {"elicitation":{}}',
      'a"',
      '__proto__',
    ];
    const combinations = names.flatMap((principal) =>
      [{}, ELICITATION].map((capabilities) => ({ principal, capabilities })),
    );
    const owners = new Map<unknown, string>();
    for (const options of combinations) {
      const pid = by(await made(servers, options));
      expect(owners.get(pid) ?? options.principal, JSON.stringify(options)).toBe(options.principal);
      owners.set(pid, options.principal);
    }
    const views = combinations.map((options) => servers.get('files')?.view(callOf(options)));
    expect(new Set(views).size).toBe(combinations.length);
    expect(processes.length).toBe(combinations.length);
  });

  it('are started for a user before the first call, and then used', async () => {
    const { servers, processes } = setUp([command('files'), command('net')]);
    const warm = servers.warm('alice');
    await tick();
    await warm;
    expect(processes.map(({ server }) => server)).toEqual(['files', 'net']);
    await made(servers);
    expect(processes).toHaveLength(2);
  });

  it('take any number of calls at once from clients that cannot be asked anything', async () => {
    const { servers, processes } = setUp([command('files')]);
    for (let i = 0; i < 20; i++) await made(servers, { name: 'hang' });
    expect(processes).toHaveLength(1);
    expect(processes[0]?.open('tools/call')).toHaveLength(20);
  });

  it('are another one for clients that can be asked something, when the server learns that only at its start', async () => {
    const { servers, processes } = setUp([command('files')], 'legacy');
    for (const capabilities of [{}, ELICITATION, { elicitation: {}, roots: {} }, ELICITATION])
      await made(servers, { capabilities });
    const initialized = processes.map(
      ({ sent }) => sent.find(({ method }) => method === 'initialize')?.['params'],
    );
    expect(initialized).toMatchObject([
      { capabilities: {} },
      { capabilities: { elicitation: {} } },
      { capabilities: { elicitation: {}, roots: {} } },
    ]);
  });

  it('are the same one for all clients of a modern server, which learns it with each call', async () => {
    const { servers, processes } = setUp([command('files')], 'modern');
    const warm = servers.warm('alice');
    await tick();
    await warm;
    for (const capabilities of [{}, ELICITATION, { roots: {} }])
      expect(by(await made(servers, { capabilities }))).toBe(1);
    expect(processes).toHaveLength(1);
  });

  it('of a modern server stay where the first call of a client was, before it was known that it is one', async () => {
    const { servers } = setUp([command('files')], 'modern');
    // The rounds of one call: what its first process gave out, another one might not know.
    expect(by(await made(servers, { capabilities: ELICITATION }))).toBe(1);
    expect(by(await made(servers, { capabilities: ELICITATION }))).toBe(1);
  });

  it('of one user do not suffer when that of another crashes', async () => {
    const { servers, processes } = setUp([command('files')]);
    await made(servers, { principal: 'alice' });
    const reply = handle(servers, callOf({ principal: 'bob', name: 'hang' }));
    await tick();
    processes[0]?.crash();
    expect(by(await made(servers, { principal: 'bob' }))).toBe(2);
    processes[1]?.says({ id: Number(processes[1].open('tools/call')[0]?.['id']), result: { pid: 'late' } });
    expect(by(await reply)).toBe('late');
  });
});

describe('calls whose client can be asked something, to a legacy server', () => {
  it('come one at a time to each process, so that a question is about the call in it', async () => {
    const { servers, processes } = setUp([command('files')]);
    for (let i = 0; i < 3; i++) await made(servers, hanging());
    expect(processes.map((each) => each.open('tools/call').length)).toEqual([1, 1, 1]);
    expect(await made(servers, hanging())).toBe('pending');
    expect(processes).toHaveLength(3);
  });

  it('wait for their turn, and each gets its own answer', async () => {
    const { servers, processes } = setUp([command('files')]);
    for (let i = 0; i < 3; i++) await made(servers, hanging());
    const waiting = [1, 2].map(() => handle(servers, callOf({ capabilities: ELICITATION })));
    await tick();
    for (const process of processes)
      process.says({ id: Number(process.open('tools/call')[0]?.['id']), result: {} });
    await tick();
    expect((await Promise.all(waiting)).map((reply) => typeof by(reply))).toEqual(['number', 'number']);
  });

  it('that wait no longer are passed over', async () => {
    const { servers, processes } = setUp([command('files')]);
    for (let i = 0; i < 3; i++) await made(servers, hanging());
    const cancellation = new Cancellation();
    const gone = handle(servers, callOf(hanging({ cancellation })));
    const next = handle(servers, callOf({ capabilities: ELICITATION }));
    await tick();
    cancellation.cancel('closed');
    expect((await gone)?.kind).toBe('failure');
    processes[0]?.says({ id: Number(processes[0].open('tools/call')[0]?.['id']), result: {} });
    await tick();
    expect(by(await next)).toBe(1);
    expect(processes[0]?.sent.filter(({ method }) => method === 'tools/call')).toHaveLength(2);
  });

  it('are refused when too many wait', async () => {
    const { servers } = setUp([command('files')]);
    const all = Array.from({ length: 120 }, () => handle(servers, callOf(hanging())));
    await tick();
    const replies = await Promise.all(all.map(now));
    expect(replies.filter((reply) => by(reply) === 'server_busy')).toHaveLength(120 - 100 - 3);
  });

  it('that wait for their clients do not keep others waiting', async () => {
    const { servers } = setUp([command('files')]);
    for (let i = 0; i < 5; i++) expect(by(await made(servers, asking()))).toBe('input_required');
    expect(by(await made(servers, { capabilities: ELICITATION }))).toBe(6);
  });

  it('let others in who had to wait, once they wait for their own clients', async () => {
    const { servers, processes } = setUp([command('files')]);
    for (let i = 0; i < 3; i++) await made(servers, hanging());
    const next = handle(servers, callOf({ capabilities: ELICITATION }));
    await tick();
    // Now all three calls turn out to need their users, who may take their time.
    for (const process of processes)
      process.says({ id: `late ${process.pid}`, method: 'elicitation/create', params: {} });
    await tick();
    expect(by(await now(next))).toBe(4);
  });

  it('are ended when their clients never come back and there is no room for others', async () => {
    const { servers, processes } = setUp([command('files')]);
    const parked: (Reply | 'pending')[] = [];
    for (let i = 0; i < 8; i++) parked.push(await made(servers, asking()));
    expect(processes).toHaveLength(8);
    expect(by(await made(servers, { capabilities: ELICITATION }))).toBe(1);
    expect(by(await made(servers, answering(parked[0] ?? 'pending')))).toBe('input_expired');
    expect(await made(servers, answering(parked[1] ?? 'pending'))).toMatchObject({ kind: 'result' });
    expect(processes).toHaveLength(8);
  });

  it('go on in the process in which they asked', async () => {
    const { servers, processes } = setUp([command('files')]);
    const first = await made(servers, asking());
    const second = await made(servers, asking());
    for (const [i, reply] of [first, second].entries()) {
      const last = await made(servers, answering(reply));
      expect(last).toMatchObject({ kind: 'result' });
      expect(processes[i]?.open('tools/call')).toEqual([]);
    }
  });

  it('of another user never reach a parked call, even with its state', async () => {
    const { servers } = setUp([command('files')]);
    const parked = await made(servers, asking({ principal: 'alice' }));
    expect(by(await made(servers, answering(parked, { principal: 'bob' })))).toBe('input_expired');
    expect(await made(servers, answering(parked, { principal: 'alice' }))).toMatchObject({ kind: 'result' });
  });

  it('do not keep lists waiting, about which nobody is ever asked', async () => {
    const { servers } = setUp([command('files')]);
    for (let i = 0; i < 3; i++) await made(servers, hanging());
    expect(await made(servers, { method: 'tools/list', capabilities: ELICITATION })).toMatchObject({
      kind: 'result',
    });
  });

  it('leave no more than one process behind when they are over', async () => {
    const { servers, processes } = setUp([command('files')]);
    for (let i = 0; i < 3; i++) await made(servers, hanging());
    for (const process of processes)
      process.says({ id: Number(process.open('tools/call')[0]?.['id']), result: {} });
    await tick();
    expect(processes.filter(({ running }) => running)).toHaveLength(3);
    await tick(61_000);
    expect(processes.filter(({ running }) => running).map(({ pid }) => pid)).toEqual([1]);
    expect(by(await made(servers, { capabilities: ELICITATION }))).toBe(1);
  });
});

describe('what a server tells', () => {
  it('of its lists concerns the user whose process it is', async () => {
    const { servers, processes, changes } = setUp([command('files')]);
    await made(servers, { principal: 'alice' });
    await made(servers, { principal: 'bob' });
    processes[1]?.says({ method: 'notifications/tools/list_changed' });
    processes[1]?.says({ method: 'notifications/roots/list_changed' });
    expect(changes).toEqual([{ server: 'files', principal: 'bob', kind: 'tools' }]);
  });

  it('of its lists may be out of date when it comes back', async () => {
    const { servers, processes, changes } = setUp([command('files')]);
    await made(servers);
    processes[0]?.crash();
    await tick(1000);
    expect(changes.map(({ principal, kind }) => `${principal} ${kind}`).toSorted()).toEqual([
      'alice prompts',
      'alice resources',
      'alice tools',
    ]);
  });

  it('of a resource is handed on without what was meant for the connection', async () => {
    const { servers, processes, updates } = setUp([command('files')]);
    await made(servers);
    processes[0]?.says({
      method: 'notifications/resources/updated',
      params: { uri: 'a:b', title: 'B', _meta: { 'io.modelcontextprotocol/subscriptionId': 7 } },
    });
    processes[0]?.says({ method: 'notifications/resources/updated', params: { uri: 7 } });
    expect(updates).toEqual([
      { server: 'files', principal: 'alice', uri: 'a:b', params: { uri: 'a:b', title: 'B' } },
    ]);
  });
});

describe('watching a resource', () => {
  it('asks the server once, however many watch, and ends with the last of them', async () => {
    const { servers, processes } = setUp([command('files')]);
    await made(servers);
    const watch = async (): Promise<(() => void) | undefined> => {
      const watching = servers.get('files')?.watch(callOf(), 'a:b');
      await tick();
      return watching;
    };
    const ends = [await watch(), await watch(), await watch()];
    const asked = (method: string): number =>
      processes[0]?.sent.filter((each) => each['method'] === method).length ?? 0;
    expect(asked('resources/subscribe')).toBe(1);
    ends[0]?.();
    ends[1]?.();
    await tick();
    expect(asked('resources/unsubscribe')).toBe(0);
    ends[2]?.();
    await tick();
    expect(asked('resources/unsubscribe')).toBe(1);
  });

  it('goes on after a restart', async () => {
    const { servers, processes } = setUp([command('files')]);
    await made(servers);
    const watching = servers.get('files')?.watch(callOf(), 'a:b');
    await tick();
    expect(await watching).toBeTypeOf('function');
    processes[0]?.crash();
    await tick(1000);
    expect(processes[1]?.sent).toContainEqual(
      expect.objectContaining({ method: 'resources/subscribe', params: { uri: 'a:b' } }),
    );
  });
});

describe('a reload', () => {
  const before = [command('kept'), command('changed'), command('removed')];
  const after = [command('added'), command('kept'), command('changed', { args: ['--other'] })];

  it('restarts what changed, ends what is gone, and leaves the rest running', async () => {
    const { servers, processes } = setUp(before);
    for (const { name } of before) await made(servers, {}, name);
    await servers.reload(after);
    expect(processes.map(({ running }) => running)).toEqual([true, false, false]);
    expect(servers.all().map(({ name }) => name)).toEqual(['added', 'kept', 'changed']);
    expect(servers.get('removed')).toBeUndefined();
    expect(by(await made(servers, {}, 'kept'))).toBe(1);
    expect(by(await made(servers, {}, 'changed'))).toBe(4);
  });

  it('tells everybody that the lists of the new, changed and removed servers are other ones', async () => {
    const { servers, changes } = setUp(before);
    await servers.reload(after);
    const told = new Set(changes.map(({ server, principal, kind }) => `${server} ${principal} ${kind}`));
    const kinds = ['tools', 'prompts', 'resources'];
    expect(told).toEqual(
      new Set(
        ['added', 'changed', 'removed'].flatMap((name) => kinds.map((kind) => `${name} undefined ${kind}`)),
      ),
    );
  });

  it('gives the calls under way in a removed server a clear end, and starts nothing for it any more', async () => {
    const { servers, processes } = setUp(before);
    const removed = servers.get('removed');
    if (!removed) throw new Error('it is not there');
    const under = removed.handle(callOf({ name: 'hang' }));
    await tick();
    await servers.reload(after);
    expect(by(await under)).toBe('server_exited');
    const late = removed.handle(callOf({ principal: 'carol' }));
    await tick();
    expect(by(await late)).toBe('shutting_down');
    await tick(60_000);
    expect(processes.some(({ running }) => running)).toBe(false);
  });
});

describe('states', () => {
  it('say how each server is, the worst of its processes first', async () => {
    const { servers, processes } = setUp([
      command('good'),
      command('bad', { command: 'fail' }),
      command('idle'),
    ]);
    expect(servers.states()).toMatchObject(
      ['good', 'bad', 'idle'].map((name) => ({ name, kind: 'stdio', state: 'idle', children: [] })),
    );
    const calls = ['good', 'bad'].map((name) => handle(servers, callOf(), name));
    expect(servers.states().map(({ state }) => state)).toEqual(['starting', 'starting', 'idle']);
    await tick();
    await Promise.all(calls);
    expect(servers.states()).toMatchObject([
      { name: 'good', kind: 'stdio', state: 'ready', era: 'legacy' },
      {
        name: 'bad',
        kind: 'stdio',
        state: 'failed',
        detail: 'The server could not be started. It exited with code 1. It printed:\nno API key',
        stderrTail: ['no API key'],
      },
      { name: 'idle', kind: 'stdio', state: 'idle' },
    ]);
    await made(servers, { principal: 'bob' }, 'good');
    processes.findLast(({ server }) => server === 'good')?.crash('oops');
    expect(servers.states()[0]).toMatchObject({ state: 'failed', stderrTail: ['oops'] });
  });
});

describe('stop', () => {
  it('ends every process of every user, and no later call starts another', async () => {
    const { servers, processes } = setUp([command('files'), command('net')]);
    for (const principal of ['alice', 'bob']) await made(servers, asking({ principal }));
    await made(servers, {}, 'net');
    const waiting = Array.from({ length: 5 }, () => handle(servers, callOf(hanging())));
    await tick();
    await servers.stop();
    expect(processes.some(({ running }) => running)).toBe(false);
    for (const reply of waiting) expect(['server_exited', 'shutting_down']).toContain(by(await reply));
    const count = processes.filter(({ running }) => running).length;
    expect(by(await made(servers))).toBe('shutting_down');
    await tick(120_000);
    expect(processes.filter(({ running }) => running)).toHaveLength(count);
  });
});
