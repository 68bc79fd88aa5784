import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

const LINES = 200;
const LINE_LENGTH = 2000;
/** What is looked at of a line: more than is kept, so that no secret is cut in two where the line is cut off. */
const LOOKED_AT = 2 * LINE_LENGTH;
/** Lines a second that are handed on; the rest of a flood is only counted. */
const RATE = 50;

/**
 * The last lines a server printed on stderr: what people need to see when it fails. Bounded whatever the server does,
 * and free of the values that the config calls secret.
 */
export class StderrTail {
  readonly #lines: string[] = [];
  readonly #hide: (text: string) => string;
  readonly #onLine: (line: string) => void;
  #partial = '';
  #second = 0;
  #count = 0;
  #dropped = 0;

  /** @param onLine called for each line, at most {@link RATE} times a second */
  constructor(stream: Readable, hide: (text: string) => string, onLine: (line: string) => void) {
    this.#hide = hide;
    this.#onLine = onLine;
    const decoder = new StringDecoder('utf8');
    stream.on('data', (chunk: Buffer) => this.#push(decoder.write(chunk)));
    stream.on('end', () => this.#push(decoder.end() === '' && this.#partial === '' ? '' : '\n'));
    stream.on('error', () => {});
  }

  /** The newest lines, oldest first. */
  lines(most: number = LINES): readonly string[] {
    return this.#lines.slice(-most);
  }

  #push(text: string): void {
    const pieces = (this.#partial + text).split('\n');
    this.#partial = (pieces.pop() ?? '').slice(0, LOOKED_AT);
    for (const piece of pieces) this.#line(clean(piece));
  }

  #line(raw: string): void {
    if (raw === '') return;
    const line = this.#hide(raw).slice(0, LINE_LENGTH);
    this.#lines.push(line);
    if (this.#lines.length > LINES) this.#lines.shift();
    const second = Math.floor(Date.now() / 1000);
    if (second !== this.#second) {
      if (this.#dropped > 0) this.#onLine(`(${this.#dropped} more lines in the last second)`);
      this.#second = second;
      this.#count = 0;
      this.#dropped = 0;
    }
    if (++this.#count <= RATE) this.#onLine(line);
    else this.#dropped += 1;
  }
}

/** Without colours and other control sequences: what a server prints must not steer the terminal of whoever reads it. */
function clean(line: string): string {
  return (
    line
      .slice(0, LOOKED_AT)
      // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
      .replace(/\u001b\[[0-9;?]*[ -/]*[@-~]/g, '')
      // oxlint-disable-next-line no-control-regex -- see above
      .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029]/g, '')
      .trimEnd()
  );
}
