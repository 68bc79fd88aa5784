import type { Digits } from './digits.ts';
import type { CallRequest } from './request.ts';

/** An answer that is not the answer to the call. One is enough to fail a window. */
export class WrongAnswer extends Error {
  override readonly name: string = 'WrongAnswer';
}

interface Template {
  bytes: Buffer;
  offsets: readonly number[];
}

/**
 * Checks the messages that answer one call: the right id, no error, exactly the text asked for.
 *
 * The first answer of a connection is parsed. From it the checker learns a template: the bytes of an answer and
 * the places where the digits of id and canary stand. Every later answer is compared with the template, byte for
 * byte, piece by piece as it arrives, which costs a `memcmp`. What differs is put together again and parsed, so
 * the template never makes a right answer wrong or a wrong one right.
 */
export class AnswerCheck {
  readonly #request: CallRequest;
  readonly #digits: Digits;
  #template: Template | undefined;
  /** Bytes of the current message that equal the template. */
  #matched = 0;
  /** The current message, once it has left the template. */
  #parts: Buffer[] | undefined;
  #answered = false;

  constructor(request: CallRequest, digits: Digits) {
    this.#request = request;
    this.#digits = digits;
  }

  /** Starts on the call that carries the present digits. */
  begin(): void {
    this.#answered = false;
    this.#restart();
    if (this.#template) this.#digits.writeInto(this.#template.bytes, this.#template.offsets);
  }

  piece(bytes: Buffer, start: number, end: number): void {
    if (this.#parts) {
      this.#parts.push(Buffer.from(bytes.subarray(start, end)));
      return;
    }
    const template = this.#template?.bytes;
    const next = this.#matched + end - start;
    if (template && next <= template.length) {
      if (template.compare(bytes, start, end, this.#matched, next) === 0) {
        this.#matched = next;
        return;
      }
    }
    const before = template ? [Buffer.from(template.subarray(0, this.#matched))] : [];
    this.#parts = [...before, Buffer.from(bytes.subarray(start, end))];
  }

  message(): void {
    if (!this.#parts && this.#template && this.#matched === this.#template.bytes.length) {
      this.#accept();
    } else {
      const parts = this.#parts ?? [this.#template?.bytes.subarray(0, this.#matched) ?? Buffer.alloc(0)];
      this.#inspect(Buffer.concat(parts));
    }
    this.#restart();
  }

  /** The response is whole: it must have held the answer. */
  end(): void {
    if (!this.#answered) throw new WrongAnswer('A response ended without an answer.');
  }

  #restart(): void {
    this.#matched = 0;
    this.#parts = undefined;
  }

  #accept(): void {
    if (this.#answered) throw new WrongAnswer('A call was answered twice.');
    this.#answered = true;
  }

  #inspect(bytes: Buffer): void {
    const text = bytes.toString('utf8');
    // An event stream may begin with an empty event, and may hold notifications.
    if (text.trim() === '') return;
    const message: unknown = JSON.parse(text);
    if (!isObject(message)) throw new WrongAnswer(`Not a message: ${excerpt(text)}`);
    if (!('id' in message) && 'method' in message) return;
    const wrong = this.#fault(message);
    if (wrong) throw new WrongAnswer(`${wrong}: ${excerpt(text)}`);
    this.#accept();
    this.#template = learn(bytes, this.#digits);
  }

  #fault(message: Record<string, unknown>): string | undefined {
    if (message['id'] !== Number(this.#digits.toString())) return 'The id is not that of the call';
    const result = message['result'];
    if (!isObject(result)) return 'No result';
    if (result['isError'] === true) return 'The tool reports an error';
    const content: unknown = result['content'];
    if (!Array.isArray(content) || content.length !== 1) return 'Not one block of content';
    const block: unknown = content[0];
    const right =
      isObject(block) &&
      block['type'] === 'text' &&
      block['text'] === this.#request.expectedText(this.#digits);
    return right ? undefined : 'The text is not what was asked for';
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function excerpt(text: string): string {
  return text.length <= 300 ? text : `${text.slice(0, 200)} … ${text.slice(-80)}`;
}

/** Every place where the digits stand is one that changes with them: they are the id and the canary. */
function learn(answer: Buffer, digits: Digits): Template {
  const offsets: number[] = [];
  for (let at = answer.indexOf(digits.bytes); at >= 0; at = answer.indexOf(digits.bytes, at + 1)) {
    offsets.push(at);
  }
  return { bytes: Buffer.from(answer), offsets };
}
