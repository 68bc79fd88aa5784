import { createReadStream } from 'node:fs';

/** One line of a file, without its end. */
export interface Line {
  readonly text: string;
  /** From 1 on. */
  readonly number: number;
  /** Was there a line break behind it? Without one, it was still being written. */
  readonly isWhole: boolean;
}

/** A line beyond this many characters is none of ours, and is cut. */
const LONGEST = 1024 * 1024;

/** The lines of a file, one after the other, however large it is. */
export async function* linesOf(path: string): AsyncGenerator<Line> {
  let rest = '';
  let number = 0;
  for await (const chunk of createReadStream(path, { encoding: 'utf8', highWaterMark: 256 * 1024 })) {
    const parts = (rest + String(chunk)).split('\n');
    rest = (parts.pop() ?? '').slice(0, LONGEST);
    for (const text of parts) yield { text, number: ++number, isWhole: true };
  }
  if (rest !== '') yield { text: rest, number: ++number, isWhole: false };
}
