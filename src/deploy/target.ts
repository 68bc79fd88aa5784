import type { Config } from '../config/schema.ts';

/** A file that a target consists of. */
export interface DeployFile {
  /** Relative to the folder that is asked for, with slashes. */
  readonly path: string;
  readonly text: string;
  /** Something to run. */
  readonly executable?: true;
}

export interface Deployment {
  readonly files: readonly DeployFile[];
  /** What the person still has to do or to know, one sentence each. */
  readonly notes: readonly string[];
}

/** The version of a program, as in 1.25.1. */
export type Version = readonly [major: number, minor: number, patch: number];

/** What the command line says besides the configuration. Everything has a value: the pure functions have no defaults. */
export interface Asked {
  /** Undefined: not known. */
  readonly nginxVersion: Version | undefined;
  /** HOST:PORT of each gateway. Empty: where the configuration listens. */
  readonly instances: readonly string[];
  readonly httpPort: number;
  readonly httpsPort: number;
  readonly ipv6: boolean;
  /** Paths of the certificate and its key. Undefined: where certbot puts them. */
  readonly certificate: string | undefined;
  readonly key: string | undefined;
  /** The folder that ACME's HTTP-01 is answered from. */
  readonly acmeRoot: string;
  /** The folder of nginx's logs. */
  readonly logs: string;
  /** Requests of one address in a second, and how many may come before their time. */
  readonly rate: number;
  readonly burst: number;
  /** Addresses that are let in. Empty: those of `auth.ipAllow`, else all. */
  readonly allow: readonly string[];
  /** A file of names and passwords. */
  readonly basicAuth: string | undefined;
  /** Ask the gateway about each request before it is passed on. */
  readonly authRequest: boolean;
  /** Images by what they are for, with their digests. Undefined: to be written into `.env`. */
  readonly images: Readonly<Record<ImageName, string | undefined>>;
  /** Where the program and the configuration are on the machine that the files are for. */
  readonly program: string;
  readonly configFile: string;
  /** The version of Sallyport that goes into an image. */
  readonly sallyportVersion: string;
  /** What the configuration refers to. */
  readonly references: References;
}

export type ImageName = 'node' | 'nginx' | 'certbot' | 'cloudflared';

/** Names, never values. */
export interface References {
  /** Environment variables; those with a default are not `required`. */
  readonly variables: readonly { readonly name: string; readonly required: boolean }[];
  /** `${secret:NAME}` */
  readonly secrets: readonly string[];
  /** `${file:NAME}` without a folder: a credential of systemd, or a secret of a container. */
  readonly credentials: readonly string[];
}

/** A kind of files that can be written for a configuration. Pure: nothing is read and nothing is run. */
export interface Target {
  readonly name: string;
  readonly summary: string;
  /** @throws DeployError where the configuration lacks something that this target needs */
  readonly build: (config: Config, asked: Asked) => Deployment;
  /** The programs that know whether files of this kind are right. */
  readonly proofs?: readonly Proof[];
}

/** How a program is asked about the files. */
export interface Proof {
  readonly program: string;
  /** Further files for the program, and changed ones, written into a folder for the time of the check. */
  readonly stage?: (files: readonly DeployFile[], folder: string) => readonly DeployFile[];
  /** @param folder where the files are */
  readonly args: (files: readonly DeployFile[], folder: string) => readonly string[];
  /** Is an exit code of 0 enough? Some programs say what is wrong and end with 0. */
  readonly accepts?: (printed: string) => boolean;
  /** What it prints where a part of it that is needed is not installed. */
  readonly absent?: RegExp;
}

/** The configuration is right, and not enough for this target. */
export class DeployError extends Error {
  /** What to do about it, one line each. */
  readonly advice: readonly string[];

  constructor(message: string, advice: readonly string[]) {
    super(message);
    this.name = 'DeployError';
    this.advice = advice;
  }
}
