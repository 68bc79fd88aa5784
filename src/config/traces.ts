import { z } from 'zod';
import { duration, readable, reading } from './fields.ts';
import { parseServerUrl } from './web-names.ts';

/** Traces for OpenTelemetry. Undefined in the config: what callers say of a trace goes on to the servers, no more. */
export type TracesConfig = NonNullable<NonNullable<z.output<typeof telemetry>>['traces']>;

const headerName = z
  .string()
  .check(
    readable((name) =>
      /^[\w-]{1,64}$/.test(name) ? { value: name } : { problem: 'This cannot be the name of a header.' },
    ),
  );
const header = z.string().check(
  readable((value) =>
    // RFC 9110, section 5.5: a line break would begin another header.
    /^[\t\x20-\x7e]*$/.test(value)
      ? { value }
      : { problem: 'This cannot be the value of a header.', hint: 'One line of printable ASCII.' },
  ),
);

const traces = z.strictObject({
  endpoint: z
    .string()
    .transform(reading(parseServerUrl))
    .describe('Where the collector takes OTLP over HTTP: http://127.0.0.1:4318/v1/traces.')
    .meta({ examples: ['http://127.0.0.1:4318/v1/traces'] }),
  headers: z.record(headerName, header).default({}).describe('Headers for every request to it. Never shown.'),
  sample: z
    .number()
    .min(0)
    .max(1)
    .default(1)
    .describe(
      'The share of traces that are begun here and recorded. Of those that callers began, they decide.',
    ),
  service: z.string().min(1).max(255).default('sallyport').describe('service.name of the spans.'),
  interval: duration('5s').describe('How often spans are sent.'),
});

export const telemetry = z
  .strictObject({
    traces: traces
      .optional()
      .describe(
        'OpenTelemetry: a span for each call, and one for what a server makes of it. Also headers, sample, service and interval. Needs the packages that observability.md names.',
      ),
  })
  .optional()
  .describe('What is told to others about calls, and never what was in them. Without it: nothing.');

/** What of it must not be shown. */
export function secretsOfTelemetry(config: z.output<typeof telemetry>): string[] {
  return Object.values(config?.traces?.headers ?? {});
}
