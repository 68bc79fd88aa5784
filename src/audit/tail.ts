import { open } from 'node:fs/promises';
import { type Head, readRecord, START } from './chain.ts';
import { logFiles } from './files.ts';

/** No record is longer than this many bytes. */
const LONGEST = 64 * 1024;
const NEWLINE = 10;

/** Where a log ends. */
export interface LogEnd {
  readonly head: Head;
  /** Bytes of the file that is written, up to the end of its last whole line. */
  readonly size: number;
  /** Bytes behind that: a line that was being written when the process died. */
  readonly torn: number;
  /** The number of the first record in the file that is written; undefined while it has none. */
  readonly firstSeq: number | undefined;
}

/**
 * Finds the end of a log, to write on from there.
 * @throws when the last line is no record: a log that was damaged is not written on silently
 */
export async function findEnd(path: string): Promise<LogEnd> {
  const files = await logFiles(path);
  const isFresh = files.at(-1) !== path;
  const current = isFresh ? NOTHING : await lastLine(path);
  if (current.line !== undefined) {
    const { seq } = headOf(path, current.line);
    return { head: headOf(path, current.line), size: current.size, torn: current.torn, firstSeq: seq };
  }
  const before = files.filter((file) => file !== path).at(-1);
  const { line } = before === undefined ? NOTHING : await lastLine(before);
  const head = before === undefined || line === undefined ? START : headOf(before, line);
  return { head, size: 0, torn: current.torn, firstSeq: undefined };
}

interface LastLine {
  readonly line: string | undefined;
  readonly size: number;
  readonly torn: number;
}

const NOTHING: LastLine = { line: undefined, size: 0, torn: 0 };

async function lastLine(path: string): Promise<LastLine> {
  await using file = await open(path, 'r');
  const { size } = await file.stat();
  const from = Math.max(0, size - 2 * LONGEST);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(size - from), 0, size - from, from);
  const bytes = buffer.subarray(0, bytesRead);
  const end = bytes.lastIndexOf(NEWLINE);
  if (end === -1) return { line: undefined, size: 0, torn: size };
  const start = end === 0 ? 0 : bytes.lastIndexOf(NEWLINE, end - 1) + 1;
  return {
    line: bytes.toString('utf8', start, end),
    size: from + end + 1,
    torn: bytesRead - end - 1,
  };
}

function headOf(path: string, line: string): Head {
  const record = readRecord(line);
  if (!record)
    throw new Error(
      `The last line of ${path} is no audit record. Run sallyport audit verify, and move the file away to begin a new log.`,
    );
  return { seq: record.seq, hash: record.hash };
}
