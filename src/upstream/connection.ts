import { isObject, type JsonObject } from '../core/json.ts';
import type { Call } from '../core/call.ts';
import type { Era } from '../core/protocol.ts';
import { failure, type Failure, type Reply } from '../core/reply.ts';
import type { Logger } from '../telemetry/log.ts';
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
  /** The era this server spoke last time, anywhere. */
  era: { known: Era | undefined };
  /** A notification of the server that belongs to no call. */
  onNotification(method: string, params: JsonObject): void;
  /** The server came back after an end: whatever was known of it may have changed. */
  onReturn(): void;
}

export type ConnectionState = 'starting' | 'ready' | 'failed' | 'stopped';

const BACKOFF_FIRST_MS = 250;
const BACKOFF_MOST_MS = 60_000;
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
  #failures = 0;
  #lastReason = '';
  #readyAt = 0;

  constructor(options: ConnectionOptions) {
    this.#options = options;
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

  /** The server, or why there is none. Waits for a start that is under way or near. */
  async ready(): Promise<Peer | Failure> {
    if (this.#state === 'failed' && this.#retryAt - Date.now() <= WORTH_WAITING_MS) this.#restart();
    if (this.#state === 'starting') await this.#starting;
    return this.#peer ?? this.#problem;
  }

  /**
   * A call. Where a remote server says that it no longer knows the session, it has not worked on it: then the call is
   * made once more, in a new session.
   */
  async call(peer: Peer, call: Call): Promise<Reply> {
    const reply = await peer.call(call);
    if (!isLostSession(reply)) return reply;
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
    // A start that is under way sees that it is not wanted any more, and closes what it has opened.
    await Promise.all([this.#transport?.close(), this.#starting]);
  }

  #restart(): void {
    if (this.#state !== 'failed') return;
    clearTimeout(this.#retry);
    this.#state = 'starting';
    this.#starting = this.#start().then(() => {
      if (this.#state === 'ready') this.#options.onReturn();
    });
  }

  async #start(): Promise<void> {
    const { era, name, log, opening } = this.#options;
    let outcome = await this.#attempt(era.known);
    // What was known may be out of date; and some legacy servers exit when they are asked anything before initialize.
    // One that said nothing has had its time, and one that cannot be reached or wants a login has nothing to do with it.
    const isOver = opening.pinned !== undefined || (outcome.kind === 'failure' && outcome.isFinal);
    if (outcome.kind === 'failure' && !isOver && this.#isRunning())
      outcome = await this.#attempt(era.known === undefined ? 'legacy' : undefined);
    if (!this.#isRunning()) return;
    if (outcome.kind === 'ready') {
      era.known = outcome.peer.era;
      this.#peer = outcome.peer;
      this.#state = 'ready';
      this.#readyAt = Date.now();
      void outcome.peer.watch(this.#watched);
      log.info(
        { server: name, era: outcome.peer.era, version: outcome.peer.protocolVersion },
        'server ready',
      );
      return;
    }
    era.known = undefined;
    this.#fail(failure('server_start_failed', outcome.reason, { server: name }));
  }

  /** Stopping may come in between any two steps. */
  #isRunning(): boolean {
    return this.#state !== 'stopped';
  }

  async #attempt(
    era: Era | undefined,
  ): Promise<{ kind: 'ready'; peer: Peer } | { kind: 'failure'; reason: string; isFinal: boolean }> {
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
    if (!transport) return { kind: 'failure', reason: 'It could not be loaded.', isFinal: true };
    started = transport;
    if (!this.#isRunning()) {
      await transport.close();
      return { kind: 'failure', reason: 'It was stopped.', isFinal: true };
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
    const isFinal = saysNothing(opened) || (link.streamPerRequest && era === undefined);
    return { kind: 'failure', reason: whyNot(opened, ending, diedItself), isFinal };
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
    if (Date.now() - this.#readyAt > HEALTHY_MS) this.#failures = 0;
    this.#fail(failure('server_exited', describeEnding(how), { server: this.#options.name }));
  }

  #fail(problem: Failure): void {
    this.#state = 'failed';
    this.#peer = undefined;
    this.#problem = problem;
    this.#failures += 1;
    const pause = Math.min(BACKOFF_FIRST_MS * 2 ** (this.#failures - 1), BACKOFF_MOST_MS);
    this.#retryAt = Date.now() + pause;
    this.#retry = setTimeout(() => this.#restart(), pause);
    const { log, name } = this.#options;
    // What it printed stands in the log already, line by line; and the same again is no news.
    const reason = problem.error.message.split('\n', 1)[0] ?? '';
    const level = reason === this.#lastReason ? 'debug' : 'warn';
    this.#lastReason = reason;
    log[level]({ server: name, retryMs: pause, failures: this.#failures }, reason);
  }
}

function isLostSession(reply: Reply): boolean {
  const data = reply.kind === 'failure' ? reply.error.data : undefined;
  return isObject(data) && data['reason'] === 'server_session_lost';
}

function whyNot(reply: Reply, ending: Ending | undefined, diedItself: boolean): string {
  if (ending && diedItself) return describeEnding(ending);
  const reason = reply.kind === 'failure' ? reply.error.message : 'It answered initialize with a question.';
  return ending ? describeEnding({ reason: reason.replace(/\.$/, ''), stderr: ending.stderr }) : reason;
}
