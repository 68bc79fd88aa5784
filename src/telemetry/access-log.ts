import { createWriteStream } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** What an access log knows of a request. */
export interface Access {
  /** Who was let in; undefined where nobody was. */
  readonly user: string | undefined;
  readonly email: string | undefined;
  /** The OAuth client, or the name of the token. */
  readonly client: string | undefined;
  readonly address: string | undefined;
}

/** One line of JSON for each HTTP request, when its answer is over. */
export class AccessLog {
  readonly #out: NodeJS.WritableStream;

  /** @param file a path, or `stdout` */
  constructor(file: string) {
    this.#out = file === 'stdout' ? process.stdout : createWriteStream(file, { flags: 'a', mode: 0o600 });
    // A full disk ends no request. The audit log is the one that can be made to.
    this.#out.on('error', () => {});
  }

  /** Notes a request now, and writes it when it is over. */
  watch(req: IncomingMessage, res: ServerResponse, who: () => Access): void {
    const started = performance.now();
    const before = req.socket.bytesWritten;
    res.once('close', () => {
      const { user, email, client, address } = who();
      const line = {
        time: new Date().toISOString(),
        client_ip: address ?? null,
        user_id: user ?? null,
        user_email: email ?? null,
        client_id: client ?? null,
        method: req.method,
        // Without the query: tokens have been put there.
        uri: (req.url ?? '').split('?', 1)[0],
        status: res.headersSent ? res.statusCode : 499,
        bytes: req.socket.bytesWritten - before,
        request_time: Math.round(performance.now() - started) / 1000,
        user_agent: req.headers['user-agent'] ?? null,
      };
      this.#out.write(`${JSON.stringify(line)}\n`);
    });
  }

  close(): Promise<void> {
    if (this.#out === process.stdout) return Promise.resolve();
    return new Promise((resolve) => {
      this.#out.end(resolve);
    });
  }
}
