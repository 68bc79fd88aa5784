import {
  abilitiesOf,
  ANSWERS,
  KEYS,
  type Message,
  MODERN,
  type Params,
  type QuestionKind,
  QUESTIONS,
  takeEvents,
  type Version,
} from './messages.ts';

/** Where a client connects: `http://127.0.0.1:PORT/servers/NAME`, as whom, and what it says to questions. */
export interface Target {
  readonly base: string;
  /** The header. */
  readonly authorization: string;
  /** Of a person: undefined is no answer at all. By default the one that fits the question. */
  readonly answer?: (method: string, params: Params) => Params | undefined;
}

/** A client of exactly one version, written by hand. It answers whatever it is asked. */
export interface VersionClient extends AsyncDisposable {
  /** Every notification that came, in order. */
  readonly heard: readonly Message[];
  /** The questions it was asked, by their methods. */
  readonly asked: readonly string[];
  /** The answer to a request: result or error. */
  request(method: string, params?: Params): Promise<Message>;
  /** Listens to a resource and to the list of tools. */
  listen(uri: string): Promise<void>;
  /** Starts a call that wants progress, and gives what cancels it. */
  start(name: string): () => Promise<void>;
}

export async function connectClient(version: Version, target: Target): Promise<VersionClient> {
  const client = version === MODERN ? new ModernClient(target) : new LegacyClient(version, target);
  if (client instanceof LegacyClient) await client.open();
  return client;
}

const info = { name: 'raw', version: '1' };

/** What every client does with what comes. */
abstract class Receiver {
  readonly heard: Message[] = [];
  readonly asked: string[] = [];
  readonly ending = new AbortController();
  readonly #waiting = new Map<Message['id'], (answer: Message) => void>();
  protected readonly target: Target;
  #last = 0;

  constructor(target: Target) {
    this.target = target;
  }

