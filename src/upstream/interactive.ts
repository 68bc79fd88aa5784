import { randomUUID } from 'node:crypto';
import type { Answer, Call, Notification } from '../core/call.ts';
import { Cancellation } from '../core/cancellation.ts';
import type { JsonObject, JsonValue } from '../core/json.ts';
import { failure, type Reply } from '../core/reply.ts';
import { Deadline } from './deadline.ts';
import type { Caller } from './link.ts';
import type { Times } from './peer.ts';

/** Questions that a server asks side by side are put to the client in one round: so long after the last of them. */
const GATHER_MS = 10;
/** Questions that may be open at once: no person answers more. */
const MOST_QUESTIONS = 100;
/** How long a question may wait for a person, unless the configuration says something else. */
const PARKED_MS = 10 * 60_000;

type CallTimes = Omit<Times, 'startMs'>;

interface Question {
  readonly method: string;
  readonly params: JsonObject;
  readonly settle: (answer: Answer) => void;
}

/**
 * One call to a legacy server that may ask its client something before it answers.
 *
 * Towards the server it is one request from beginning to end. Towards the client it is one or more rounds: a round ends
 * with the result, or with the questions that came up; then the call is *parked*, until the same call comes again with
 * the answers. Nobody coming again ends it after a while.
 */
export class InteractiveCall implements Caller {
  /** What the client gets as `requestState` (sealed on its way), and by which its next round finds this call. */
  readonly id: string = randomUUID();
  readonly cancellation = new Cancellation();
  /** The task it waits for; then a question says that it is about this one. */
  readonly task: JsonValue | undefined;
  /** Resolves when the server has answered, or the call was given up. */
  readonly finished: Promise<void>;
  readonly #times: CallTimes;
  readonly #questions = new Map<string, Question>();
  #round: Call;
  #parked = false;
  #asked = 0;
  #final: Reply | undefined;
  #wake: (() => void) | undefined;
  /** While more questions may come. */
  #gathering: NodeJS.Timeout | undefined;
  /** While it is parked. */
  #timer: NodeJS.Timeout | undefined;
  /** While the server works. */
  #deadline: Deadline | undefined;

  /**
   * @param send sends the request; notifications and cancellation go through this object, whatever the round
   * @param times how long the server may work within one round
   */
  constructor(call: Call, times: CallTimes, send: (caller: Caller) => Promise<Reply>) {
    this.#round = call;
    this.#times = times;
    this.task = call.method === 'tasks/result' ? call.params['taskId'] : undefined;
    this.finished = send(this).then((reply) => {
      this.#rest();
      this.#final ??= reply;
      this.#wake?.();
    });
  }

  get wantsProgress(): boolean {
    return this.#round.wantsProgress;
  }

  get logLevel(): Call['logLevel'] {
    return this.#round.logLevel;
  }

  notify(notification: Notification): void {
    if (notification.method === 'notifications/progress') this.#deadline?.extend();
    this.#round.notify(notification);
  }

  /** The server asks something; resolves with what the client says. */
  ask(method: string, params: JsonObject): Promise<Answer> {
    if (this.#questions.size >= MOST_QUESTIONS)
      return Promise.resolve({ error: { code: -32603, message: 'Too many questions at once.' } });
    return new Promise((settle) => {
      this.#asked += 1;
      this.#questions.set(`${method.split('/')[0]}-${this.#asked}`, { method, params, settle });
      clearTimeout(this.#gathering);
      this.#gathering = setTimeout(() => {
        // The client may have been quicker.
        if (this.#questions.size > 0) this.#wake?.();
      }, GATHER_MS);
    });
  }

  /** Does it wait for its client? */
  get parked(): boolean {
    return this.#parked;
  }

  /** Ends a parked call for good: its process is needed by somebody who is there. */
  evict(): void {
    this.#giveUp('another call took its place', failure('input_expired'));
  }

  /** One round: hands over the answers, and waits for the result or for the next questions. */
  async next(call: Call): Promise<Reply> {
    // A client may come back twice at once. The later one counts, and the earlier one is not left waiting for ever.
    this.#wake?.();
    this.#round = call;
    this.#parked = false;
    this.#rest();
    const { callMs, callMaxMs = 0 } = this.#times;
    this.#deadline = new Deadline(callMs, callMaxMs, () => this.#giveUp('timeout', failure('call_timeout')));
    call.cancellation.onCancel((reason) => {
      if (this.#round === call) this.#giveUp(reason, failure('cancelled'));
    });
    for (const [key, answer] of call.answers?.responses ?? []) {
      this.#questions.get(key)?.settle(answer);
      this.#questions.delete(key);
    }
    // What was not answered is asked again (basic/patterns/mrtr).
    if (!this.#final && this.#questions.size === 0)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    if (this.#round !== call) return this.#final ?? failure('input_expired', 'The same call came again.');
    this.#wake = undefined;
    this.#rest();
    return this.#final ?? this.#park();
  }

  /** No time runs. */
  #rest(): void {
    clearTimeout(this.#timer);
    this.#deadline?.clear();
  }

  #park(): Reply {
    this.#parked = true;
    this.#timer = setTimeout(
      () => this.#giveUp('nobody answered', failure('input_expired')),
      this.#times.inputMs ?? PARKED_MS,
    );
    const inputRequests = Object.fromEntries(
      [...this.#questions].map(([key, { method, params }]) => [key, { method, params }]),
    );
    return { kind: 'input_required', inputRequests, requestState: this.id };
  }

  /** Nobody wants the result any more. The server is told so by whoever sent the request. */
  #giveUp(reason: string, reply: Reply): void {
    this.#final ??= reply;
    for (const { settle } of this.#questions.values())
      settle({ error: { code: -32603, message: 'The user did not answer.' } });
    this.#questions.clear();
    this.cancellation.cancel(reason);
    this.#wake?.();
  }
}
