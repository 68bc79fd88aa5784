import { knock, type Answer, type Knock } from './knock.ts';
import type { Dial, Trust } from './dial.ts';

/** A published gateway, and how to come to it. */
export class Site {
  /** Its endpoint, `https://mcp.example.com/mcp`. */
  readonly endpoint: URL;
  /** Undefined: nobody gave one. It goes to the endpoint's origin and to nobody else. */
  readonly token: string | undefined;
  readonly dial: Dial;
  readonly trust: Trust;

  constructor(
    endpoint: URL,
    { token, dial, trust }: { token: string | undefined; dial: Dial; trust: Trust },
  ) {
    this.endpoint = endpoint;
    this.token = token;
    this.dial = dial;
    this.trust = trust;
  }

  /** A URL of the same place: `at('/metrics')`. */
  at(path: string): URL {
    return new URL(path, this.endpoint);
  }

  /** The path that stands before `/mcp`; '' for none. */
  get prefix(): string {
    return this.endpoint.pathname.replace(/\/mcp$/, '');
  }

  /** A request without a token. */
  ask(url: URL, options: Knock, signal: AbortSignal): Promise<Answer> {
    return knock(url, { ...options, signal }, this.dial, this.trust);
  }

  /** The same with the token, which other places than this never see. */
  askAsUser(url: URL, options: Knock, signal: AbortSignal): Promise<Answer> {
    if (url.origin !== this.endpoint.origin) throw new Error(`the token is not for ${url.origin}`);
    const headers = {
      ...options.headers,
      ...(this.token !== undefined && { authorization: `Bearer ${this.token}` }),
    };
    return this.ask(url, { ...options, headers }, signal);
  }
}
