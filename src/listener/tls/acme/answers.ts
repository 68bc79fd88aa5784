import type { SecureContext } from 'node:tls';

/** What is answered to challenges that are under way. Empty nearly always. */
export class Answers {
  /** By token: what HTTP-01 finds at port 80. */
  readonly #http = new Map<string, string>();
  /** By domain: the certificate that TLS-ALPN-01 is shown. */
  readonly #tls = new Map<string, SecureContext>();

  http(token: string): string | undefined {
    return this.#http.get(token);
  }

  tls(domain: string): SecureContext | undefined {
    return this.#tls.get(domain.toLowerCase());
  }

  get hasTls(): boolean {
    return this.#tls.size > 0;
  }

  /** @returns takes it away again */
  addHttp(token: string, keyAuthorization: string): () => void {
    this.#http.set(token, keyAuthorization);
    return () => void this.#http.delete(token);
  }

  /** @returns takes it away again */
  addTls(domain: string, context: SecureContext): () => void {
    this.#tls.set(domain, context);
    return () => void this.#tls.delete(domain);
  }
}
