import { readRecord } from './chain.ts';
import type { AuditRecord } from './event.ts';
import { logFiles } from './files.ts';
import type { Filter } from './filter.ts';
import { linesOf } from './lines.ts';

/** The records of a log that fit, the oldest first. What is no record is passed over: `verify` is there to tell. */
export async function* readLog(path: string, filter: Filter = () => true): AsyncGenerator<AuditRecord> {
  for (const file of await logFiles(path))
    for await (const { text } of linesOf(file)) {
      const record = readRecord(text);
      if (record && filter(record)) yield record;
    }
}
