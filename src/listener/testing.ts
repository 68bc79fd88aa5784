/** What the tests of this folder share: the listener on a port of its own, and a client that says what it likes. */
import { connect } from 'node:net';
import type { ServerHealth } from './health.ts';
import { Listener, type ListenerOptions } from './listener.ts';

/** An answer of HTTP/1.1, taken apart as far as the tests look at it. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Listening extends AsyncDisposable {
  readonly listener: Listener;
  readonly host: string;
  readonly port: number;
  /** The endpoints that requests were let in to: the server of the path, or undefined for all. */
  readonly let: (string | undefined)[];
  /** Writes bytes as they are; resolves with what came when the other side closes. */
  raw(text: string): Promise<string>;
  /** One request with exactly these header lines, and `Connection: close`. */
  ask(method: string, path: string, ...lines: string[]): Promise<Answer>;
}

export type Changes = Partial<Omit<ListenerOptions, 'health'>> & { health?: readonly ServerHealth[] };

/** Opens a listener behind which everything is answered with 200. */
export async function listen(changes: Changes = {}): Promise<Listening> {
  const seen: (string | undefined)[] = [];
  const { health = [], ...options } = changes;
  const listener = new Listener({
    listen: { host: '127.0.0.1', port: 0 },
    allowedHosts: [],
    allowedOrigins: [],
    connections: 1000,
    headersMs: 10_000,
    bodyMs: 10_000,
    idleMs: 10_000,
    mcp(_req, res, scope) {
      seen.push(scope);
      res.end('in');
    },
    ...options,
    health: () => health,
  });
  const { host, port } = await listener.open();
  const raw = (text: string): Promise<string> => talk(host, port, text);
  return {
    listener,
    host,
    port,
    let: seen,
    raw,
    ask: async (method, path, ...lines) =>
      answerOf(
        await raw(`${[`${method} ${path} HTTP/1.1`, 'Connection: close', ...lines].join('\r\n')}\r\n\r\n`),
      ),
    [Symbol.asyncDispose]: () => listener.close(0),
  };
}

function talk(host: string, port: number, text: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, host, () => socket.write(text, 'latin1'));
    let received = '';
    socket.setEncoding('latin1').on('data', (piece: string) => (received += piece));
    // A reset is a way of closing, too.
    socket.on('error', () => {}).on('close', () => resolve(received));
  });
}

function answerOf(text: string): Answer {
  const [head = '', body = ''] = text.split('\r\n\r\n', 2);
  const [line = '', ...lines] = head.split('\r\n');
  const headers = lines.map((each) => {
    const colon = each.indexOf(':');
    return [each.slice(0, colon).toLowerCase(), each.slice(colon + 1).trim()] as const;
  });
  return { status: Number(line.split(' ')[1]), headers: Object.fromEntries(headers), body };
}
