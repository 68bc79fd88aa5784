import { constants } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readText } from '../../../config/read-text.ts';
import { CertificateError } from '../certificate-error.ts';

/**
 * Where an authority's things are kept, in the home: `tls/HOST_PATH/account.pem` and one file for each domain, which holds
 * the key and the certificate, so that the two are never out of step. Another directory is another authority: a
 * certificate of a staging one is never taken for a real one.
 */
export class Keep {
  readonly #folder: string;

  constructor(home: string, directory: string) {
    const { host, pathname } = new URL(directory);
    this.#folder = join(home, 'tls', `${host}${pathname}`.replaceAll(/[^A-Za-z0-9.-]+/g, '_'));
  }

  /** @throws {CertificateError} where it may not be read, or others may */
  account(): Promise<string | undefined> {
    return this.#read('account.pem');
  }

  keepAccount(key: string): Promise<void> {
    return this.#write('account.pem', key);
  }

  /**
   * A key and its certificate, one after the other.
   * @throws {CertificateError} where it may not be read, or others may
   */
  certificate(domain: string): Promise<string | undefined> {
    return this.#read(fileOf(domain));
  }

  keepCertificate(
    domain: string,
    { cert, key }: { readonly cert: string; readonly key: string },
  ): Promise<void> {
    return this.#write(fileOf(domain), `${key.trimEnd()}\n${cert}`);
  }

  async #read(name: string): Promise<string | undefined> {
    const path = join(this.#folder, name);
    const reading = await readText(path, 'private');
    if ('value' in reading) return reading.value;
    if (reading.missing) return undefined;
    throw new CertificateError([`${path}: ${reading.problem}`, reading.hint].filter(Boolean).join(' '));
  }

  /** Whole or not at all, and on the disk before it counts: an authority gives out only so many a week. */
  async #write(name: string, text: string): Promise<void> {
    const path = join(this.#folder, name);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const draft = `${path}.${process.pid}`;
    await rm(draft, { force: true });
    const file = await open(draft, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  }
}

/** A domain is letters, digits, dots and hyphens; `account` alone is a name, too. */
function fileOf(domain: string): string {
  return `domain-${domain}.pem`;
}
