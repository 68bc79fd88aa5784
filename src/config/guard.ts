import { resolve } from 'node:path';
import { z } from 'zod';
import { duration, size } from './fields.ts';

/** What is done about personal data in calls and their results. Undefined in the config: nothing, at no cost. */
export type GuardConfig = z.output<typeof section>;
export type GuardPolicy = z.output<typeof policy>;

const patterns = (what: string) =>
  z.array(z.string().min(1)).optional().describe(`${what}, with \`*\` for any characters. Without any: all.`);

const policy = z
  .strictObject({
    name: z
      .string()
      .regex(/^[\w-]{1,64}$/)
      .default('default')
      .describe(
        'Stands in the audit log, and is part of what encrypted values are bound to: under another name they do not open.',
      ),
    servers: patterns('The servers it is about'),
    tools: patterns('The tools and prompts, as the server calls them'),
    direction: z
      .enum(['arguments', 'results', 'both'])
      .default('both')
      .describe('On the way to the server, on the way back, or both.'),
    entities: patterns('The kinds of data, such as EMAIL_ADDRESS and KR_*'),
    action: z
      .enum(['allow', 'log', 'mask', 'hash', 'encrypt', 'tokenize', 'redact', 'reject'])
      .describe(
        'allow: nothing. log: counted in the audit log. mask: letters and digits as `*`. hash: a keyed hash. encrypt: `⟦EMAIL_ADDRESS:…⟧`. tokenize: `EMAIL_7F3K2Q`. redact: `[EMAIL_ADDRESS]`. reject: the call is refused.',
      ),
    keep: z.int().min(0).max(32).default(0).describe('mask: how many of the last letters and digits stay.'),
  })
  .describe('What to do with some kinds of data, of some tools, in one direction.');

const ner = z
  .strictObject({
    model: z.string().min(1).describe('The folder of a token classification model in ONNX.'),
    threshold: z.number().min(0).max(1).default(0.7).describe('How sure it has to be.'),
  })
  .optional()
  .describe(
    'Names without a label, by a model on this machine. Needs the package @huggingface/transformers beside Sallyport.',
  );

const section = z.strictObject({
  policies: z
    .array(policy)
    .default([])
    .describe('The first one that fits a find decides. What none fits is counted, and left as it is.'),
  restore: z
    .array(z.string().min(1))
    .default([])
    .describe(
      'Servers that get to see what was encrypted or tokenized: in the arguments of a call it is put back for them.',
    ),
  onError: z
    .enum(['reject', 'allow'])
    .default('reject')
    .describe('What becomes of what could not be scanned: too large, too slow, or a failure.'),
  threshold: z.number().min(0).max(1).default(0.5).describe('How sure a find has to be, from 0 to 1.'),
  patterns: z
    .string()
    .optional()
    .describe("A file with patterns of one's own, relative to the configuration's."),
  keyFile: z
    .string()
    .default('pii-keys.json')
    .describe('The keys for hash, encrypt and tokenize; made when it is missing. For its owner only.'),
  tenant: z
    .enum(['user', 'gateway'])
    .default('user')
    .describe('Who can have a value put back: the user it was hidden from, or all users of this gateway.'),
  tokenTtl: duration('24h').describe('How long a token can be put back.'),
  timeout: duration('2s').describe('How long the scan of one message may take.'),
  size: size('16MiB').describe('How much text of one message is scanned.'),
  ner,
});

export const guard = section
  .optional()
  .describe(
    'Personal data in calls and results: what is found, and what becomes of it. Default: nothing is scanned.',
  );

/** The section with its files as absolute paths. */
export function resolveGuard(config: GuardConfig, folder: string): GuardConfig {
  const at = (path: string): string => resolve(folder, path);
  return {
    ...config,
    keyFile: at(config.keyFile),
    patterns: config.patterns === undefined ? undefined : at(config.patterns),
    ner: config.ner && { ...config.ner, model: at(config.ner.model) },
  };
}
