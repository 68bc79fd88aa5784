import type { AuditRecord } from './event.ts';
import { readLog } from './read.ts';

const LOOK_MS = 300;

/**
 * The records of a log that come after one, as they are written, also into the next file.
 * @param seq the number of the last record that is known
 * @param wait resolves after so many milliseconds, or when it is stopped
 */
export async function* follow(
  path: string,
  seq: number,
  wait: (ms: number) => Promise<void>,
  stopped: AbortSignal,
): AsyncGenerator<AuditRecord> {
  let last = seq;
  while (!stopped.aborted) {
    await wait(LOOK_MS);
    for await (const record of readLog(path, ({ seq: number }) => number > last)) {
      last = record.seq;
      yield record;
    }
  }
}
