import { z } from 'zod';
import { count, reading } from './fields.ts';
import type { Reading } from './units.ts';

/** How often something may happen. A burst of 20 lets 21 through at once, as nginx means it. */
export interface Rate {
  /** Milliseconds between two, in the long run. */
  readonly intervalMs: number;
  /** How many may come before their time. */
  readonly burst: number;
}

export type RateLimitsConfig = z.output<typeof rateLimits>;
export type ToolLimit = RateLimitsConfig['tools'][number];

const UNITS: ReadonlyMap<string, number> = new Map([
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
]);

/** `10/s`, `100/m`, `5/h`: the milliseconds between two. */
export function parseRate(text: string): Reading<number> {
  const [, number = '', unit = ''] = /^(\d{1,7})\s*\/\s*([smh])$/.exec(text) ?? [];
  const unitMs = UNITS.get(unit);
  if (unitMs !== undefined && Number(number) > 0) return { value: unitMs / Number(number) };
  return { problem: 'This is not a rate.', hint: 'A number and /s, /m or /h: 10/s.' };
}

const rate = z
  .string()
  .transform(reading(parseRate))
  .describe('How many in a second, a minute or an hour: 10/s.');
const burst = z.int().min(0).max(1_000_000).default(0).describe('How many may come before their time.');

const limit = (preset: { rate: string; burst: number }, about: string) =>
  z
    .union([
      z.literal(false).transform((): Rate | undefined => undefined),
      z
        .strictObject({ rate, burst })
        .transform((given): Rate | undefined => ({ intervalMs: given.rate, burst: given.burst })),
    ])
    .prefault(preset)
    .describe(about);

const toolLimit = z.strictObject({
  servers: z.array(z.string().min(1)).min(1).optional().describe('Patterns. Default: all.'),
  tools: z.array(z.string().min(1)).min(1).describe('Patterns, as the server names them.'),
  rate: rate.optional(),
  burst,
  concurrent: count(1000).describe('Calls under way at the same time.'),
});

export const rateLimits = z
  .strictObject({
    perAddress: limit(
      { rate: '10/s', burst: 20 },
      'Requests of one address (IPv6: of one /64) that did not prove who they are. A rate and a burst, or false.',
    ),
    perUser: limit({ rate: '5/s', burst: 10 }, 'Requests of one user. A rate and a burst, or false.'),
    concurrent: count(1000).describe('Calls of one user under way at the same time.'),
    tools: z
      .array(toolLimit)
      .default([])
      .describe(
        'Limits of single tools, for each user: tools (patterns with `*`), perhaps servers, and a rate with a burst, or how many calls may be under way (concurrent).',
      ),
  })
  .describe(
    'How often one may knock. Without it: the defaults below where others reach the gateway (it listens on an address that is not loopback, or has a publicUrl), and nothing on loopback.',
  );
