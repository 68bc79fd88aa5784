import {
  KEYS,
  type Message,
  MODERN,
  type Params,
  QUESTION_PARAMS,
  type QuestionKind,
  QUESTIONS,
  type Version,
} from './messages.ts';

/** The other side of a server: where what it says goes. */
export interface Outlet {
  /** @param about the id of the request it belongs to; undefined: to none */
  send(message: Message, about: Message['id']): void;
}

export const NOTE = 'note://one';

const TOOLS = ['work', 'log', 'ask', 'touch', 'grow', 'hang', 'cancelled', 'unanswered'];
const CAPABILITIES = {
  tools: { listChanged: true },
  resources: { subscribe: true, listChanged: true },
  logging: {},
};
const text = (said: string): Params => ({ content: [{ type: 'text', text: said }] });

/** A server of exactly one version, over whatever carries its messages. */
export class VersionServer {
  readonly #version: Version;
  readonly #outlet: Outlet;
  readonly #tools = [...TOOLS];
  readonly #cancelled: Message['id'][] = [];
  /** Questions that came back with an error. */
  #unanswered = 0;
  readonly #subscribed = new Set<string>();
  /** The ids of `subscriptions/listen`, and what each listens to. */
  readonly #listening = new Map<Message['id'], Params>();
  readonly #asked = new Map<Message['id'], (answer: Message) => void>();

  constructor(version: Version, outlet: Outlet) {
    this.#version = version;
    this.#outlet = outlet;
  }

  receive(message: Message): void {
    const { id, method, params = {} } = message;
    if (method === undefined) return this.#asked.get(id)?.(message);
    if (method === 'notifications/cancelled') return this.cancel(params['requestId'] as Message['id']);
    if (id === undefined) return;
    void this.#answer(id, method, params)
      .catch((error: unknown) => ({ error: { code: -32601, message: String(error) } }))
      .then((answer) => answer && this.#send({ id, ...answer }, id));
  }

  /** Somebody does not want the answer any more. */
  cancel(id: Message['id']): void {
    if (!this.#listening.delete(id)) this.#cancelled.push(id);
  }

  #send(message: Message, about: Message['id']): void {
    this.#outlet.send({ jsonrpc: '2.0', ...message }, about);
  }

  get #isModern(): boolean {
    return this.#version === MODERN;
  }

  async #answer(id: string | number, method: string, params: Params): Promise<Message | undefined> {
    const result = await this.#result(id, method, params);
    if (!result) return undefined;
    const cached = /list$|discover$|read$/.test(method) ? { ttlMs: 0, cacheScope: 'private' } : {};
    return { result: this.#isModern ? { resultType: 'complete', ...cached, ...result } : result };
  }

  async #result(id: string | number, method: string, params: Params): Promise<Params | undefined> {
    if (method === 'tools/list') {
      return { tools: this.#tools.map((name) => ({ name, inputSchema: { type: 'object' } })) };
    }
    if (method === 'resources/list') return { resources: [{ uri: NOTE, name: 'one' }] };
    if (method === 'tools/call') return this.#call(id, params);
    const own = this.#isModern ? this.#modernOnly(id, method, params) : this.#legacyOnly(method, params);
    if (own === undefined) throw new Error(`${method} is not known in ${this.#version}`);
    return own === 'later' ? undefined : own;
  }

  #legacyOnly(method: string, { uri }: Params): Params | undefined {
    if (method === 'initialize') {
      const serverInfo = { name: 'old', version: '1' };
      return { protocolVersion: this.#version, capabilities: CAPABILITIES, serverInfo };
    }
    if (method === 'resources/subscribe') this.#subscribed.add(String(uri));
    return ['ping', 'logging/setLevel', 'resources/subscribe', 'resources/unsubscribe'].includes(method)
      ? {}
      : undefined;
  }

  #modernOnly(id: string | number, method: string, params: Params): Params | 'later' | undefined {
    if (method === 'server/discover') return { supportedVersions: [MODERN], capabilities: CAPABILITIES };
    if (method !== 'subscriptions/listen') return undefined;
    const { notifications } = params as { notifications: Params };
    this.#listening.set(id, notifications);
    this.#tell(id, 'notifications/subscriptions/acknowledged', { notifications });
    return 'later';
  }

  /** On the stream of a `subscriptions/listen`. */
  #tell(id: Message['id'], method: string, params: Params): void {
    this.#send({ method, params: { ...params, _meta: { [KEYS.subscription]: id } } }, id);
  }

  async #call(id: string | number, params: Params): Promise<Params | undefined> {
    const {
      name,
      arguments: input = {},
      _meta: meta = {},
    } = params as {
      name: string;
      arguments?: Params;
      _meta?: Params;
    };
    const progress = (done: number): void => {
      const progressToken = meta['progressToken'] as unknown;
      const step = { progressToken, progress: done, total: 2, message: input['label'] as unknown };
      if (progressToken !== undefined) this.#send({ method: 'notifications/progress', params: step }, id);
    };
    switch (name) {
      case 'work':
        progress(1);
        progress(2);
        return text('worked');
      case 'log': {
        const note = { level: 'warning', data: 'logged' };
        if (!this.#isModern || meta[KEYS.logLevel] !== undefined)
          this.#send({ method: 'notifications/message', params: note }, id);
        return text('logged');
      }
      case 'ask':
        progress(1);
        return this.#ask(id, input, params);
      case 'touch':
        this.#touch();
        return text('touched');
      case 'grow':
        this.#grow();
        return text('grown');
      case 'cancelled':
        return text(String(this.#cancelled.length));
      case 'unanswered':
        return text(String(this.#unanswered));
      default:
        // It hangs, and says that it has begun to.
        progress(1);
        return undefined;
    }
  }

  /** Asks a question, that of `input.kind`, in the words of `input.label` where there are any. */
  async #ask(id: string | number, { kind, label }: Params, params: Params): Promise<Params> {
    const { method, since } = QUESTIONS[kind as QuestionKind];
    if (this.#version < since) return text('{}');
    const words = label === undefined ? {} : { message: label as unknown };
    const question = { method, params: { ...QUESTION_PARAMS[kind as QuestionKind], ...words } };
    const { inputResponses, requestState } = params as { inputResponses?: Params; requestState?: string };
    if (this.#isModern) {
      const state = `the state of ${label}`;
      if (!inputResponses)
        return { resultType: 'input_required', inputRequests: { it: question }, requestState: state };
      if (requestState !== state) throw new Error(`${requestState} is not ${state}`);
      return text(JSON.stringify(inputResponses['it']));
    }
    const own = `question-${this.#asked.size}`;
    const answer = new Promise<Message>((resolve) => this.#asked.set(own, resolve));
    this.#send({ id: own, ...question }, id);
    const { result, error } = await answer;
    if (error) this.#unanswered += 1;
    return text(JSON.stringify(result ?? error));
  }

  #touch(): void {
    const updated = 'notifications/resources/updated';
    if (this.#subscribed.has(NOTE)) this.#send({ method: updated, params: { uri: NOTE } }, undefined);
    for (const [id, { resourceSubscriptions: uris = [] }] of this.#listening)
      if ((uris as string[]).includes(NOTE)) this.#tell(id, updated, { uri: NOTE });
  }

  #grow(): void {
    this.#tools.push(`more_${this.#tools.length}`);
    const changed = 'notifications/tools/list_changed';
    if (!this.#isModern) this.#send({ method: changed }, undefined);
    for (const [id, { toolsListChanged }] of this.#listening)
      if (toolsListChanged) this.#tell(id, changed, {});
  }
}
