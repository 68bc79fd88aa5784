import { z } from 'zod';
import { parseBlock } from './address-block.ts';
import { count, reading } from './fields.ts';
import { parseListen } from './units.ts';

/** Numbers for Prometheus. Undefined in the config: nothing is counted, at no cost. */
export type MetricsConfig = NonNullable<z.output<typeof metrics>>;

/** This machine, and the networks that are nobody's on the internet (RFC 1918, RFC 4193, link-local addresses). */
export const PRIVATE_BLOCKS: readonly string[] = [
  '127.0.0.0/8',
  '::1',
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  'fc00::/7',
  'fe80::/10',
];

export const metrics = z
  .strictObject({
    listen: z
      .string()
      .transform(reading(parseListen))
      .optional()
      .describe('An address of its own for /metrics: 127.0.0.1:9464. Default: the one of the endpoints.')
      .meta({ examples: ['127.0.0.1:9464'] }),
    allow: z
      .array(z.string().transform(reading(parseBlock)))
      .min(1)
      .default([...PRIVATE_BLOCKS])
      .describe(
        'Who may read it, by address; for everybody else there is nothing. Default: private networks.',
      )
      .meta({ examples: [['10.0.0.0/8', '2001:db8::/32']] }),
    tools: count(200).describe(
      'Tools of one server that are counted by name; the others are counted together, as `other`.',
    ),
  })
  .optional()
  .describe(
    'Numbers for Prometheus, at /metrics: observability.md has the list. `{}` is enough. Without it, nothing is counted.',
  );
