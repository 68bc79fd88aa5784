import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Records } from '../store/records.ts';
import { EXIT } from './exit-codes.ts';
import { errorMessage, Failure } from './failure.ts';

/** The store of a home: what outlives the process, such as tokens. It is opened once, when it is needed first. */
export class HomeStore implements Disposable {
  readonly #file: string;
  #records: Promise<Records> | undefined;
  #opened: Records | undefined;

  constructor(home: string) {
    this.#file = join(home, 'store.db');
  }

  /** The store, where there is one. A gateway looks again when it comes to that: somebody may make one meanwhile. */
  readonly find = async (): Promise<Records | undefined> =>
    this.#records || existsSync(this.#file) ? this.open() : undefined;

  /** The store; made where there is none. */
  open(): Promise<Records> {
    this.#records ??= this.#open();
    return this.#records;
  }

  [Symbol.dispose](): void {
    this.#opened?.[Symbol.dispose]();
  }

  async #open(): Promise<Records> {
    const { openRecords } = await import('../store/sqlite.ts');
    try {
      this.#opened = openRecords(this.#file);
      return this.#opened;
    } catch (error) {
      throw new Failure(EXIT.FAILED, errorMessage(error), [], { cause: error });
    }
  }
}
