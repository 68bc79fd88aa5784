import { isObject, type JsonObject } from '../core/json.ts';
import type { Call } from '../core/call.ts';
import type { Era } from '../core/protocol.ts';
import { failure, type Failure, type Reply } from '../core/reply.ts';
import type { Logger } from '../telemetry/log.ts';
import { Breaker } from './breaker.ts';
import type { Place } from './capacity.ts';
import { describeEnding, Link } from './link.ts';
import type { Opening, Peer } from './peer.ts';
import { open, saysNothing } from './probe.ts';
import type { Ending, Transport, TransportEvents } from './transport/transport.ts';

export interface ConnectionOptions {
  readonly name: string;
  /** As whom, and for a client that can be asked what. */
  readonly opening: Opening;
  readonly log: Logger;
  /** Starts the server. May throw nothing: a server that cannot start says so by `closed`. */
  start(events: TransportEvents): Transport | Promise<Transport>;
  /** What is known of how this server begins, from any of its processes. */
  era: EraMemory;
  /**
   * What keeps a server that fails from being started over and over: by failed starts, and by ends after a start. They
   * may be other connections' too.
   */
  readonly breakers?: Breakers;
  /** Gets the right to run one process more. Absent: nobody counts. */
  place?(): Place | Promise<Place | Failure>;
  /** The server is ready. */
  onReady?(): void;
  /** The last call is answered. */
  onIdle?(): void;
  /** It is started again. */
  onRestart?(): void;
  /** Something went wrong. */
  onProblem?(message: string): void;
  /** A notification of the server that belongs to no call. */
  onNotification(method: string, params: JsonObject): void;
  /** The server came back after an end: whatever was known of it may have changed. */
  onReturn(): void;
}

export interface Breakers {
  readonly starts: Breaker;
  readonly crashes: Breaker;
}

export interface EraMemory {
  /** The era this server spoke last time. */
  known: Era | undefined;
  /** It ended when it was asked the modern question; so from then on it is asked the old one first. */
  endsWhenProbed?: boolean;
}

export type ConnectionState = 'starting' | 'ready' | 'failed' | 'stopped';

/** A server that lived this long starts with a clean record. */
const HEALTHY_MS = 60_000;
/** A caller waits for a restart that is this near, and is told of one that is farther. */
const WORTH_WAITING_MS = 2000;

/**
 * One running server, kept running: started, found out about, restarted with a growing pause when it ends by itself.
 * The calls in flight at its end fail with what it printed; nobody's call is ever repeated for them.
 */
export class Connection {
  readonly #options: ConnectionOptions;
  #state: ConnectionState = 'starting';
  #transport: Transport | undefined;
  #peer: Peer | undefined;
  #problem: Failure = failure('server_start_failed');
  #stderr: readonly string[] = [];
  #starting: Promise<void>;
  /** Who waits for the end of the server that runs now. */
  #waiting: (() => void)[] = [];
  #retry: NodeJS.Timeout | undefined;
  #retryAt = 0;
  #watched: ReadonlySet<string> = new Set();
  readonly #breakers: Breakers;
  #place: Place | undefined;
  #lastReason = '';
  #startedAt = Date.now();
  #lastUsed = Date.now();
  #restarts = 0;
  #calls = 0;
  #healthy: NodeJS.Timeout | undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#breakers = options.breakers ?? { starts: new Breaker('start'), crashes: new Breaker('crash') };
    this.#starting = this.#start();
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** The server when it is ready right now. */
  get peer(): Peer | undefined {
    return this.#peer;
  }

