import { chain, type Policy } from '../core/handler.ts';
import type { Upstreams } from '../core/upstream.ts';
import { wrappedUpstreams } from '../core/wrapped-upstreams.ts';

/** The same servers, each with a policy of its own between it and everybody: there its name and its tools' are known. */
export function aroundUpstreams(upstreams: Upstreams, policyFor: (server: string) => Policy): Upstreams {
  return wrappedUpstreams(upstreams, (upstream) => ({
    name: upstream.name,
    describe: (call) => upstream.describe(call),
    handle: chain([policyFor(upstream.name)], upstream.handle),
    view: (call) => upstream.view(call),
    watch: (call, uri) => upstream.watch(call, uri),
  }));
}
