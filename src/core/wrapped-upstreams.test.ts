import { describe, expect, it, vi } from 'vitest';
import type { Upstream } from './upstream.ts';
import { wrappedUpstreams } from './wrapped-upstreams.ts';

const server = (name: string): Upstream => ({ name }) as Upstream;

function standIn(servers: readonly Upstream[]) {
  const state = { servers };
  const upstreams = {
    all: () => state.servers,
    get: (name: string) => state.servers.find((each) => each.name === name),
    onListChanged: vi.fn<() => void>(),
    onViewEnded: vi.fn<() => void>(),
    onResourceUpdated: vi.fn<() => void>(),
    onTaskStatus: vi.fn<() => void>(),
  };
  return { state, upstreams };
}

const around = (upstream: Upstream): Upstream => ({ ...upstream, name: `(${upstream.name})` });

describe('servers with something around each', () => {
  it('are wrapped once, whichever way one comes to them', () => {
    const { upstreams } = standIn([server('a'), server('b')]);
    const wrapped = wrappedUpstreams(upstreams, around);
    expect(wrapped.all().map(({ name }) => name)).toEqual(['(a)', '(b)']);
    expect(wrapped.get('b')).toBe(wrapped.all()[1]);
    expect(wrapped.all()).toBe(wrapped.all());
    expect(wrapped.get('c')).toBeUndefined();
  });

  it('are others after a reload, but for those that stayed', () => {
    const [a, b] = [server('a'), server('b')];
    const { state, upstreams } = standIn([a, b]);
    const wrapped = wrappedUpstreams(upstreams, around);
    const [before] = wrapped.all();
    state.servers = [a, server('b'), server('c')];
    const after = wrapped.all();
    expect(after.map(({ name }) => name)).toEqual(['(a)', '(b)', '(c)']);
    expect(after[0]).toBe(before);
  });

  it('tell what the servers tell', () => {
    const { upstreams } = standIn([]);
    const wrapped = wrappedUpstreams(upstreams, around);
    const listener = vi.fn<() => void>();
    wrapped.onListChanged(listener);
    wrapped.onViewEnded(listener);
    wrapped.onResourceUpdated(listener);
    wrapped.onTaskStatus(listener);
    const { onListChanged, onViewEnded, onResourceUpdated, onTaskStatus } = upstreams;
    for (const passedOn of [onListChanged, onViewEnded, onResourceUpdated, onTaskStatus])
      expect(passedOn).toHaveBeenCalledExactlyOnceWith(listener);
  });
});