  /** Why there is no server, and the last it printed. */
  get problem(): { message: string; stderr: readonly string[] } {
    return { message: this.#problem.error.message, stderr: this.#stderr };
  }

  /** Of the process, where it is one. */
  get pid(): number | undefined {
    return this.#transport?.pid;
  }

  /** When it was last started. Milliseconds since 1970, like `lastUsed`. */
  get startedAt(): number {
    return this.#startedAt;
  }

  get lastUsed(): number {
    return this.#lastUsed;
  }

  get restarts(): number {
    return this.#restarts;
  }

  /** Calls without an answer. */
  get calls(): number {
    return this.#calls;
  }

  /** Does somebody wait for something of it, or listen to it? */
  get isBusy(): boolean {
    return (
      this.#calls > 0 ||
      this.#state === 'starting' ||
      this.#watched.size > 0 ||
      this.#peer?.parked === true ||
      this.#peer?.tasks.working === true
    );
  }

  /** The server, or why there is none. Waits for a start that is under way or near. */
  async ready(): Promise<Peer | Failure> {
    this.#lastUsed = Date.now();
    if (this.#state === 'failed' && this.#retryAt - Date.now() <= WORTH_WAITING_MS) this.#restart();
    if (this.#state === 'starting') await this.#starting;
    return this.#peer ?? this.#problem;
  }

  /**
   * A call. Where a remote server says that it no longer knows the session, it has not worked on it: then the call is
   * made once more, in a new session.
   */
  async call(peer: Peer, call: Call): Promise<Reply> {
    this.#calls += 1;
    try {
      const reply = await peer.call(call);
      return isLostSession(reply) ? await this.#again(peer, call) : reply;
    } finally {
      this.#calls -= 1;
      this.#lastUsed = Date.now();
      if (this.#calls === 0) this.#options.onIdle?.();
    }
  }

  async #again(peer: Peer, call: Call): Promise<Reply> {
    if (this.#peer === peer)
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    const next = await this.ready();
    return 'era' in next ? next.call(call) : next;
  }

  /**
   * Sets the resources whose updates are wanted, now and after each restart.
   * @returns those of them that the server tells of
   */
  async watch(uris: ReadonlySet<string>): Promise<ReadonlySet<string>> {
    this.#watched = uris;
    const peer = await this.ready();
    return 'era' in peer ? peer.watch(uris) : new Set();
  }

  /** Ends the server for good. Resolves when nothing of it is left. */
  async stop(): Promise<void> {
    this.#state = 'stopped';
    this.#peer = undefined;
    this.#problem = failure('shutting_down');
    clearTimeout(this.#retry);
    clearTimeout(this.#healthy);
    // A start that is under way sees that it is not wanted any more, and closes what it has opened.
    await Promise.all([this.#transport?.close(), this.#starting]);
    this.#leave();
  }

  #restart(): void {
    if (this.#state !== 'failed') return;
    clearTimeout(this.#retry);
    const shut = this.#shut();
    if (shut) return this.#turnAway(shut);
    this.#state = 'starting';
    this.#restarts += 1;
    this.#options.onRestart?.();
    this.#starting = this.#start().then(() => {
      if (this.#state === 'ready') this.#options.onReturn();
    });
  }

  async #start(): Promise<void> {
    const { starts, crashes } = this.#breakers;
    const shut = this.#shut();
    if (shut) return this.#turnAway(shut);
    starts.begin();
    crashes.begin();
    const problem = await this.#settle();
    if (problem || !this.#isRunning()) {
      // No failure of the server's, or one that was counted already.
      starts.abandon();
      crashes.abandon();
      this.#leave();
    }
    if (problem && this.#isRunning()) this.#fail(problem, starts);
  }

  /** Gets a place, starts the server and finds out about it. @returns what came in between */
  async #settle(): Promise<Failure | undefined> {
    const { era, name, log } = this.#options;
    const place = await this.#options.place?.();
    if (place && 'kind' in place) return place;
    this.#place = place;
    if (!this.#isRunning()) return undefined;
    const outcome = await this.#outcome();
    if (!this.#isRunning()) return undefined;
    if (outcome.kind === 'failure') {
      if (!outcome.died) era.known = undefined;
      return failure('server_start_failed', outcome.reason, { server: name });
    }
    era.known = outcome.peer.era;
    this.#peer = outcome.peer;
    this.#state = 'ready';
    this.#startedAt = Date.now();
    this.#proveHealthy();
    void outcome.peer.watch(this.#watched);
    this.#options.onReady?.();
    log.info({ server: name, era: outcome.peer.era, version: outcome.peer.protocolVersion }, 'server ready');
    return undefined;
  }

  /** One attempt, and a second one where the first may have failed only since it was asked in the wrong words. */
  async #outcome(): Promise<Attempt> {
    const { era, opening } = this.#options;
    const asked = era.known ?? (era.endsWhenProbed ? 'legacy' : undefined);
    const outcome = await this.#attempt(asked);
    // One that said nothing has had its time, and one that cannot be reached or wants a login has nothing to do with it.
    const isOver = opening.pinned !== undefined || outcome.kind === 'ready' || outcome.isFinal;
    if (isOver || !this.#isRunning()) return outcome;
    // What was known may be out of date. But a process that ends by itself would do so again.
    if (asked !== undefined) return outcome.died ? outcome : this.#attempt(undefined);
    // Some legacy servers exit when they are asked anything before initialize; the next time it is known.
    if (outcome.died) era.endsWhenProbed = true;
    return this.#attempt('legacy');
  }

  /** A start is a success; to stay for a while is another one. */
  #proveHealthy(): void {
    const { starts, crashes } = this.#breakers;
    starts.close();
    crashes.started();
    if (crashes.failures === 0) return;
    this.#healthy = setTimeout(() => crashes.close(), HEALTHY_MS).unref();
  }

  #shut(): Breaker | undefined {
    const { starts, crashes } = this.#breakers;
    return [starts, crashes].find((each) => each.isShut);
  }

  /** It was tried too often, by us or by another connection: until the next try, this is the answer. */
  #turnAway(shut: Breaker): void {
    const { reason = '', retryAt = 0, failures = 0 } = shut.state ?? {};
    const wait = Math.max(retryAt - Date.now(), 250);
    if (this.#state === 'starting')
      this.#problem = failure('server_start_failed', reason, { server: this.#options.name });
    this.#state = 'failed';
    this.#retryAt = Date.now() + wait;
    this.#problem = withBreaker(this.#problem, failures, wait);
    this.#retry = setTimeout(() => this.#restart(), wait);
  }

  /** Gives back the right to run a process. */
  #leave(): void {
    this.#place?.release();
    this.#place = undefined;
  }

  /** Stopping may come in between any two steps. */
  #isRunning(): boolean {
    return this.#state !== 'stopped';
  }

  async #attempt(era: Era | undefined): Promise<Attempt> {
    const endings: Ending[] = [];
    // A server may end before its start has returned.
    let started: Transport | undefined;
    const link: Link = new Link(
      {
        get streamPerRequest() {
          return started?.streamPerRequest ?? false;
        },
        send: (message, outline) => started?.send(message, outline) ?? false,
        cancel: (id) => started?.cancel?.(id) ?? false,
        opened: (version) => started?.opened?.(version),
        close: async () => started?.close(),
      },
      {
        notification: (method, params) => this.#options.onNotification(method, params),
        lost: (what) => this.#options.log.debug({ server: this.#options.name }, `dropped ${what}`),
        warn: (problem) => this.#options.log.warn({ server: this.#options.name }, problem),
      },
    );
    const transport = await this.#begin({
      message: (message, relatedTo) => link.receive(message, relatedTo),
      overflow: (id, size) => link.overflow(id, size),
      junk: (size) => this.#options.log.debug({ server: this.#options.name, size }, 'not a message'),
      closed: (how) => {
        endings.push(how);
        link.end({ ...how, server: this.#options.name });
        if (!started || this.#transport !== started) return;
        this.#ended(how);
        const waiting = this.#waiting;
        this.#waiting = [];
        for (const resolve of waiting) resolve();
      },
    });
    if (!transport) return { kind: 'failure', reason: 'It could not be loaded.', isFinal: true, died: false };
    started = transport;
    if (!this.#isRunning()) {
      await transport.close();
      return { kind: 'failure', reason: 'It was stopped.', isFinal: true, died: false };
    }
    this.#transport = transport;
    const opened = await open(link, this.#options.opening, era);
    if ('era' in opened) return { kind: 'ready', peer: opened };
    this.#transport = undefined;
    // What it printed belongs to the reason; how it then takes our closing does not.
    const diedItself = endings.length > 0;
    await transport.close();
    const [ending] = endings;
    this.#stderr = ending?.stderr ?? [];
    // Over HTTP the first attempt has asked both questions.
    const isFinal =
      saysNothing(opened) || ending?.neverRan === true || (link.streamPerRequest && era === undefined);
    return { kind: 'failure', reason: whyNot(opened, ending, diedItself), isFinal, died: diedItself };
  }

  /** Starts the transport. One that throws is a mistake of ours, and costs this server and not the gateway. */
  async #begin(events: TransportEvents): Promise<Transport | undefined> {
    try {
      return await this.#options.start(events);
    } catch (error) {
      const { name, stack } = error instanceof Error ? error : new TypeError();
      this.#options.log.error({ server: this.#options.name, error: name, at: stack }, 'server did not start');
      return undefined;
    }
  }

  /** The server ended by itself after it was ready. */
  #ended(how: Ending): void {
    if (this.#state !== 'ready') return;
    this.#stderr = how.stderr;
    clearTimeout(this.#healthy);
    if (Date.now() - this.#startedAt > HEALTHY_MS) this.#breakers.crashes.close();
    this.#leave();
    this.#fail(
      failure('server_exited', describeEnding(how), { server: this.#options.name }),
      this.#breakers.crashes,
    );
  }

  #fail(problem: Failure, breaker: Breaker): void {
    this.#state = 'failed';
    this.#peer = undefined;
    this.#problem = problem;
    this.#startedAt = Date.now();
    // No place is no failure of the server's: whoever comes next may try.
    if (isNoPlace(problem)) return void (this.#retryAt = 0);
    const [line = ''] = problem.error.message.split('\n', 1);
    const reason = line.replace(/ It printed:$/, '');
    const pause = breaker.failed(reason);
    this.#options.onProblem?.(problem.error.message);
    if (breaker.state) this.#problem = withBreaker(problem, breaker.failures, pause);
    this.#retryAt = Date.now() + pause;
    this.#retry = setTimeout(() => this.#restart(), pause);
    const { log, name } = this.#options;
    // What it printed stands in the log already, line by line; and the same again is no news.
    const level = reason === this.#lastReason ? 'debug' : 'warn';
    this.#lastReason = reason;
    log[level]({ server: name, retryMs: pause, failures: breaker.failures }, reason);
  }
}

type Attempt =
  | { readonly kind: 'ready'; readonly peer: Peer }
  | {
      readonly kind: 'failure';
      readonly reason: string;
      /** Would the same happen whatever it is asked? */
      readonly isFinal: boolean;
      /** Did it end by itself? */
      readonly died: boolean;
    };

function isNoPlace({ error }: Failure): boolean {
  return (
    isObject(error.data) &&
    (error.data['reason'] === 'at_capacity' || error.data['reason'] === 'shutting_down')
  );
}

/** A problem, and that it is not tried again at once. */
function withBreaker({ kind, error }: Failure, failures: number, waitMs: number): Failure {
  const seconds = Math.ceil(waitMs / 1000);
  const [said = ''] = error.message.split(BROKEN, 1);
  const data = isObject(error.data) ? error.data : {};
  return {
    kind,
    error: {
      ...error,
      message: `${said}${BROKEN}${failures} times in a row, and is tried again in ${seconds} s.`,
      data: { ...data, breaker: 'open', retryAfterMs: waitMs },
      retryAfter: seconds,
    },
  };
}
const BROKEN = '\nIt failed ';

function isLostSession(reply: Reply): boolean {
  const data = reply.kind === 'failure' ? reply.error.data : undefined;
  return isObject(data) && data['reason'] === 'server_session_lost';
}

function whyNot(reply: Reply, ending: Ending | undefined, diedItself: boolean): string {
  if (ending && diedItself) return describeEnding(ending);
  const reason = reply.kind === 'failure' ? reply.error.message : 'It answered initialize with a question.';
  return ending ? describeEnding({ reason: reason.replace(/\.$/, ''), stderr: ending.stderr }) : reason;
}
