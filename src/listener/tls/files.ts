import { stat } from 'node:fs/promises';
import { readText } from '../../config/read-text.ts';
import type { CertificateFiles } from '../../config/tls.ts';
import { CertificateError } from './certificate-error.ts';
import { type Certificate, readCertificate } from './certificate.ts';
import type { Protocol } from './protocol.ts';
import type { Slot } from './slots.ts';

/**
 * How often the files are looked at, in milliseconds. Looking, unlike `fs.watch`, also sees what is behind the links of
 * certbot and Kubernetes, and what lies on a network.
 */
const LOOK_MS = 2000;

/**
 * Reads both files of a certificate.
 * @throws {CertificateError} with the file that is to blame
 */
export async function readFiles({ cert, key }: CertificateFiles, protocol: Protocol): Promise<Certificate> {
  const [certText, keyText] = await Promise.all([textOf(cert, 'regular'), textOf(key, 'private')]);
  try {
    return readCertificate(certText, keyText, protocol);
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error;
    throw new CertificateError(`${cert} and ${key}: ${error.message}`, { cause: error });
  }
}

async function textOf(path: string, kind: 'regular' | 'private'): Promise<string> {
  const reading = await readText(path, kind);
  if ('value' in reading) return reading.value;
  throw new CertificateError([`${path}: ${reading.problem}`, reading.hint].filter(Boolean).join(' '));
}

export interface Watched {
  readonly files: CertificateFiles;
  readonly slot: Slot;
  readonly protocol: Protocol;
  /** A new certificate is in the slot. */
  changed(): void;
  /** The files changed, and cannot be used. */
  refused(problem: string): void;
}

/** Takes over what is in the files whenever they change. What is half written is read again. */
export class FileWatch {
  readonly #watched: Watched;
  readonly #timer: NodeJS.Timeout;
  #seen: string;

  /** @param seen how the files were when they were read: {@link signature} */
  constructor(watched: Watched, seen: string) {
    this.#watched = watched;
    this.#seen = seen;
    this.#timer = setInterval(() => void this.#look(), LOOK_MS).unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    const { files, slot, protocol } = this.#watched;
    const now = await signature(files);
    if (now === this.#seen) return;
    this.#seen = now;
    try {
      const next = await readFiles(files, protocol);
      if (next.notAfter < Date.now()) throw new CertificateError(`${files.cert}: It has expired.`);
      slot.fill(next);
      this.#watched.changed();
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      slot.fail(problem);
      this.#watched.refused(problem);
    }
  }
}

/** Changes when one of the files does, or when a link leads to another one. */
export async function signature({ cert, key }: CertificateFiles): Promise<string> {
  const parts = await Promise.all(
    [cert, key].map((path) =>
      stat(path).then(
        ({ ino, mode, size, mtimeMs }) => `${ino}:${mode}:${size}:${mtimeMs}`,
        () => '-',
      ),
    ),
  );
  return parts.join(' ');
}
