import { closeSync, constants, existsSync, lstatSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { JsonObject } from '../core/json.ts';
import { SetupError } from '../core/setup-error.ts';
import type { Records } from './records.ts';

/** How long a write waits for another process that writes, in milliseconds. */
const BUSY_MS = 5000;
/** How often records whose time is over are thrown away, at a write. */
const SWEEP_MS = 60_000;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS record (
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    expires_at INTEGER,
    PRIMARY KEY (kind, key)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS record_expiry ON record (expires_at) WHERE expires_at IS NOT NULL;
`;

/**
 * Opens a store; makes it and its folder, for their owner only, where there is none.
 * @param file other processes may have it open at the same time
 * @throws when others may use the file or its folder, when there is a link, and when it is no store
 */
export function openRecords(file: string): Records {
  const folder = dirname(file);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  checkPrivate(folder, `chmod go= '${folder}'`);
  // SQLite would make it as the umask says, and gives its journals the mode of the file.
  if (!existsSync(file))
    closeSync(openSync(file, constants.O_CREAT | constants.O_NOFOLLOW | constants.O_RDWR, 0o600));
  checkPrivate(file, `chmod 600 '${file}'`);
  try {
    return new SqliteRecords(new DatabaseSync(file, { timeout: BUSY_MS }));
  } catch (error) {
    throw new SetupError(`${file} cannot be opened: it is damaged, or no store of Sallyport`, {
      cause: error,
    });
  }
}

/** What is in the store opens doors: nobody but its owner may read it, or put something else in its place. */
function checkPrivate(path: string, advice: string): void {
  const stats = lstatSync(path);
  if (stats.isSymbolicLink()) throw new SetupError(`${path} is a symbolic link`);
  const self = process.getuid?.();
  // Windows keeps such rights elsewhere.
  if (self === undefined) return;
  if (stats.uid !== self)
    throw new SetupError(`${path} belongs to another user (uid ${stats.uid}, you are ${self})`);
  if ((stats.mode & 0o077) !== 0) throw new SetupError(`others may use ${path}: ${advice}`);
}

class SqliteRecords implements Records {
  readonly #database: DatabaseSync;
  readonly #statements: Readonly<
    Record<'get' | 'put' | 'add' | 'delete' | 'list' | 'sweep' | 'version', StatementSync>
  >;
  #writes = 0;
  #depth = 0;
  #sweptAt = 0;

  constructor(database: DatabaseSync) {
    this.#database = database;
    // What a token or a grant became has to outlive a power cut: each commit reaches the disk.
    database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; ${SCHEMA}`);
    const alive = '(expires_at IS NULL OR expires_at > ?)';
    this.#statements = {
      get: database.prepare(`SELECT value FROM record WHERE kind = ? AND key = ? AND ${alive}`),
      put: database.prepare(
        'INSERT OR REPLACE INTO record (kind, key, value, expires_at) VALUES (?, ?, ?, ?)',
      ),
      add: database.prepare(
        `INSERT INTO record (kind, key, value, expires_at) VALUES (?, ?, ?, ?) ON CONFLICT (kind, key)
         DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at WHERE record.expires_at <= ?`,
      ),
      delete: database.prepare(`DELETE FROM record WHERE kind = ? AND key = ? AND ${alive}`),
      list: database.prepare(`SELECT key, value FROM record WHERE kind = ? AND ${alive} ORDER BY key`),
      sweep: database.prepare('DELETE FROM record WHERE expires_at <= ?'),
      version: database.prepare('PRAGMA data_version'),
    };
  }

  get(kind: string, key: string): JsonObject | undefined {
    const row = this.#statements.get.get(kind, key, Date.now());
    return row && parsed(row['value']);
  }

  put(kind: string, key: string, value: JsonObject, expiresAt?: number): void {
    this.#sweep();
    this.#statements.put.run(kind, key, JSON.stringify(value), expiresAt ?? null);
    this.#writes += 1;
  }

  add(kind: string, key: string, value: JsonObject, expiresAt?: number): boolean {
    const { changes } = this.#statements.add.run(
      kind,
      key,
      JSON.stringify(value),
      expiresAt ?? null,
      Date.now(),
    );
    this.#writes += Number(changes);
    return Number(changes) > 0;
  }

  take(kind: string, key: string): JsonObject | undefined {
    return this.transaction(() => {
      const value = this.get(kind, key);
      return value && this.delete(kind, key) ? value : undefined;
    });
  }

  delete(kind: string, key: string): boolean {
    const { changes } = this.#statements.delete.run(kind, key, Date.now());
    this.#writes += Number(changes);
    return Number(changes) > 0;
  }

  list(kind: string): { key: string; value: JsonObject }[] {
    return this.#statements.list
      .all(kind, Date.now())
      .map((row) => ({ key: String(row['key']), value: parsed(row['value']) }));
  }

  transaction<T>(work: () => T): T {
    // One within another is a part of it.
    if (this.#depth > 0) return work();
    // At once the one who writes: whoever reads first and writes then could be refused in between.
    this.#database.exec('BEGIN IMMEDIATE');
    this.#depth += 1;
    try {
      const value = work();
      this.#database.exec('COMMIT');
      return value;
    } catch (error) {
      this.#database.exec('ROLLBACK');
      throw error;
    } finally {
      this.#depth -= 1;
    }
  }

  version(): number {
    // SQLite counts what others wrote, and we what we wrote.
    return Number(this.#statements.version.get()?.['data_version'] ?? 0) + this.#writes;
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }

  #sweep(): void {
    const now = Date.now();
    if (now - this.#sweptAt < SWEEP_MS) return;
    this.#sweptAt = now;
    this.#statements.sweep.run(now);
  }
}

function parsed(text: unknown): JsonObject {
  return JSON.parse(String(text)) as JsonObject;
}
