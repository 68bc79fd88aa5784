import { chain, type Policy } from '../core/handler.ts';
import type { Upstream, Upstreams } from '../core/upstream.ts';

/** The same servers, each with a policy of its own between it and everybody: there its name and its tools' are known. */
export function aroundUpstreams(upstreams: Upstreams, policyFor: (server: string) => Policy): Upstreams {
  // By object: after a reload a server is another one, and so is what stands around it.
  const known = new WeakMap<Upstream, Upstream>();
  const around = (upstream: Upstream): Upstream => {
    const made = known.get(upstream) ?? {
      name: upstream.name,
      describe: (call) => upstream.describe(call),
      handle: chain([policyFor(upstream.name)], upstream.handle),
      view: (call) => upstream.view(call),
      watch: (call, uri) => upstream.watch(call, uri),
    };
    known.set(upstream, made);
    return made;
  };
  return {
    all: () => upstreams.all().map(around),
    get(name) {
      const upstream = upstreams.get(name);
      return upstream && around(upstream);
    },
    onListChanged: (listener) => upstreams.onListChanged(listener),
    onViewEnded: (listener) => upstreams.onViewEnded(listener),
    onResourceUpdated: (listener) => upstreams.onResourceUpdated(listener),
    onTaskStatus: (listener) => upstreams.onTaskStatus(listener),
  };
}
