import { dirname, join } from 'node:path';
import { openSink } from '../audit/checkpoint-sink.ts';
import type { AuditEvent } from '../audit/event.ts';
import { openKeys } from '../audit/keys.ts';
import { AuditWriter } from '../audit/writer.ts';

/** Takes what is recorded of a call of a tool. */
export interface AccessLogger {
  /** Resolves when it is written, to false when it could not be. */
  record(event: AuditEvent): Promise<boolean>;
  close(): Promise<void>;
}

/**
 * A chained log like the gateway's own, which `sallyport audit … --file` reads.
 * @param path of the log; its keys and checkpoints are in the same folder
 */
export async function fileLogger(path: string): Promise<AccessLogger> {
  const folder = dirname(path);
  const sink = openSink(join(folder, 'checkpoints.jsonl'), complain);
  const writer = await AuditWriter.open({
    path,
    keys: await openKeys(join(folder, 'keys')),
    durable: true,
    fileBytes: 100 * 1024 * 1024,
    checkpoint: (line) => sink.write(line),
    onLoss: (count, reason) => complain(`${count} events were not recorded (${reason})`),
  });
  return {
    record: (event) => writer.record(event),
    async close() {
      await writer.close();
      await sink.close();
    },
  };
}

function complain(reason: string): void {
  process.stderr.write(`audit: ${reason}\n`);
}
