import type { IncomingMessage, ServerResponse } from 'node:http';
import type { JsonValue } from '../../core/json.ts';
import type { Caller } from '../../core/principal.ts';
import { failure } from '../../core/reply.ts';
import { refuse } from '../../wire/refuse.ts';
import { ResponseStream } from '../response-stream.ts';
import type { Dispatch } from './dispatch.ts';
import { EventStream } from './event-stream.ts';
import { OneStream, STRANGER } from './one-stream.ts';
import type { Session, Sessions } from './session.ts';

/**
 * The HTTP+SSE transport of 2024-11-05, for clients that know no other. One GET opens the session and the one stream on
 * which everything is said; what the client has to say, it POSTs. The session is as old as its stream.
 */
export class SseEdge {
  readonly #messages: OneStream;
  readonly #sessions: Sessions;

  constructor(dispatch: Dispatch, sessions: Sessions) {
    this.#messages = new OneStream(dispatch);
    this.#sessions = sessions;
  }

  /** @param messages the path that this session's messages are to be POSTed to */
  open(res: ServerResponse, caller: Caller, scope: string | undefined, messages: string): void {
    const session = this.#sessions.open(caller.principal, scope, STRANGER, 'sse');
    if (!session) return refuse(res, failure('session_limit'), { 'retry-after': '30' });
    session.caller = caller;
    const stream = new ResponseStream(res);
    // > When a client connects, the server MUST send an `endpoint` event containing a URI for the client to use for
    // > sending messages.  (basic/transports, 2024-11-05)
    stream.write(`event: endpoint\ndata: ${messages}?sessionId=${session.id}\n\n`);
    session.stream = new EventStream(stream);
    res.once('close', () => this.#sessions.end(session, 'the client closed its stream'));
  }

  /** The session that a POST names, if it is this caller's. */
  find(req: IncomingMessage, caller: Caller, scope: string | undefined): Session | undefined {
    const query = new URLSearchParams(/\?(.*)$/s.exec(req.url ?? '')?.[1]);
    return this.#sessions.find(query.get('sessionId') ?? '', caller.principal, scope, 'sse');
  }

  /** A message for a session. Its answer comes on the stream. */
  post(value: JsonValue, session: Session, res: ServerResponse): void {
    const messages = this.#messages.read(value, session);
    if ('kind' in messages) return refuse(res, messages);
    res.writeHead(202).end();
    for (const message of messages) this.#messages.receive(message, session);
  }
}
