import type { Call } from '../core/call.ts';
import type { Era } from '../core/protocol.ts';
import type { Reply } from '../core/reply.ts';
import type { Description } from '../core/upstream.ts';

/** A running server that is ready for calls: an edge of the house that turns a Call into the server's own language. */
export interface Peer {
  readonly era: Era;
  readonly protocolVersion: string;
  readonly description: Description;
  call(call: Call): Promise<Reply>;
}

/** The gateway as servers get to know it. */
export interface Self {
  readonly name: string;
  readonly version: string;
}

/** Times for the requests to a server, in milliseconds. */
export interface Times {
  readonly callMs: number;
  readonly startMs: number;
}
