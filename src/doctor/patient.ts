import type { Diagnostic } from '../config/diagnose.ts';
import type { Loaded } from '../config/load.ts';
import type { OAuth } from '../gateway.ts';
import type { Records } from '../store/records.ts';
import type { Site } from './site.ts';

/** What is looked at: a configuration, a home, and where it is published. */
export interface Patient {
  /** The folder of the gateway's state; it may not be there. */
  readonly home: string;
  readonly platform: NodeJS.Platform;
  /** Undefined: there is no configuration. */
  readonly config: ReadConfig | undefined;
  /** The clock of this machine, in milliseconds since 1970. */
  readonly now: () => number;
  /** The store of the home, where there is one. */
  readonly records: () => Promise<Records | undefined>;
  /** The logins at remote servers. */
  readonly oauth: OAuth;
  /** The gateway that says it runs from this home. */
  readonly running: { readonly endpoint: string; readonly pid: number } | undefined;
  /** Undefined: it is not looked at from outside. */
  readonly site: Site | undefined;
}

/** A configuration that was read, or what is wrong with it. */
export interface ReadConfig {
  readonly file: string;
  readonly loaded: Loaded | undefined;
  readonly diagnostics: readonly Diagnostic[];
}
