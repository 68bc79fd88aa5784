import { describe, expect, it } from 'vitest';

import { AnswerCheck, WrongAnswer } from './check.ts';
import { Digits } from './digits.ts';
import { CallRequest, type Call } from './request.ts';

interface Answer {
  id?: unknown;
  method?: string;
  result?: unknown;
  error?: unknown;
}

class Fixture {
  readonly digits: Digits = new Digits();
  readonly #request: CallRequest;
  readonly #check: AnswerCheck;

  constructor(call: Call = { era: 'legacy', tool: 'echo', bytes: 100 }) {
    const endpoint = { host: 'localhost', port: 1, path: '/mcp', headers: [] };
    this.#request = new CallRequest(endpoint, call, 3, this.digits, []);
    this.#check = new AnswerCheck(this.#request, this.digits);
  }

  /** The right answer to the present call. */
  right(): Answer & { result: { content: { type: string; text: string }[] } } {
    const text = this.#request.expectedText(this.digits);
    return { id: Number(this.digits.toString()), result: { content: [{ type: 'text', text }] } };
  }

  /** One call, answered with these messages, each in pieces of `size` bytes. */
  call(messages: (Answer | string)[], size = Infinity): void {
    this.#check.begin();
    for (const message of messages) {
      const bytes = Buffer.from(typeof message === 'string' ? message : JSON.stringify(message));
      for (let at = 0; at < bytes.length; at += size) {
        this.#check.piece(bytes, at, Math.min(at + size, bytes.length));
      }
      this.#check.message();
    }
    this.#check.end();
  }
}

/** Each fault is tried on the first call, which is parsed, and on a later one, which is compared. */
function faults(fixture: Fixture): [string, (Answer | string)[]][] {
  const right = fixture.right();
  const block = { type: 'text', text: right.result.content[0]?.text ?? '' };
  const withContent = (...content: unknown[]): Answer => ({ ...right, result: { content } });
  return [
    ['no answer', []],
    ['two answers', [right, right]],
    ['the id of another call', [{ ...right, id: 1_000_000_999 }]],
    ['the id as a string', [{ ...right, id: fixture.digits.toString() }]],
    ['no id', [{ result: right.result }]],
    ['an error', [{ id: right.id, error: { code: -32603, message: 'x' } }]],
    ['an error of the tool', [{ ...right, result: { ...right.result, isError: true } }]],
    [
      'the canary of another connection',
      [withContent({ ...block, text: block.text.replace('c00003', 'c00004') })],
    ],
    ['the canary of another call', [withContent({ ...block, text: block.text.replace('100000', '200000') })]],
    ['text cut short', [withContent({ ...block, text: block.text.slice(0, -1) })]],
    ['text that goes on', [withContent({ ...block, text: `${block.text}.` })]],
    ['one other byte at the end', [withContent({ ...block, text: `${block.text.slice(0, -1)},` })]],
    ['another kind of content', [withContent({ ...block, type: 'image' })]],
    ['content twice', [withContent(block, block)]],
    ['no message', ['[]']],
    ['half of the message', [JSON.stringify(right).slice(0, 60)]],
  ];
}

const names = faults(new Fixture()).map(([name]) => name);

function fault(fixture: Fixture, name: string): (Answer | string)[] {
  const found = faults(fixture).find(([known]) => known === name);
  if (!found) throw new Error(`no fault ${name}`);
  return found[1];
}

describe('AnswerCheck', () => {
  it.each([1, 7, 64, Infinity])('accepts right answers in pieces of %d bytes', (size) => {
    const fixture = new Fixture();
    for (let i = 0; i < 20; i += 1) {
      fixture.digits.increment();
      fixture.call([fixture.right()], size);
    }
  });

  it('accepts a large result', () => {
    const fixture = new Fixture({ era: 'legacy', tool: 'blob', bytes: 300_000 });
    for (let i = 0; i < 3; i += 1) {
      fixture.digits.increment();
      fixture.call([fixture.right()], 65_536);
    }
  });

  it('passes over empty events and notifications', () => {
    const fixture = new Fixture();
    for (let i = 0; i < 3; i += 1) {
      fixture.digits.increment();
      fixture.call([' ', { method: 'notifications/progress' }, fixture.right()]);
    }
  });

  it('accepts answers whose shape changes, as long as they are right', () => {
    const fixture = new Fixture();
    const shapes: ((answer: Answer) => string)[] = [
      (answer) => JSON.stringify(answer),
      (answer) => JSON.stringify(answer, null, 2),
      ({ id, result }) => JSON.stringify({ result, id }),
      (answer) => JSON.stringify({ jsonrpc: '2.0', ...answer }),
    ];
    for (const shape of [...shapes, ...shapes]) {
      fixture.digits.increment();
      fixture.call([shape(fixture.right())], 33);
    }
  });

  it.each(names)('refuses %s as the first answer', (name) => {
    const fixture = new Fixture();
    const messages = fault(fixture, name);
    expect(() => fixture.call(messages)).toThrow();
  });

  it.each(names)('refuses %s after right answers', (name) => {
    const fixture = new Fixture();
    for (let i = 0; i < 3; i += 1) {
      fixture.digits.increment();
      fixture.call([fixture.right()]);
    }
    fixture.digits.increment();
    const messages = fault(fixture, name);
    expect(() => fixture.call(messages, 50)).toThrow();
  });

  it('refuses the right answer to the call before', () => {
    const fixture = new Fixture();
    fixture.call([fixture.right()]);
    const stale = fixture.right();
    fixture.digits.increment();
    expect(() => fixture.call([stale])).toThrow(WrongAnswer);
  });

  it('says what was wrong without printing a megabyte', () => {
    const fixture = new Fixture({ era: 'legacy', tool: 'blob', bytes: 1_000_000 });
    const answer = fixture.right();
    const cut = { ...answer, result: { content: [{ type: 'text', text: 'x'.repeat(999_999) }] } };
    expect(() => fixture.call([cut])).toThrow(/^The text is not what was asked for: .{1,400}$/);
  });
});
