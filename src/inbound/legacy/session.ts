import { randomUUID } from 'node:crypto';
import { Cancellation } from '../../core/cancellation.ts';
import type { CallSession, Client } from '../../core/call.ts';
import type { Caller, Principal } from '../../core/principal.ts';
import type { LogLevel } from '../../core/protocol.ts';
import type { Id } from '../../wire/jsonrpc.ts';
import { Asking } from './asking.ts';
import { type Budget, EventStore, newBudget } from './event-store.ts';
import type { EventStream } from './event-stream.ts';
import type { Hearing } from './hearing.ts';

/** Streamable HTTP, the HTTP+SSE transport of 2024-11-05, or a pair of pipes. */
export type Over = 'streamable' | 'sse' | 'stdio';

/** What `initialize` opened: the things that a legacy client says once and means ever after. */
export interface Session extends CallSession {
  readonly principal: Principal;
  /** Who spoke last in it: the same principal, perhaps with another token. */
  caller: Caller;
  readonly scope: string | undefined;
  /** The transport it was opened over, and can be used over. */
  readonly over: Over;
  client: Client;
  /** The mildest log message the client wants. */
  logLevel: LogLevel;
  /** Calls without an answer, with the client's own ids. */
  /** An array: they are few, and a Set that is filled and emptied with each request is made anew every other time. */
  readonly inFlight: { readonly id: Id; readonly cancellation: Cancellation }[];
  /** What the client was asked and has not answered. */
  readonly asking: Asking;
  /** What it hears outside of its calls, once it wants to hear something. */
  hearing: Hearing | undefined;
  /** Its event streams over Streamable HTTP, and what a client can come back for. */
  readonly events: EventStore;
  /** The GET stream, once there was one. */
  stream: EventStream | undefined;
  lastUsed: number;
}

const STOPPING = 'the gateway is stopping';
/** How often a drain looks whether the calls under way have been answered. */
const LOOK_MS = 50;
/** Since this version, streams begin with an event that has an id and no data. */
const PRIMED_SINCE = '2025-11-25';

/**
 * The open sessions. An id is a secret: it is random, and nobody but the principal who opened the session can use it.
 *
 * Most clients never send DELETE, so a session also ends when nobody used it for a while, and a principal at the cap
 * gets room by losing the session that was idle longest.
 */
export class Sessions {
  readonly #sessions = new Map<string, Session>();
  readonly #most: number;
  readonly #mostEach: number;
  readonly #ttlMs: number;
  readonly #inputMs: number | undefined;
  readonly #budget: Budget = newBudget();
  readonly #sweep: NodeJS.Timeout;

  constructor(options: { sessions: number; sessionsPerPrincipal: number; ttlMs: number; inputMs?: number }) {
    this.#inputMs = options.inputMs;
    this.#most = options.sessions;
    this.#mostEach = options.sessionsPerPrincipal;
    this.#ttlMs = options.ttlMs;
    this.#sweep = setInterval(() => this.#expire(), Math.min(options.ttlMs / 2, 30_000)).unref();
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** @returns undefined when the cap is reached and every session is in use */
  open(
    principal: Principal,
    scope: string | undefined,
    client: Client,
    over: Over = 'streamable',
    identity = newIdentity(),
  ): Session | undefined {
    const own = [...this.#sessions.values()].filter((session) => session.principal.id === principal.id);
    if (own.length >= this.#mostEach && !this.#endIdlest(own)) return undefined;
    if (this.#sessions.size >= this.#most && !this.#endIdlest(own)) return undefined;
    const session = newSession({
      principal,
      scope,
      client,
      over,
      identity,
      budget: this.#budget,
      inputMs: this.#inputMs,
    });
    this.#sessions.set(session.id, session);
    return session;
  }

  /** The session of this id, if it is this caller's, at this endpoint. To anybody else it does not exist. */
  find(
    id: string,
    principal: Principal,
    scope: string | undefined,
    over: Over = 'streamable',
  ): Session | undefined {
    const session = this.#sessions.get(id);
    if (!session || session.principal.id !== principal.id) return undefined;
    if (session.scope !== scope || session.over !== over) return undefined;
    session.lastUsed = Date.now();
    return session;
  }

  end(session: Session, reason: string): void {
    this.#sessions.delete(session.id);
    endSession(session, reason);
  }

  /**
   * Ends every session that nobody waits for, and those with a call under way when it is answered.
   * Resolves when there is none left, or after `ms`.
   */
  async drain(ms: number): Promise<void> {
    const deadline = Date.now() + ms;
    for (;;) {
      for (const session of this.#sessions.values()) {
        if (session.inFlight.length === 0) this.end(session, STOPPING);
        // Over HTTP+SSE the answers come on this very stream.
        else if (session.over === 'streamable') session.stream?.close();
      }
      if (this.#sessions.size === 0 || Date.now() >= deadline) return;
      await new Promise<void>((resolve) => {
        setTimeout(resolve, LOOK_MS);
      });
    }
  }

  /** Ends everything, for good. */
  close(): void {
    clearInterval(this.#sweep);
    for (const session of this.#sessions.values()) this.end(session, STOPPING);
  }

  #expire(): void {
    const oldest = Date.now() - this.#ttlMs;
    for (const session of this.#sessions.values()) {
      session.events.expire();
      if (lastUseOf(session) < oldest && isIdle(session))
        this.end(session, 'the session was not used for too long');
    }
  }

  #endIdlest(sessions: readonly Session[]): boolean {
    const [idlest] = sessions.filter(isIdle).sort((a, b) => lastUseOf(a) - lastUseOf(b));
    if (idlest) this.end(idlest, 'another session took its place');
    return idlest !== undefined;
  }
}

/** What the servers get to know a session by, before anything else of it is known. */
export function newIdentity(): CallSession {
  // > The session ID SHOULD be globally unique and cryptographically secure  (basic/transports, 2025-11-25)
  return { id: randomUUID(), ended: new Cancellation() };
}

interface NewSession extends Pick<Session, 'principal' | 'scope' | 'client' | 'over'> {
  readonly identity?: CallSession;
  readonly budget?: Budget;
  /** How long a person may take to answer a question. */
  readonly inputMs?: number | undefined;
}

/** What `initialize` opens. Whoever opens it ends it, with {@link endSession}. */
export function newSession({
  principal,
  scope,
  client,
  over,
  identity = newIdentity(),
  budget = newBudget(),
  inputMs,
}: NewSession): Session {
  // Member by member: an object that begins as a copy of another one takes more room.
  return {
    id: identity.id,
    ended: identity.ended,
    principal,
    caller: { principal },
    scope,
    over,
    client,
    // Nobody said anything yet; without debug, since that is what people switch on.
    logLevel: 'info',
    inFlight: [],
    asking: new Asking(inputMs),
    hearing: undefined,
    events: new EventStore(budget, client.protocolVersion >= PRIMED_SINCE),
    stream: undefined,
    lastUsed: Date.now(),
  };
}

/** Closes everything that a session has open, and cancels its calls. */
export function endSession(session: Session, reason: string): void {
  session.stream?.close();
  session.events.close();
  session.asking.close();
  session.hearing?.close();
  for (const { cancellation } of session.inFlight) cancellation.cancel(reason);
  session.ended.cancel(reason);
}

function isIdle(session: Session): boolean {
  return session.inFlight.length === 0 && session.stream?.isOpen !== true && !session.events.isAttached;
}

/** Who listens only uses a session, too, until he leaves. */
function lastUseOf({ lastUsed, events }: Session): number {
  return Math.max(lastUsed, events.leftAt);
}
