import { isObject } from '../../core/json.ts';
import { failure, type Failure } from '../../core/reply.ts';
import type { Incoming } from '../../wire/response-line.ts';
import { Answer, type AnswerEvents } from './answer.ts';
import type { HttpClient, HttpExchange, ResponseHeaders } from './http-client.ts';
import type { Outline, TransportEvents } from './transport.ts';

/** The transport, as one of its requests sees it. */
export interface PostOwner {
  readonly client: HttpClient;
  readonly events: TransportEvents;
  readonly messageLimit: number;
  sessionHeaders(): Record<string, string>;
  accepted(post: Post, headers: ResponseHeaders): void;
  problemOf(post: Post, status: number, problem: Failure, said: Incoming | undefined): Failure | undefined;
  done(post: Post): void;
}

/** A message that is no request has its answer, an empty one, within this time. */
const NOTICE_MS = 30_000;
/** A stream is closed when the server leaves it open this long after the answer. */
const LINGER_MS = 1000;
/** Pause before a broken stream is taken up again, unless the server says how long; and how often in a row. */
const RESUME_MS = 1000;
const RESUME_MOST_MS = 60_000;
const RESUMES = 5;

/** HeaderMismatch, MissingRequiredClientCapability, UnsupportedProtocolVersion. */
const MODERN_ERRORS: ReadonlySet<number> = new Set([-32020, -32021, -32022]);

const ACCEPT = 'application/json, text/event-stream';

/**
 * One message on its way, as one POST, and what comes back on it. A legacy stream that breaks before the answer is taken
 * up again where it broke, when the server gave its events ids.
 */
export class Post implements AnswerEvents {
  /** The message. */
  readonly text: string;
  readonly outline: Outline | undefined;
  readonly isModern: boolean;
  /** Was it sent within a session? */
  readonly inSession: boolean;
  wasAccepted = false;
  readonly #owner: PostOwner;
  readonly #headers: Readonly<Record<string, string>>;
  #exchange: HttpExchange | undefined;
  #answered = false;
  #over = false;
  #timer: NodeJS.Timeout | undefined;
  #pause = RESUME_MS;
  #resumes = 0;

  constructor(
    owner: PostOwner,
    text: string,
    outline: Outline | undefined,
    headers: Readonly<Record<string, string>>,
  ) {
    this.#owner = owner;
    this.text = text;
    this.outline = outline;
    this.#headers = headers;
    this.isModern = 'mcp-method' in headers;
    this.inSession = 'mcp-session-id' in headers;
  }

  get id(): number | undefined {
    return this.outline?.id;
  }

  get method(): string | undefined {
    return this.outline?.method;
  }

  get size(): number {
    return this.text.length;
  }

  send(): void {
    this.#exchange = this.#owner.client.request(
      {
        method: 'POST',
        headers: { accept: ACCEPT, 'content-type': 'application/json', ...this.#headers },
        body: this.text,
        // Whoever waits for a request sees to its time.
        ...(this.id === undefined && { headersTimeout: NOTICE_MS, bodyTimeout: NOTICE_MS }),
      },
      new Answer(this, this.#owner.messageLimit),
    );
  }

  /** Closes it without another word to anybody. */
  abort(): void {
    if (this.#over) return;
    this.#exchange?.abort();
    this.#finish();
  }

  accepted(headers: ResponseHeaders): void {
    if (!this.wasAccepted) this.#owner.accepted(this, headers);
    this.wasAccepted = true;
  }

  message(message: Incoming): void {
    const { id } = this;
    const { events } = this.#owner;
    this.#resumes = 0;
    const isAnswer = message.kind === 'result' || message.kind === 'error';
    // An error whose request the server could not tell: this one, since nothing else came this way.
    const mine = message.kind === 'error' && message.id === null && id !== undefined;
    this.#answered ||= mine || (isAnswer && message.id === id);
    events.message(mine ? { ...message, id } : message, id);
    if (this.#answered && !this.#over) this.#timer ??= setTimeout(() => this.abort(), LINGER_MS);
  }

  junk(size: number): void {
    this.#owner.events.junk(size);
  }

  overflow(size: number): void {
    this.#owner.events.overflow(this.id, size);
    this.#answered = true;
    this.abort();
  }

  retry(ms: number): void {
    this.#pause = Math.min(ms, RESUME_MOST_MS);
  }

  refused(status: number, problem: Failure, message: Incoming | undefined): void {
    if (this.#over) return;
    const shown = this.#owner.problemOf(this, status, problem, message);
    // The server's own words say more than a status, if they are about this request. But a gate in front of the server
    // says nothing that the search for its version may be based on.
    const isWord = message?.kind === 'error' && (message.id === this.id || isAboutVersion(message));
    const isOpening = this.method === 'server/discover' || this.method === 'initialize';
    const isGate = problem !== shown || status === 401 || (isOpening && isUnavailable(problem));
    if (shown) this.#fail(isWord && !isGate ? { kind: 'failure', error: message.error } : shown);
    this.#finish();
  }

  ended(problem: Failure | undefined, lastEventId: string | undefined): void {
    if (this.#over) return;
    if (this.#answered || this.id === undefined) return this.#finish();
    if (this.wasAccepted && !this.isModern && lastEventId !== undefined && this.#resumes < RESUMES)
      return this.#resume(lastEventId);
    this.#fail(problem ?? failure('server_reply_invalid', 'Its HTTP response ended without an answer.'));
    this.#finish();
  }

  /**
   * > If the client wishes to resume after a broken connection … it SHOULD issue an HTTP GET to the MCP endpoint, and
   * > include the Last-Event-ID header … The client MUST respect the retry field  (2025-11-25, transports)
   */
  #resume(lastEventId: string): void {
    this.#resumes += 1;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#exchange = this.#owner.client.request(
        {
          method: 'GET',
          headers: {
            accept: 'text/event-stream',
            ...this.#owner.sessionHeaders(),
            'last-event-id': lastEventId,
          },
        },
        new Answer(
          {
            message: (message) => this.message(message),
            junk: (size) => this.junk(size),
            overflow: (size) => this.overflow(size),
            retry: (ms) => this.retry(ms),
            refused: (status, problem, message) => this.refused(status, problem, message),
            ended: (problem, last) => this.ended(problem, last ?? lastEventId),
          },
          this.#owner.messageLimit,
        ),
      );
    }, this.#pause);
  }

  #fail(problem: Failure): void {
    if (this.id !== undefined)
      this.#owner.events.message({ kind: 'error', id: this.id, error: problem.error }, this.id);
  }

  #finish(): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#timer);
    this.#owner.done(this);
  }
}

/** The modern errors that a server may send without having read the id. */
function isAboutVersion(message: Incoming): boolean {
  return message.kind === 'error' && message.id === null && MODERN_ERRORS.has(message.error.code);
}

function isUnavailable({ error: { data } }: Failure): boolean {
  return isObject(data) && data['reason'] === 'server_unavailable';
}
