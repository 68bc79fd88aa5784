import type { Config } from '../config/schema.ts';
import type { Records } from '../store/records.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Interaction } from '../upstream/oauth/flow.ts';

export interface GatewayOptions {
  readonly config: Config;
  readonly auth: { readonly kind: 'token'; readonly token: string } | { readonly kind: 'none' };
  readonly log: Logger;
  /** The folder of its state, by which containers that an earlier gateway left behind are told for its own. */
  readonly home?: string;
  /** Knows the secret values of the config, and takes them out of what servers print. */
  readonly secrets?: Redacting;
  /** Logins at remote servers; without it, only what the configuration says is sent to them. */
  readonly oauth?: OAuth;
  /** The store of the home, as soon as there is one. */
  readonly records?: () => Promise<Records | undefined>;
  /** Paths of one's own for the endpoints of all servers. The usual ones stay. */
  readonly paths?: Paths;
}

/** The gateway as an OAuth client of remote servers. */
export interface OAuth {
  /** Where logins are kept. */
  readonly folder: string;
  /** What somebody has to do who has to log in. */
  readonly advice: (server: string) => string;
  /** Present where a person is there to log in when it comes to that. */
  readonly interact?: () => Interaction;
}

/** Where the endpoints are: `/mcp`, `/sse`, `/messages` and `/health`, when it is not there. */
export interface Paths {
  readonly mcp?: string;
  readonly sse?: string;
  readonly messages?: string;
  readonly health?: readonly string[];
}

/** Takes secrets out of a text. */
export interface Redacting {
  redact(text: string): string;
}
