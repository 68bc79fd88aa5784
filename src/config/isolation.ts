import { z } from 'zod';
import { reading } from './fields.ts';
import { passHeaders } from './passed-headers.ts';
import { parseCount, parseDuration } from './units.ts';

export const ISOLATIONS = ['user', 'session', 'shared'] as const;
export type Isolation = (typeof ISOLATIONS)[number];

/** Whose a server's processes are, and how long they live. What the configuration does not say is absent. */
export interface Life {
  readonly isolation?: Isolation;
  /** Until a process that nobody uses is ended. */
  readonly idleMs?: number;
  readonly maxLifetimeMs?: number;
  /** Processes that are started ahead and belong to nobody yet. */
  readonly warm?: number;
  readonly callMs?: number;
  readonly startMs?: number;
  /** Headers of the client that `${header:NAME}` may name, in lower case. */
  readonly passHeaders?: readonly string[];
}

const time = z.union([z.number(), z.string()]).transform(reading(parseDuration)).optional();

const isolation = z
  .enum(ISOLATIONS)
  .optional()
  .describe(
    'Whose a process is: of one user (the default), of one session of an older client, or shared by everybody, for servers that keep nothing of whom they serve. Clients of 2026-07-28 have no sessions: theirs is one for each user.',
  );
const callTimeout = time.describe('Until it has answered a call, in place of timeouts.call.');

/** Keys of every server. */
export const commonLife = { isolation, callTimeout, passHeaders };

/** Keys of a server that is a process. */
export const processLife = {
  ...commonLife,
  startTimeout: time.describe('Until it is ready after its start, in place of timeouts.start.'),
  idle: time.describe(
    'Until a process that nobody uses is ended. Default: 10m; and the one that was started with the gateway stays.',
  ),
  maxLifetime: time.describe(
    'How old a process may become. It finishes its calls, and another one takes its place. Default: any age.',
  ),
  warm: z
    .union([
      z.boolean().transform((wanted) => (wanted ? 1 : 0)),
      z.union([z.int(), z.string()]).transform(reading(parseCount)),
    ])
    .optional()
    .describe(
      'How many processes are started ahead, for a server that is slow to start: the next user gets one that runs already. true is one. Default: none.',
    ),
};

/** A server's entry as far as it is about this. */
interface Entry {
  readonly isolation?: Isolation | undefined;
  readonly callTimeout?: number | undefined;
  readonly startTimeout?: number | undefined;
  readonly idle?: number | undefined;
  readonly maxLifetime?: number | undefined;
  readonly warm?: number | undefined;
  readonly passHeaders?: readonly string[] | undefined;
}

/** What an entry says; undefined when it says nothing. */
export function lifeOf(entry: Entry): Life | undefined {
  const life: Life = {
    ...(entry.isolation !== undefined && { isolation: entry.isolation }),
    ...(entry.idle !== undefined && { idleMs: entry.idle }),
    ...(entry.maxLifetime !== undefined && { maxLifetimeMs: entry.maxLifetime }),
    ...(entry.warm !== undefined && { warm: entry.warm }),
    ...(entry.callTimeout !== undefined && { callMs: entry.callTimeout }),
    ...(entry.startTimeout !== undefined && { startMs: entry.startTimeout }),
    ...(entry.passHeaders && { passHeaders: entry.passHeaders.map((name) => name.toLowerCase()) }),
  };
  return Object.keys(life).length > 0 ? life : undefined;
}
