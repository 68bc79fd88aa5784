import { type FileHandle, mkdir, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Batch } from './batch.ts';
import type { Head } from './chain.ts';
import { checkpointOf } from './checkpoint.ts';
import type { AuditEvent, AuditRecord } from './event.ts';
import { rotatedName } from './files.ts';
import type { AuditKeys } from './keys.ts';
import { lockLog } from './lock.ts';
import { findEnd } from './tail.ts';

export interface WriterOptions {
  readonly path: string;
  readonly keys: AuditKeys;
  /** Is every batch to be on the disk (fsync), and not only with the operating system, before it counts as recorded? */
  readonly durable: boolean;
  /** Bytes of a file, above which the next one is begun. */
  readonly fileBytes: number;
  /** Takes each checkpoint as a line, to another place than the log. */
  readonly checkpoint: (line: string) => void;
  /** Events could not be recorded. `reason` is the system's word for why. */
  readonly onLoss: (count: number, reason: string) => void;
  /** Sees every record on its way to the file. */
  readonly onRecord?: ((record: AuditRecord) => void) | undefined;
  /** In milliseconds since 1970. */
  readonly now?: () => number;
}

/** Events that may wait for the disk. */
const QUEUE = 10_000;
/** So many are not kept waiting. */
const BATCH = 500;
/** So many become lines together, which is cheaper than one now and then. */
const GROUP = 64;
const LINGER_MS = 25;
/** Events, and milliseconds, after which a checkpoint is due. */
const CHECKPOINT_EVENTS = 1000;
const CHECKPOINT_MS = 60_000;
/** There are no two within so many milliseconds: to sign takes as long as to write dozens of records. */
const CHECKPOINT_APART_MS = 1000;

interface Waiting {
  readonly event: AuditEvent;
  /** In milliseconds since 1970. */
  readonly at: number;
  readonly done: ((isRecorded: boolean) => void) | undefined;
}

/**
 * Writes a log: batches in the order of the events, each record chained to the one before it. A batch is what came while
 * the one before it was being written, so a busy gateway writes more at once and not more often.
 *
 * Events become lines in groups, when the answers of a turn of the event loop are on their way: objects that waited for the
 * disk would live longer than garbage should.
 */
export class AuditWriter {
  readonly #options: WriterOptions;
  readonly #unlock: () => Promise<void>;
  readonly #timer: NodeJS.Timeout;
  #file: FileHandle;
  #head: Head;
  #size: number;
  #firstSeq: number | undefined;
  /** Those that are no lines yet. */
  #events: Waiting[] = [];
  /** Those that are to be written next, and the ones that are being written, or were. */
  #filling: Batch;
  #written: Batch;
  #writing: Promise<void> | undefined;
  #isHurried = false;
  #wake: (() => void) | undefined;
  #checkpointed: number;
  #checkpointSoon: NodeJS.Timeout | undefined;
  #works = true;
  #lost = 0;

  /**
   * Opens a log, or begins one.
   * @throws when another process writes it, its end is damaged, or nothing can be written
   */
  static async open(options: WriterOptions): Promise<AuditWriter> {
    const { path } = options;
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const unlock = await lockLog(path);
    try {
      const { head, size, torn, firstSeq } = await findEnd(path);
      const file = await open(path, 'a', 0o600);
      // What was torn off had not been answered for, and would make the next line unreadable.
      if (torn > 0) await file.truncate(size);
      const writer = new AuditWriter(options, { file, unlock, head, size, firstSeq });
      if (await writer.record(opening(torn))) return writer;
      await writer.close();
      throw new Error(`The audit log ${path} cannot be written.`);
    } catch (error) {
      await unlock();
      throw error;
    }
  }

  private constructor(
    options: WriterOptions,
    begun: {
      file: FileHandle;
      unlock: () => Promise<void>;
      head: Head;
      size: number;
      firstSeq: number | undefined;
    },
  ) {
    this.#options = options;
    this.#file = begun.file;
    this.#unlock = begun.unlock;
    this.#head = begun.head;
    this.#filling = new Batch(options.keys.chain, begun.head);
    this.#written = new Batch(options.keys.chain, begun.head);
    this.#size = begun.size;
    this.#firstSeq = begun.firstSeq;
    this.#checkpointed = begun.head.seq;
    this.#timer = setInterval(() => this.#checkpoint(), CHECKPOINT_MS).unref();
  }

  /** Events that wait to be written. */
  get lag(): number {
    return this.#events.length + this.#filling.count;
  }

  /** Could the last ones be written? */
  get works(): boolean {
    return this.#works;
  }

  /** Events that could not be written since the start. */
  get lost(): number {
    return this.#lost;
  }

  get head(): Head {
    return this.#head;
  }

  /** Records an event some time soon. */
  write(event: AuditEvent): void {
    this.#take({ event, at: this.#now(), done: undefined });
  }

  /** Records an event. Resolves when it is written, to false when it could not be. */
  record(event: AuditEvent): Promise<boolean> {
    return new Promise((done) => this.#take({ event, at: this.#now(), done }));
  }

