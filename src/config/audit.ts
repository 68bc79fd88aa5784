import { resolve } from 'node:path';
import { z } from 'zod';
import { count, duration, readable, size } from './fields.ts';

/** What is recorded of calls. Undefined in the config: nothing, at no cost. */
export type AuditConfig = z.output<typeof section>;
export type AlertConfig = z.output<typeof alert>;
/** One line for each HTTP request. */
export type AccessLogConfig = z.output<typeof accessSection>;

const hour = z.number().min(0).max(24);

const alert = z
  .strictObject({
    name: z
      .string()
      .regex(/^[\w-]{1,64}$/)
      .describe('What it is called. One of the names that are always there replaces that rule.'),
    when: z
      .string()
      .optional()
      .describe('Which records count, as in `sallyport audit search`: outcome:denied tool:pay__*.'),
    count: z
      .enum(['events', 'pii'])
      .optional()
      .describe('Records, or the values of personal data in them. Default: events.'),
    per: z
      .enum(['user', 'client', 'ip', 'all'])
      .optional()
      .describe('Whose are counted together. Default: user.'),
    threshold: count(1).optional().describe('It fires at this many.'),
    window: duration('1h').optional().describe('Within this time.'),
    outsideHours: z
      .tuple([hour, hour])
      .optional()
      .describe('Only outside of these hours of the day, such as [8, 18].'),
    first: z.boolean().optional().describe('true: only for a client that uses a tool for the first time.'),
    disabled: z.boolean().optional().describe('true switches a rule off that is always there.'),
  })
  .describe('So many of one thing within a time.');

/** Where checkpoints go: a file, standard output, or a syslog server over UDP. */
const checkpoints = z
  .string()
  .check(
    readable((text) =>
      text === 'stdout' || !text.includes('://') || /^syslog:\/\/[\w.-]+(:\d{1,5})?$/.test(text)
        ? { value: text }
        : { problem: 'This is no place for checkpoints.', hint: 'A file, stdout, or syslog://HOST:514.' },
    ),
  );

const section = z.strictObject({
  file: z
    .string()
    .optional()
    .describe("The log, relative to the configuration's folder. Default: audit/audit.jsonl in the home."),
  required: z
    .boolean()
    .default(false)
    .describe(
      'true refuses calls that cannot be recorded, and answers a call when its record is on the disk. Otherwise a loss is counted and logged.',
    ),
  fileSize: size('100MiB').describe('A file that has become so large is closed, and the next one begun.'),
  checkpoints: checkpoints
    .optional()
    .describe(
      'Where signed checkpoints go: a file, stdout, or syslog://HOST:514. On another machine they show that the end of a log is missing. Default: checkpoints.jsonl beside the log.',
    ),
  alerts: z
    .array(alert)
    .default([])
    .describe('More rules for alerts, or other thresholds for those that are always there.'),
  webhook: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('Gets each alert as JSON, by POST.'),
});

export const audit = section
  .optional()
  .describe(
    'A record of every call and refusal, chained and signed. {} is enough. Without it, nothing is recorded.',
  );

const accessSection = z.strictObject({
  file: z.string().describe('Where to, relative to the configuration; stdout for standard output.'),
});

export const accessLog = accessSection
  .optional()
  .describe('One line of JSON for each HTTP request. Without it, there is none.');

/** Paths that stand in the configuration, from its own folder. */
export function resolveAudit(config: AuditConfig, folder: string): AuditConfig {
  const { file, checkpoints: place } = config;
  return {
    ...config,
    ...(file !== undefined && { file: resolve(folder, file) }),
    ...(place !== undefined &&
      place !== 'stdout' &&
      !place.includes('://') && { checkpoints: resolve(folder, place) }),
  };
}

export function resolveAccessLog({ file }: AccessLogConfig, folder: string): AccessLogConfig {
  return { file: file === 'stdout' ? file : resolve(folder, file) };
}
