import { EXIT } from '../exit-codes.ts';
import { errorMessage, Failure } from '../failure.ts';
import { linesOf, logFiles } from './files.ts';
import { type AccessLine, readLine } from './line.ts';

/** Which lines are meant. */
export interface Wanted {
  /** Milliseconds since 1970. */
  readonly since: number;
  /** `429`, or `4xx` for all of a kind; undefined: any. */
  readonly status?: string | undefined;
}

/**
 * The lines of a log and of those it was rotated into, the oldest first. What is no line is passed over.
 * @throws {Failure} where a file cannot be read
 */
export async function* readAccess(path: string, wanted: Wanted): AsyncGenerator<AccessLine> {
  const fits = filterOf(wanted);
  for (const file of await logFiles(path, wanted.since)) {
    try {
      for await (const text of linesOf(file)) {
        const line = readLine(text);
        if (line && fits(line)) yield line;
      }
    } catch (cause) {
      throw new Failure(EXIT.FAILED, `${file} cannot be read: ${errorMessage(cause)}`, [], { cause });
    }
  }
}

/** @throws {Failure} for a status that is none */
export function filterOf({ since, status }: Wanted): (line: AccessLine) => boolean {
  if (status === undefined) return ({ at }) => at >= since;
  const [, first, rest] = /^([1-5])(\d\d|xx)$/.exec(status) ?? [];
  if (first === undefined)
    throw new Failure(EXIT.USAGE, `${JSON.stringify(status)} is no status`, [
      'write 429, or 5xx for all of a kind',
    ]);
  const [from, to] =
    rest === 'xx' ? [Number(first) * 100, Number(first) * 100 + 99] : [Number(status), Number(status)];
  return (line) => line.at >= since && line.status >= from && line.status <= to;
}
