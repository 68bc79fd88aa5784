import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { isObject, type JsonObject } from '../core/json.ts';
import { EXIT } from './exit-codes.ts';
import { errorCode, Failure } from './failure.ts';
import type { Terminal } from './terminal.ts';

/** One line of what is to be searched. */
export interface Line {
  /** From 1. */
  readonly number: number;
  readonly text: string;
  /** The line as the JSON object that it is; undefined for plain text. */
  readonly json: JsonObject | undefined;
}

/** The lines of a file, or of stdin without one. A line that is the JSON of an object is read as that. */
export async function* linesOf(file: string | undefined, terminal: Terminal): AsyncGenerator<Line> {
  const input =
    file === undefined || file === '-' ? terminal.stdin : createReadStream(resolve(terminal.cwd, file));
  let number = 0;
  try {
    for await (const text of createInterface({ input, crlfDelay: Infinity })) {
      number += 1;
      yield { number, text, json: objectOf(text) };
    }
  } catch (error) {
    const code = errorCode(error);
    if (code === undefined) throw error;
    throw new Failure(EXIT.FAILED, `cannot read ${file ?? 'stdin'} (${code})`, [], { cause: error });
  }
}

function objectOf(line: string): JsonObject | undefined {
  if (!line.trimStart().startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
