import type { KeyObject } from 'node:crypto';
import type { ChainKey } from './chain-key.ts';
import { type Head, readRecord, START, verified } from './chain.ts';
import { type Checkpoint, readCheckpoint } from './checkpoint.ts';
import { linesOf } from './lines.ts';

export interface VerifyOptions {
  /** The files of a log, the oldest first. */
  readonly files: readonly string[];
  /** Of the chain. */
  readonly key: ChainKey;
  /** Files with checkpoints of this log, and the public key for them. */
  readonly checkpoints?: { readonly files: readonly string[]; readonly key: KeyObject } | undefined;
}

/** What is wrong, and where it is to be seen first. */
export interface Problem {
  readonly file: string;
  readonly line: number;
  /** Of the record that was to stand there. */
  readonly seq: number;
  readonly reason: string;
}

export interface Verdict {
  readonly records: number;
  readonly files: number;
  /** Checkpoints that agree with the log. */
  readonly checkpoints: number;
  readonly head: Head;
  readonly problem: Problem | undefined;
  /** An unfinished line at the very end: the gateway was killed while it wrote. Not a sign of tampering. */
  readonly torn: { readonly file: string; readonly line: number } | undefined;
  /** The first files are missing: the chain begins with this record. */
  readonly beginsAt: number;
}

/**
 * Reads a whole log and checks that it is what was written: each record unchanged, in its place, none missing, and none
 * missing behind the last checkpoint. Stops at the first problem.
 */
export async function verifyLog(options: VerifyOptions): Promise<Verdict> {
  const { files, key } = options;
  const signed = await checkpointsOf(options);
  let head: Head | undefined;
  let records = 0;
  let agreed = 0;
  let beginsAt = 1;
  let torn: Verdict['torn'];
  const verdict = (problem: Problem | undefined): Verdict => ({
    records,
    files: files.length,
    checkpoints: agreed,
    head: head ?? START,
    problem,
    torn,
    beginsAt,
  });
  for (const [i, file] of files.entries()) {
    for await (const { text, number, isWhole } of linesOf(file)) {
      const due = (head?.seq ?? 0) + 1;
      const problem = (reason: string): Verdict => verdict({ file, line: number, seq: due, reason });
      if (!isWhole && i === files.length - 1) {
        torn = { file, line: number };
        break;
      }
      if (!head) {
        // Old files may have been taken away. Then the log begins where it begins, and a checkpoint may vouch for that.
        const first = readRecord(text);
        head = first && first.seq > 1 ? { seq: first.seq - 1, hash: first.prev } : START;
        beginsAt = head.seq + 1;
      }
      const record = verified(text, head, key);
      if (typeof record === 'string') return problem(record);
      head = { seq: record.seq, hash: record.hash };
      records += 1;
      const checkpoint = signed.get(record.seq);
      if (checkpoint && checkpoint.hash !== record.hash)
        return problem('it is not the record that a signed checkpoint knows');
      if (checkpoint) agreed += 1;
    }
  }
  const last = Math.max(0, ...signed.keys());
  if (last > (head?.seq ?? 0)) {
    const seq = (head?.seq ?? 0) + 1;
    const reason = `it is missing: a signed checkpoint knows records up to ${last}`;
    return verdict({ file: files.at(-1) ?? '', line: 0, seq, reason });
  }
  return verdict(undefined);
}

/** The checkpoints with a right signature, by the number of their record. */
async function checkpointsOf({ checkpoints }: VerifyOptions): Promise<Map<number, Checkpoint>> {
  const found = new Map<number, Checkpoint>();
  for (const file of checkpoints?.files ?? [])
    for await (const { text } of linesOf(file)) {
      const checkpoint = checkpoints && readCheckpoint(text, checkpoints.key);
      if (checkpoint) found.set(checkpoint.seq, checkpoint);
    }
  return found;
}
