import type { Answer, Answers, Call } from '../../core/call.ts';
import type { Cancellation } from '../../core/cancellation.ts';
import { isObject, type JsonObject } from '../../core/json.ts';
import { failure, type Failure, type Reply } from '../../core/reply.ts';
import type { Message } from '../../wire/jsonrpc.ts';
import { type Question, questionFor } from './question.ts';

/** How long a client may take for one round of questions, unless told otherwise: a person may have to read and think. */
const ROUND_MS = 10 * 60_000;
/** Questions in one round: no person answers more. */
const MOST = 100;

type Asked = Extract<Reply, { kind: 'input_required' }>;
type Response = Extract<Message, { kind: 'result' | 'error' }>;
type Settle = (answer: Answer) => void;

/**
 * The questions that are out to one legacy client. The core says `input_required`; a legacy client is asked with real
 * requests, on the stream of the very call they came up in, and posts its responses.
 */
export class Asking {
  /** Made for the first question: most sessions are never asked anything. */
  #open: Map<number, Settle> | undefined;
  readonly #roundMs: number;
  #next = 1;

  constructor(roundMs = ROUND_MS) {
    this.#roundMs = roundMs;
  }

  /**
   * Asks all questions of a reply and waits for all the answers.
   * @param send writes a request to the client
   */
  async ask(
    reply: Asked,
    { client, cancellation }: Pick<Call, 'client' | 'cancellation'>,
    send: (id: number, method: string, params: JsonObject) => void,
  ): Promise<Answers | Failure> {
    const requests = Object.entries(reply.inputRequests);
    if (requests.length > MOST)
      return failure('server_reply_invalid', `It asks ${requests.length} things at once.`);
    const questions: { key: string; method: string; question: Question }[] = [];
    for (const [key, request] of requests) {
      const method = isObject(request) ? request['method'] : undefined;
      const params = isObject(request) ? request['params'] : undefined;
      if (typeof method !== 'string') return failure('server_reply_invalid', 'It asks without a method.');
      const question = questionFor(client, method, isObject(params) ? params : {});
      if ('kind' in question) return question;
      questions.push({ key, method, question });
    }
    const asked = questions.map(({ key, method, question }) =>
      this.#one(key, method, question, cancellation, send),
    );
    return { responses: new Map(await Promise.all(asked)), state: reply.requestState };
  }

  /** A response that the client posted. @returns false when it answers nothing that was asked */
  receive(response: Response): boolean {
    const { id } = response;
    const settle = typeof id === 'number' ? this.#open?.get(id) : undefined;
    if (typeof id !== 'number' || !settle) return false;
    this.#open?.delete(id);
    settle(response.kind === 'result' ? { result: response.result } : { error: response.error });
    return true;
  }

  /** The client is gone: nothing will be answered any more. */
  close(): void {
    for (const settle of this.#open?.values() ?? []) settle(UNANSWERED);
    this.#open = undefined;
  }

  #one(
    key: string,
    method: string,
    question: Question,
    cancellation: Cancellation,
    send: (id: number, method: string, params: JsonObject) => void,
  ): Promise<[string, Answer]> {
    const id = this.#next++;
    const open = (this.#open ??= new Map<number, Settle>());
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        open.delete(id);
        resolve([key, UNANSWERED]);
      }, this.#roundMs);
      open.set(id, (answer) => {
        clearTimeout(timer);
        resolve([key, 'result' in answer ? { result: question.read(answer.result) } : answer]);
      });
      // Nobody waits for the answer of a person to a call that is no longer wanted.
      cancellation.onCancel(() => {
        open.get(id)?.(UNANSWERED);
        open.delete(id);
      });
      send(id, method, question.params);
    });
  }
}

const UNANSWERED: Answer = { error: { code: -32603, message: 'The user did not answer.' } };
