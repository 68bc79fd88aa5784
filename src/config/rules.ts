import { Environment } from '@marcbachmann/cel-js';
import { z } from 'zod';
import { readable } from './fields.ts';
import type { Reading } from './units.ts';

/** One sentence of what callers may do. */
export type RuleConfig = z.output<typeof rule>;

const pattern = z
  .string()
  .regex(/^[^\p{Cc}]{1,500}$/u, 'This cannot be a pattern.')
  .meta({ examples: ['read_*'] });
const patterns = z.union([pattern.transform((text) => [text]), z.array(pattern).min(1)]).optional();
const names = z
  .union([
    z
      .string()
      .min(1)
      .transform((text) => [text]),
    z.array(z.string().min(1)).min(1),
  ])
  .optional();

/** What a condition may speak of, and of what type that is. */
const language = new Environment()
  .registerVariable('args', 'map')
  .registerVariable('user', 'map')
  .registerVariable('tool', 'string')
  .registerVariable('server', 'string');

function readCondition(text: string): Reading<string> {
  const { valid, type, error } = language.check(text);
  if (valid && (type === 'bool' || type === 'dyn')) return { value: text };
  const problem = error ? firstLine(error.message) : 'it is neither true nor false';
  return {
    problem: `This is no condition: ${problem}.`,
    hint: 'CEL, with args, user.name, user.email, user.roles, user.client, tool and server.',
  };
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0]?.replace(/\.$/, '') ?? text;
}

const rule = z
  .strictObject({
    name: z.string().min(1).max(100).optional().describe('What `explain` and the log call it.'),
    effect: z.enum(['allow', 'deny']).describe('What it does.'),
    users: names.describe('One of these: names, or verified email addresses.'),
    roles: names.describe('One of these.'),
    clients: names.describe('OAuth clients or names of tokens: one of these.'),
    scopes: names.describe('All of these.'),
    servers: patterns.describe('Of these names. Default: all.'),
    tools: patterns.describe('Of these names, as their server calls them.'),
    prompts: patterns.describe('Of these names.'),
    resources: patterns.describe('Of these URIs.'),
    when: z
      .string()
      .min(1)
      .max(2000)
      .check(readable(readCondition))
      .optional()
      .describe('A condition on the arguments of a tool, in CEL: args.path.startsWith("/srv/").'),
  })
  .check((ctx) => {
    if (ctx.value.when === undefined || !(ctx.value.prompts ?? ctx.value.resources) || ctx.value.tools)
      return;
    const message = 'A condition is about the arguments of tools: name some.';
    ctx.issues.push({ code: 'custom', message, path: ['when'], input: ctx.value });
  });

export const rules = z
  .array(rule)
  .describe(
    'What callers may do; the first rule that fits decides, and what no rule fits is denied. Without rules everybody may do everything. A rule has an effect (allow or deny), who it is about (users, roles, clients, scopes; without any: everybody), what (servers, tools, prompts, resources, as patterns with `*`; without any: everything), perhaps a condition on the arguments (when, in CEL), and a name.',
  )
  .meta({ examples: [[{ effect: 'allow', roles: ['dev'], servers: ['files'], tools: ['read_*'] }]] });
