import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Body } from '../core/body.ts';
import type { Call } from '../core/call.ts';
import type { JsonObject } from '../core/json.ts';
import { failure, result } from '../core/reply.ts';
import { OpenTasks } from './open-tasks.ts';
import { callOf } from './testing.ts';

const HOUR = 60 * 60_000;
const call = (method: string, params: JsonObject): Call => ({ ...callOf(), method, params });

/** Tasks with one that was made in the words of either era, to last as long as said. */
function withOne(era: 'modern' | 'legacy', ttl: number | null = null): OpenTasks {
  const tasks = new OpenTasks();
  if (era === 'legacy')
    tasks.learn(
      call('tools/call', { name: 'x', task: {} }),
      result({ task: { taskId: 't', status: 'working', ttl } }),
    );
  else
    tasks.learn(call('tools/call', { name: 'x' }), {
      kind: 'result',
      resultType: 'task',
      body: Body.value({ taskId: 't', status: 'working', ttlMs: ttl }),
    });
  return tasks;
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe.each(['modern', 'legacy'] as const)('the tasks of a %s server', (era) => {
  it('are found where they were made', () => {
    const tasks = withOne(era);
    expect(tasks.has('t')).toBe(true);
    for (const id of ['other', undefined, 7, null]) expect(tasks.has(id)).toBe(false);
  });

  it.each([
    [1000, 1000],
    [null, HOUR],
    [100 * HOUR, HOUR],
    [-1, 0],
  ])('with a time of %o keep their process for %i ms at most', (ttl, most) => {
    const tasks = withOne(era, ttl);
    vi.advanceTimersByTime(Math.max(0, most - 1));
    expect(tasks.working).toBe(most > 0);
    vi.advanceTimersByTime(1);
    expect(tasks.working).toBe(false);
  });

  it.each([
    ['tasks/get', { status: 'completed' }, false],
    ['tasks/get', { status: 'failed' }, false],
    ['tasks/cancel', { status: 'cancelled' }, false],
    ['tasks/result', { content: [] }, false],
    ['tasks/get', { status: 'input_required' }, true],
    ['tasks/get', { status: 'working' }, true],
    ['tasks/cancel', {}, true],
  ])('after %s says %o are under way still: %s', (method, said, working) => {
    const tasks = withOne(era);
    tasks.learn(call(method, { taskId: 'other' }), result({ status: 'completed' }));
    expect(tasks.working).toBe(true);
    tasks.learn(call(method, { taskId: 't' }), result(said));
    expect(tasks.working).toBe(working);
    expect(tasks.has('t')).toBe(true);
  });

  it('are not over because a call about them failed', () => {
    const tasks = withOne(era);
    tasks.learn(call('tasks/result', { taskId: 't' }), failure('call_timeout'));
    expect(tasks.working).toBe(true);
  });
});

describe('what is no task', () => {
  it.each<[string, JsonObject, JsonObject]>([
    ['one that nobody asked for', { name: 'x' }, { task: { taskId: 't', status: 'working' } }],
    ['one without an id', { name: 'x', task: {} }, { task: { status: 'working' } }],
    ['one that is none', { name: 'x', task: {} }, { task: 't', content: [] }],
  ])('is not kept: %s', (_what, params, said) => {
    const tasks = new OpenTasks();
    tasks.learn(call('tools/call', params), result(said));
    expect(tasks.has('t')).toBe(false);
    expect(tasks.working).toBe(false);
  });
});

describe('many tasks', () => {
  it('are bounded, the oldest goes first', () => {
    const tasks = new OpenTasks();
    for (let n = 0; n < 1001; n++)
      tasks.learn(call('tools/call', { task: {} }), result({ task: { taskId: `t${n}`, status: 'working' } }));
    expect(tasks.has('t0')).toBe(false);
    expect(tasks.has('t1')).toBe(true);
    expect(tasks.has('t1000')).toBe(true);
  });
});
