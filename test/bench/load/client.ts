import { connect, type Socket } from 'node:net';

import { AnswerCheck, WrongAnswer } from './check.ts';
import { Digits } from './digits.ts';
import { CallRequest, initialize, initialized, sessionHeaders, type Call, type Endpoint } from './request.ts';
import { ResponseParser, type Head, type Sink } from './response.ts';

/** Shared by all connections of the process: a read is taken apart before the next one starts. */
const READ_BUFFER = Buffer.allocUnsafeSlow(256 * 1024);

export interface Reply {
  status: number;
  sessionId: string | undefined;
  body: string;
}

/** One keep-alive connection, one request at a time. */
export class Client {
  readonly #endpoint: Endpoint;
  readonly #socket: Socket;
  readonly #parser: ResponseParser = new ResponseParser(IDLE);
  #session: readonly string[] = [];
  /** Goes on from one repetition to the next: ids of a session are used once. */
  readonly #digits = new Digits();
  #fail: (error: Error) => void = () => {};

  private constructor(endpoint: Endpoint) {
    this.#endpoint = endpoint;
    this.#socket = connect({
      host: endpoint.host,
      port: endpoint.port,
      noDelay: true,
      // Our own read buffer and no stream events: about half of the cost of a 'data' listener.
      onread: {
        buffer: READ_BUFFER,
        callback: (length) => {
          this.#read(length);
          return true;
        },
      },
    });
    this.#socket.on('error', (error) => this.#fail(error));
    this.#socket.on('close', () => this.#fail(new Error('The server closed the connection.')));
  }

  /** Rejects when nobody listens. */
  static open(endpoint: Endpoint): Promise<Client> {
    return new Promise((resolve, reject) => {
      const client = new Client(endpoint);
      client.#fail = reject;
      client.#socket.once('connect', () => resolve(client));
    });
  }

  /** One request and its whole response. */
  exchange(request: Buffer): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const messages: string[] = [];
      let text = '';
      let head: Head | undefined;
      this.#fail = reject;
      this.#parser.sink = {
        head: (received) => {
          head = received;
        },
        piece: (bytes, start, end) => {
          text += bytes.toString('utf8', start, end);
        },
        message: () => {
          messages.push(text);
          text = '';
        },
        end: () => {
          this.#parser.sink = IDLE;
          resolve({ status: head?.status ?? 0, sessionId: head?.sessionId, body: messages.join('\n') });
        },
      };
      this.#socket.write(request);
    });
  }

  /** The handshake of the legacy era. Later calls of this client belong to the session. */
  async openSession(): Promise<void> {
    const opened = await this.exchange(initialize(this.#endpoint));
    if (opened.status !== 200 || !opened.body.includes('"serverInfo"')) {
      throw new Error(`initialize was answered with ${opened.status}: ${opened.body.slice(0, 300)}`);
    }
    this.#session = sessionHeaders(opened.sessionId);
    await this.exchange(initialized(this.#endpoint, this.#session));
  }

  /**
   * Calls, checks the answer, and calls again until `answered` returns false. Rejects on the first wrong answer.
   *
   * @param number of this client, for its canary
   * @param answered is given the milliseconds from writing the request to the end of its response
   */
  repeat(call: Call, number: number, answered: (milliseconds: number) => boolean): Promise<void> {
    const digits = this.#digits;
    const request = new CallRequest(this.#endpoint, call, number, digits, this.#session);
    const check = new AnswerCheck(request, digits);
    let sent = 0;
    const send = (): void => {
      digits.increment();
      const bytes = request.with(digits);
      check.begin();
      sent = performance.now();
      this.#socket.write(bytes);
    };
    return new Promise((resolve, reject) => {
      this.#fail = reject;
      this.#parser.sink = {
        head: ({ status }) => {
          if (status !== 200) throw new WrongAnswer(`A call was answered with status ${status}.`);
        },
        piece: (bytes, start, end) => check.piece(bytes, start, end),
        message: () => check.message(),
        end: () => {
          check.end();
          if (answered(performance.now() - sent)) send();
          else {
            this.#parser.sink = IDLE;
            resolve();
          }
        },
      };
      send();
    });
  }

  /** What is still waiting for an answer rejects. */
  close(): void {
    this.#socket.destroy();
  }

  #read(length: number): void {
    try {
      this.#parser.push(READ_BUFFER, length);
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)));
      this.#socket.destroy();
    }
  }
}

/** Between requests nothing may arrive. */
const IDLE: Sink = {
  head: () => {
    throw new WrongAnswer('A response arrived that nobody asked for.');
  },
  piece: () => {},
  message: () => {},
  end: () => {},
};
