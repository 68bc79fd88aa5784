import type { Policy } from '../core/handler.ts';
import type { Upstreams } from '../core/upstream.ts';
import { aroundUpstreams } from './around-upstreams.ts';

/** The servers behind their guards. */
export function guardUpstreams(upstreams: Upstreams, policyFor: (server: string) => Policy): Upstreams {
  return {
    ...aroundUpstreams(upstreams, policyFor),
    // It holds a text, and belongs to no call whose policies would be known. Clients must not rely on it, and ask.
    onTaskStatus: () => {},
  };
}
