import type { SecureContext } from 'node:tls';
import type { Certificate } from './certificate.ts';

/** How a certificate is, for the log, `/health/ready` and `sallyport status`. Nothing of it is secret. */
export interface CertificateState {
  /** The domain it is for. */
  readonly name: string;
  readonly source: 'acme' | 'file';
  /** Milliseconds since 1970. Undefined: there is none yet. */
  readonly notAfter: number | undefined;
  /** Whole days, negative when it has expired. */
  readonly daysLeft: number | undefined;
  /** Why there is no newer one. */
  readonly problem: string | undefined;
  /** When it is tried again, in milliseconds since 1970. */
  readonly retryAt: number | undefined;
}

const DAY_MS = 86_400_000;

/** The place of one certificate, which may be empty, or hold an old one while the new one does not come. */
export class Slot {
  readonly name: string;
  readonly source: 'acme' | 'file';
  #certificate: Certificate | undefined;
  #trouble: { readonly problem: string; readonly retryAt: number | undefined } | undefined;

  constructor(name: string, source: 'acme' | 'file') {
    this.name = name;
    this.source = source;
  }

  get certificate(): Certificate | undefined {
    return this.#certificate;
  }

  fill(certificate: Certificate): void {
    this.#certificate = certificate;
    this.#trouble = undefined;
  }

  /** A newer one could not be had. What is there stays. */
  fail(problem: string, retryAt?: number): void {
    this.#trouble = { problem, retryAt };
  }

  get state(): CertificateState {
    const notAfter = this.#certificate?.notAfter;
    return {
      // Strangers see this: of a file, the name in it, and not where it is.
      name: this.#certificate?.names[0] ?? this.name,
      source: this.source,
      notAfter,
      daysLeft: notAfter === undefined ? undefined : Math.floor((notAfter - Date.now()) / DAY_MS),
      problem: this.#trouble?.problem,
      retryAt: this.#trouble?.retryAt,
    };
  }
}

/** Which certificate a client is shown: the first that is for the name it asks for. */
export function contextFor(slots: readonly Slot[], name: string): SecureContext | undefined {
  return slots.find(({ certificate }) => certificate?.covers(name))?.certificate?.context;
}