  protected get nextId(): number {
    return (this.#last += 1);
  }

  protected answerTo(id: Message['id']): Promise<Message> {
    return new Promise((resolve) => this.#waiting.set(id, resolve));
  }

  protected answerOf(method: string, params: Params = {}): Params | undefined {
    this.asked.push(method);
    if (this.target.answer) return this.target.answer(method, params);
    const kind = Object.entries(QUESTIONS).find(([, question]) => question.method === method)?.[0];
    return kind === undefined ? undefined : ANSWERS[kind as QuestionKind];
  }

  protected receive(message: Message): void {
    if (message.method === undefined) this.#waiting.get(message.id)?.(message);
    else if (message.id === undefined) this.heard.push(message);
    else void this.question(message);
  }

  /** A request of the server's own; only legacy clients get any. */
  protected abstract question(message: Message): Promise<void>;

  protected fetch(
    url: string,
    init: Omit<RequestInit, 'headers'> & { headers?: Record<string, string> },
  ): Promise<Response> {
    const headers = {
      authorization: this.target.authorization,
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
      ...init.headers,
    };
    return fetch(url, { signal: this.ending.signal, ...init, headers }).catch((error: unknown) => {
      // A client that is gone waits for nothing any more.
      if (this.ending.signal.aborted) return new Promise<never>(() => {});
      throw error;
    });
  }

  /** Takes in a body to its end, JSON or stream. */
  protected async take(response: Response, onEvent?: (type: string, data: string) => void): Promise<void> {
    if (response.status === 202 || !response.body) return;
    if (!response.headers.get('content-type')?.startsWith('text/event-stream')) {
      const body = (await response.json()) as Message;
      return this.receive(body);
    }
    let text = '';
    for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
      const { events, rest } = takeEvents(text + chunk);
      text = rest;
      for (const { type, data } of events) {
        if (type === 'message') this.receive(JSON.parse(data) as Message);
        else onEvent?.(type, data);
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.ending.abort();
  }
}

/** Versions with `initialize`: 2024-11-05 over HTTP+SSE, the others over Streamable HTTP. */
class LegacyClient extends Receiver implements VersionClient {
  readonly #version: Version;
  /** Where messages go. */
  #url: string;
  #headers: Record<string, string> = {};

  constructor(version: Version, target: Target) {
    super(target);
    this.#version = version;
    this.#url = `${target.base}/mcp`;
  }

  async open(): Promise<void> {
    if (this.#version === '2024-11-05') await this.#openSse();
    const params = {
      protocolVersion: this.#version,
      capabilities: abilitiesOf(this.#version),
      clientInfo: info,
    };
    const { result } = await this.request('initialize', params);
    if (result?.['protocolVersion'] !== this.#version)
      throw new Error(`${this.#version} became ${result?.['protocolVersion']}`);
    await this.#send({ method: 'notifications/initialized' });
    await this.request('logging/setLevel', { level: 'info' });
    if (this.#version !== '2024-11-05') {
      const init = { headers: { accept: 'text/event-stream', ...this.#headers } };
      void this.take(await this.fetch(this.#url, init)).catch(() => {});
    }
  }

  async #openSse(): Promise<void> {
    const stream = await this.fetch(`${this.target.base}/sse`, { headers: { accept: 'text/event-stream' } });
    await new Promise<void>((resolve) => {
      const onEvent = (type: string, data: string): void => {
        if (type !== 'endpoint') return;
        this.#url = new URL(data, this.target.base).href;
        resolve();
      };
      void this.take(stream, onEvent).catch(() => {});
    });
  }

  async request(method: string, params: Params = {}): Promise<Message> {
    const id = this.nextId;
    const answer = this.answerTo(id);
    await this.#send({ id, method, params });
    return answer;
  }

  async listen(uri: string): Promise<void> {
    await this.request('resources/subscribe', { uri });
  }

  start(name: string): () => Promise<void> {
    const id = this.nextId;
    const params = { name, _meta: { progressToken: `token ${id}` } };
    void this.#send({ id, method: 'tools/call', params });
    return () => this.#send({ method: 'notifications/cancelled', params: { requestId: id } });
  }

  protected async question({ id, method = '', params }: Message): Promise<void> {
    const result = this.answerOf(method, params);
    if (id !== undefined && result) await this.#send({ id, result });
  }

  async #send(message: Message): Promise<void> {
    const body = JSON.stringify({ jsonrpc: '2.0', ...message });
    const response = await this.fetch(this.#url, { method: 'POST', body, headers: this.#headers });
    const session = response.headers.get('mcp-session-id');
    if (session !== null)
      this.#headers = { 'mcp-session-id': session, 'mcp-protocol-version': this.#version };
    // The answer to one request is waited for by whoever sent it, not by whoever sends.
    void this.take(response).catch(() => {});
  }
}

/** 2026-07-28. */
class ModernClient extends Receiver implements VersionClient {
  async request(method: string, params: Params = {}): Promise<Message> {
    for (let more: Params = {}; ;) {
      const answer = await this.#send(method, { ...params, ...more });
      if (answer.result?.['resultType'] !== 'input_required') return answer;
      const { inputRequests, requestState } = answer.result as {
        inputRequests: Params;
        requestState?: string;
      };
      const responses = Object.entries(inputRequests as Record<string, Params>).map(([key, question]) => [
        key,
        this.answerOf(String(question['method']), question['params'] as Params),
      ]);
      more = {
        inputResponses: Object.fromEntries(responses) as Params,
        ...(requestState !== undefined && { requestState }),
      };
    }
  }

  async listen(uri: string): Promise<void> {
    const notifications = { toolsListChanged: true, resourceSubscriptions: [uri] };
    void this.#send('subscriptions/listen', { notifications }).catch(() => {});
    while (this.heard.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const [first] = this.heard;
    if (first?.method !== 'notifications/subscriptions/acknowledged') throw new Error(JSON.stringify(first));
  }

  start(name: string): () => Promise<void> {
    const call = new AbortController();
    const meta = { progressToken: 'a token' };
    void this.#send('tools/call', { name, _meta: meta }, call.signal).catch(() => {});
    return async () => call.abort();
  }

  async #send(method: string, params: Params, signal = this.ending.signal): Promise<Message> {
    const id = this.nextId;
    const answer = this.answerTo(id);
    const meta = {
      [KEYS.version]: MODERN,
      [KEYS.capabilities]: abilitiesOf(MODERN),
      [KEYS.info]: info,
      [KEYS.logLevel]: 'info',
      ...(params['_meta'] as Params | undefined),
    };
    const name = params['name'] as string | undefined;
    const response = await this.fetch(`${this.target.base}/mcp`, {
      method: 'POST',
      body: JSON.stringify({ jsonrpc: '2.0', id, method, params: { ...params, _meta: meta } }),
      headers: {
        'mcp-protocol-version': MODERN,
        'mcp-method': method,
        ...(name !== undefined && { 'mcp-name': name }),
      },
      signal,
    });
    await this.take(response);
    return answer;
  }

  protected question(message: Message): Promise<void> {
    throw new Error(`a request of the server's own: ${message.method}`);
  }
}
