import type { ServerConfig } from '../config/schema.ts';
import { filled, type ReferenceName } from '../config/template.ts';
import { failure, type Failure } from '../core/reply.ts';
import { missing, type Tenant } from './tenant.ts';

/** What RFC 9110, section 5.5, lets stand in the value of a header. */
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * Why a server cannot be started with what its caller brings; undefined when it can. The values come from outside: one
 * must not turn an argument into an option, nor a header into two.
 */
export function refusalFor(
  tenant: Tenant,
  config: ServerConfig,
  references: readonly ReferenceName[],
): Failure | undefined {
  const lacking = missing(tenant, references);
  if (lacking.length > 0) return lacks(config.name, lacking.map(inWords).join(' '));
  const { values = new Map<string, string>() } = tenant;
  const args = argsOf(config);
  const made = filled(args, values);
  if (made.some((arg, i) => arg.startsWith('-') && !args[i]?.startsWith('-')))
    return lacks(config.name, 'What it brought begins with "-", and would be an option of the server.');
  const headers = config.kind === 'http' ? Object.values(filled(config.headers, values)) : [];
  if (!headers.every((value) => HEADER_VALUE.test(value)))
    return lacks(config.name, 'What it brought cannot stand in a header.');
  return undefined;
}

/** What a client sent in its headers: nobody else gets to see it. */
export function secretsOf({ values }: Tenant): readonly string[] {
  return [...(values ?? [])].flatMap(([name, value]) => (name.startsWith('header:') ? [value] : []));
}

function argsOf(config: ServerConfig): readonly string[] {
  if (config.kind === 'stdio') return config.args;
  return config.kind === 'container' ? config.container.args : [];
}

function inWords(name: ReferenceName): string {
  const [, header] = /^header:(.*)$/.exec(name) ?? [];
  return header === undefined
    ? `Its login has no ${name.replace('principal.', '')}.`
    : `Send the header ${header}.`;
}

function lacks(server: string, detail: string): Failure {
  return failure('caller_lacks', detail, { server });
}
