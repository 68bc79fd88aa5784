import type { Upstream, Upstreams } from './upstream.ts';

/**
 * The same servers, each with something around it. By object: after a reload a server is another one, and so is what
 * stands around it.
 */
export function wrappedUpstreams(upstreams: Upstreams, wrap: (upstream: Upstream) => Upstream): Upstreams {
  const known = new WeakMap<Upstream, Upstream>();
  const wrapped = (upstream: Upstream): Upstream => {
    const before = known.get(upstream);
    if (before) return before;
    const made = wrap(upstream);
    known.set(upstream, made);
    return made;
  };
  // Every call asks for all servers, and they hardly ever change.
  let inside: readonly Upstream[] | undefined;
  let outside: readonly Upstream[] = [];
  return {
    all() {
      const now = upstreams.all();
      if (now !== inside) {
        inside = now;
        outside = now.map(wrapped);
      }
      return outside;
    },
    get(name) {
      const upstream = upstreams.get(name);
      return upstream && wrapped(upstream);
    },
    onListChanged: (listener) => upstreams.onListChanged(listener),
    onViewEnded: (listener) => upstreams.onViewEnded(listener),
    onResourceUpdated: (listener) => upstreams.onResourceUpdated(listener),
    onTaskStatus: (listener) => upstreams.onTaskStatus(listener),
  };
}
