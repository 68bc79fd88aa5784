import { isObject } from '../core/json.ts';
import { withLock } from './lock.ts';
import { Vault } from './vault.ts';

/** What a list tells of a secret: everything but the secret. */
export interface SecretInfo {
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly changedAt: number;
}

interface Secret extends SecretInfo {
  readonly value: string;
}

/** The entry of the vault that holds all of them: their names are nobody's business either. */
const ENTRY = 'secrets';
const REMEDY = 'Remove it, and set the secrets again.';

/** The secrets that a configuration names by `${secret:NAME}`, encrypted in a folder of their own. */
export class SecretStore {
  readonly #vault: Vault;

  /** @param folder made when the first secret is set */
  constructor(folder: string) {
    this.#vault = new Vault(folder, REMEDY);
  }

  /** The file that changes whenever a secret does. */
  get file(): string {
    return this.#vault.path(ENTRY);
  }

  /**
   * @returns undefined where there is none of this name
   * @throws {VaultError} when what is kept cannot be used
   */
  async read(name: string): Promise<string | undefined> {
    return (await this.#all()).get(name)?.value;
  }

  /** By name. */
  async list(): Promise<SecretInfo[]> {
    return [...(await this.#all()).values()]
      .map(({ name, createdAt, changedAt }) => ({ name, createdAt, changedAt }))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** @returns whether there was one of this name */
  async set(name: string, value: string): Promise<boolean> {
    return this.#change((secrets) => {
      const before = secrets.get(name);
      const now = Date.now();
      secrets.set(name, { name, value, createdAt: before?.createdAt ?? now, changedAt: now });
      return before !== undefined;
    });
  }

  /** @returns whether there was one of this name */
  async remove(name: string): Promise<boolean> {
    return this.#change((secrets) => secrets.delete(name));
  }

  async #change(change: (secrets: Map<string, Secret>) => boolean): Promise<boolean> {
    await this.#vault.make();
    return withLock(`${this.file}.lock`, async () => {
      const secrets = await this.#all();
      const result = change(secrets);
      await this.#vault.write(ENTRY, [...secrets.values()]);
      return result;
    });
  }

  async #all(): Promise<Map<string, Secret>> {
    const kept = await this.#vault.read(ENTRY);
    // Out of the vault comes only what this class has put in.
    const secrets = Array.isArray(kept) ? kept.filter((each): each is Secret => isObject(each)) : [];
    return new Map(secrets.map((secret) => [secret.name, secret]));
  }
}