  /** Resolves when everything that was to be written by now is, or was given up. */
  async flush(): Promise<void> {
    while (this.#writing) {
      this.#hurry();
      await this.#writing;
    }
  }

  /** Writes what waits and a last checkpoint, and lets go of the log. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.flush();
    this.#checkpoint();
    clearTimeout(this.#checkpointSoon);
    await this.#file.close();
    await this.#unlock();
  }

  #now(): number {
    return this.#options.now?.() ?? Date.now();
  }

  #take(waiting: Waiting): void {
    if (this.lag >= QUEUE) {
      this.#lose(1, 'the queue is full');
      return waiting.done?.(false);
    }
    this.#events.push(waiting);
    if (this.#events.length === GROUP) setImmediate(this.#toLines);
    if (waiting.done || this.lag >= BATCH) this.#hurry();
    this.#writing ??= this.#drain();
  }

  /** The events that came become lines. */
  readonly #toLines = (): void => {
    const { onRecord } = this.#options;
    const events = this.#events;
    this.#events = [];
    for (const { event, at, done } of events) {
      const record = this.#filling.add(event, at, done);
      onRecord?.(record);
    }
  };

  /** Whoever waits for a record waits with others of this turn of the event loop, and no longer. */
  #hurry(): void {
    this.#isHurried = true;
    this.#wake?.();
  }

  /** Records that nobody waits for come together for a moment: one write for many, and off the way of the answers. */
  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const go = (): void => void setImmediate(resolve);
      if (this.#isHurried) return go();
      const timer = setTimeout(() => {
        this.#wake = undefined;
        resolve();
      }, LINGER_MS);
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = undefined;
        go();
      };
    });
  }

  async #drain(): Promise<void> {
    while (this.lag > 0) {
      await this.#pause();
      this.#isHurried = false;
      this.#toLines();
      const batch = this.#filling;
      this.#filling = this.#written;
      this.#written = batch;
      this.#filling.begin(batch.head);
      try {
        await this.#write(batch);
        this.#works = true;
        batch.settle(true);
      } catch (error) {
        this.#giveUp(batch, error instanceof Error && 'code' in error ? String(error.code) : 'unknown');
      }
    }
    this.#writing = undefined;
  }

  async #write({ bytes, head }: Batch): Promise<void> {
    const { durable, fileBytes } = this.#options;
    if (this.#size > 0 && this.#size + bytes.length > fileBytes) await this.#rotate();
    try {
      await writeAll(this.#file, bytes);
      if (durable) await this.#file.datasync();
    } catch (error) {
      // Half a batch would be half a line.
      await this.#file.truncate(this.#size).catch(() => {});
      throw error;
    }
    this.#firstSeq ??= this.#head.seq + 1;
    this.#head = head;
    this.#size += bytes.length;
    if (head.seq - this.#checkpointed >= CHECKPOINT_EVENTS) this.#checkpointInTime();
  }

  /** What became lines in the meantime continues a record that is not there, and goes with it. */
  #giveUp(batch: Batch, reason: string): void {
    const behind = this.#filling;
    this.#lose(batch.count + behind.count, reason);
    batch.settle(false);
    behind.settle(false);
    behind.begin(this.#head);
  }

  /** The chain goes on: the first record of the next file continues the last one of this. */
  async #rotate(): Promise<void> {
    const { path } = this.#options;
    this.#checkpoint();
    await this.#file.close();
    await rename(path, rotatedName(path, this.#firstSeq ?? this.#head.seq));
    this.#file = await open(path, 'ax', 0o600);
    this.#size = 0;
    this.#firstSeq = undefined;
  }

  /** At once, and again when the time is up, if there was more. */
  #checkpointInTime(): void {
    if (this.#checkpointSoon) return;
    this.#checkpoint();
    this.#checkpointSoon = setTimeout(() => {
      this.#checkpointSoon = undefined;
      if (this.#head.seq - this.#checkpointed >= CHECKPOINT_EVENTS) this.#checkpointInTime();
    }, CHECKPOINT_APART_MS).unref();
  }

  #checkpoint(): void {
    if (this.#head.seq === this.#checkpointed) return;
    const { keys, checkpoint } = this.#options;
    this.#checkpointed = this.#head.seq;
    checkpoint(`${JSON.stringify(checkpointOf(this.#head, keys.signing, new Date(this.#now())))}\n`);
  }

  #lose(count: number, reason: string): void {
    this.#works = false;
    this.#lost += count;
    this.#options.onLoss(count, reason);
  }
}

/** `write` may take less than it is given. */
async function writeAll(file: FileHandle, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length;) at += (await file.write(bytes, at)).bytesWritten;
}

/** What a log says when it is opened. */
function opening(torn: number): AuditEvent {
  return {
    event_type: 'audit_opened',
    id: `pid-${process.pid}`,
    user_id: 'sallyport',
    parameter_count: 0,
    outcome: torn === 0 ? 'ok' : 'error',
    action_taken: torn === 0 ? 'opened' : 'cut_torn_line',
    policy: torn === 0 ? undefined : `${torn} bytes of an unfinished line`,
    contains_pii: false,
  };
}
