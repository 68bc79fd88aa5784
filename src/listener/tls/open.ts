import type { RequestListener } from 'node:http';
import type { Server, ServerOptions } from 'node:https';
import { basename } from 'node:path';
import type { ListenConfig, TlsConfig } from '../../config/tls.ts';
import type { Logger } from '../../telemetry/log.ts';
import type { Secure } from '../listener.ts';
import type { AcmeCertificates } from './acme/certificates.ts';
import { Answers } from './acme/answers.ts';
import { openAlpnDoor } from './acme/alpn-door.ts';
import { CertificateError } from './certificate-error.ts';
import { FileWatch, readFiles, signature } from './files.ts';
import { Redirect } from './redirect.ts';
import { secureServer, showByDefault } from './secure-server.ts';
import { type CertificateState, Slot } from './slots.ts';

export type { CertificateState } from './slots.ts';

export interface OpenTlsOptions {
  readonly listen: ListenConfig;
  readonly publicUrl: string | undefined;
  readonly allowedHosts: readonly string[];
  readonly timeouts: { readonly headersMs: number };
  /** Where keys and certificates of an authority are kept. */
  readonly home: string | undefined;
  readonly version: string;
  readonly log: Logger;
}

/** A certificate of a file with fewer days than this is told of in the log, every day. */
const FEW_DAYS = 14;
const DAY_MS = 86_400_000;

/**
 * TLS of the gateway's own.
 * @throws {CertificateError} when a file cannot be used
 */
export async function openTls(tls: TlsConfig, options: OpenTlsOptions): Promise<Tls> {
  const made = new Tls(tls, options);
  await made.load();
  return made;
}

/** The certificates, the server that shows them, and what listens for http beside it. */
export class Tls implements Secure {
  readonly #tls: TlsConfig;
  readonly #options: OpenTlsOptions;
  readonly #answers = new Answers();
  readonly #slots: readonly Slot[];
  readonly #watches: FileWatch[] = [];
  #acme: AcmeCertificates | undefined;
  #server: Server | undefined;
  #redirect: Redirect | undefined;
  #begun: Promise<void> = Promise.resolve();
  #daily: NodeJS.Timeout | undefined;

  constructor(tls: TlsConfig, options: OpenTlsOptions) {
    this.#tls = tls;
    this.#options = options;
    this.#slots = tls.acme
      ? tls.acme.domains.map((domain) => new Slot(domain, 'acme'))
      : tls.certificates.map(({ cert }) => new Slot(basename(cert), 'file'));
  }

  certificates(): readonly CertificateState[] {
    return this.#slots.map(({ state }) => state);
  }

  /** Resolves when each domain was tried once: what is listening may have no certificate before. */
  get settled(): Promise<void> {
    return this.#begun;
  }

  createServer = (options: ServerOptions, handler: RequestListener): Server => {
    const tls = this.#tls;
    const handshakeMs = this.#options.timeouts.headersMs;
    const server = secureServer(options, handler, { tls, slots: this.#slots, handshakeMs });
    if (tls.acme) openAlpnDoor(server, this.#answers, handshakeMs);
    this.#server = server;
    this.#show();
    return server;
  };

  /** @throws {CertificateError} */
  async load(): Promise<void> {
    const { acme } = this.#tls;
    if (acme) await this.#loadAcme(acme);
    else
      await Promise.all(
        this.#tls.certificates.map((files, index) => this.#loadFiles(files, this.#slots[index])),
      );
  }

  /**
   * Begins what has to wait for the listener: http, and orders.
   * @param port of https, where others know of none
   * @throws {ListenError} when the address for http cannot be had
   */
  async open(port: number): Promise<void> {
    const { redirect } = this.#tls;
    if (redirect) {
      const { publicUrl, timeouts } = this.#options;
      this.#redirect = new Redirect({
        listen: redirect,
        hosts: this.#hosts(),
        port: publicUrl === undefined ? port : Number(new URL(publicUrl).port || 443),
        timeoutMs: timeouts.headersMs,
        challenge: (token) => this.#answers.http(token),
      });
      await this.#redirect.open();
    }
    this.#begun = this.#acme?.begin() ?? Promise.resolve();
    this.#warn();
    this.#daily = setInterval(() => this.#warn(), DAY_MS).unref();
  }

  async close(): Promise<void> {
    clearInterval(this.#daily);
    for (const watch of this.#watches) watch.close();
    this.#acme?.close();
    await this.#redirect?.close();
  }

  async #loadAcme(config: NonNullable<TlsConfig['acme']>): Promise<void> {
    const { home, log, version } = this.#options;
    if (home === undefined)
      throw new CertificateError('An authority gives certificates to a gateway with a home.');
    const { AcmeCertificates: Made } = await import('./acme/certificates.ts');
    this.#acme = new Made({
      config,
      protocol: this.#tls,
      slots: this.#slots,
      answers: this.#answers,
      hasHttp: this.#tls.redirect !== undefined,
      home,
      version,
      log,
      changed: () => this.#show(),
    });
    await this.#acme.load();
  }

  async #loadFiles(files: TlsConfig['certificates'][number], slot: Slot | undefined): Promise<void> {
    if (!slot) return;
    const { log } = this.#options;
    const seen = await signature(files);
    slot.fill(await readFiles(files, this.#tls));
    const watched = {
      files,
      slot,
      protocol: this.#tls,
      changed: () => {
        this.#show();
        log.info({ file: files.cert, daysLeft: slot.state.daysLeft }, 'a new certificate');
      },
      refused: (problem: string) =>
        log.warn({ problem, daysLeft: slot.state.daysLeft }, 'no new certificate: the old one stays'),
    };
    this.#watches.push(new FileWatch(watched, seen));
  }

  #show(): void {
    if (this.#server) showByDefault(this.#server, this.#tls, this.#slots);
  }

  /** Names that people know this gateway by. */
  #hosts(): string[] {
    const { publicUrl, allowedHosts, listen } = this.#options;
    const published = publicUrl === undefined ? [] : [new URL(publicUrl).hostname];
    const named = this.#slots.flatMap(({ certificate }) => certificate?.names ?? []);
    const known = [...published, ...(this.#tls.acme?.domains ?? []), ...allowedHosts, ...named];
    const plain = known.map((host) => host.replace(/:\d+$/, '')).filter((host) => !host.includes('*'));
    const isWildcard = listen.host === '0.0.0.0' || listen.host === '::';
    return plain.length > 0 || isWildcard
      ? plain
      : [listen.host.includes(':') ? `[${listen.host}]` : listen.host];
  }

  #warn(): void {
    for (const { name, source, daysLeft } of this.certificates())
      if (source === 'file' && daysLeft !== undefined && daysLeft < FEW_DAYS)
        this.#options.log.warn(
          { file: name, daysLeft },
          'a certificate is about to expire: replace its files',
        );
  }
}
