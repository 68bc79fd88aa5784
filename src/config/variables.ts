import { homedir } from 'node:os';
import { basename, sep } from 'node:path';
import { readCredential } from './credential-file.ts';
import type { Findings } from './findings.ts';
import type { Node, ScalarNode } from './node.ts';
import { SECRET_NAME, type SecretSource } from './secret-source.ts';
import type { Secrets } from './secrets.ts';
import { callReference, hasMarks, pending } from './template.ts';
import type { Reading } from './units.ts';

/** A reference, `${…}`; or `$${`, which stands for the characters `${`. */
const REFERENCE = /\$\$\{|\$\{([^}]*)(\})?/g;
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

const KNOWN =
  '${env:NAME}, ${env:NAME:-default}, ${file:PATH}, ${secret:NAME}, ${userHome} and ${workspaceFolder}';

export interface VariableContext {
  readonly env: NodeJS.ProcessEnv;
  readonly secretSource?: SecretSource | undefined;
  /** The folder of the configuration file. */
  readonly folder: string;
  readonly findings: Findings;
  /** Gets every value that came from outside. */
  readonly secrets: Secrets;
  /** Gets every file that a value came from, whether it could be read or not. */
  readonly sources: Set<string>;
}

/**
 * Resolves the references in all text values:
 *
 * - `${env:NAME}` and Claude Code's `${NAME}`: an environment variable, `${env:NAME:-default}` with a default for one
 *   that is unset or empty;
 * - `${file:PATH}`: what a file says, without one line break at its end; relative to the configuration's folder, or the
 *   name of a credential of systemd or of a container;
 * - `${secret:NAME}`: what `sallyport secret set NAME` was given;
 * - VS Code's and Cursor's `${userHome}`, `${workspaceFolder}` (here the configuration's folder),
 *   `${workspaceFolderBasename}`, `${pathSeparator}` and `${/}`.
 *
 * What they stand for is never looked through for further references.
 *
 * In the `env`, `args` and `headers` of a server there may also be what only a call knows, `${principal.email}`: that
 * stays, for when the server is started for somebody.
 * @param path where in the file this is
 */
export async function resolveVariables(
  node: Node,
  context: VariableContext,
  path: readonly string[] = [],
): Promise<Node> {
  if (node.kind === 'scalar') {
    const { value } = node;
    if (typeof value !== 'string') return node;
    if (hasMarks(value)) return refuseMarks(node, context);
    return value.includes('${') ? resolveText(node, value, context, isPerCall(path)) : node;
  }
  if (node.kind === 'list') {
    const items = [];
    for (const item of node.items) items.push(await resolveVariables(item, context, path));
    return { ...node, items };
  }
  const entries = [];
  for (const entry of node.entries) {
    entries.push({ ...entry, value: await resolveVariables(entry.value, context, [...path, entry.name]) });
  }
  return { ...node, entries };
}

function refuseMarks(node: ScalarNode, { findings }: VariableContext): ScalarNode {
  findings.error(node.span, 'This contains a character that no text has (U+FDD0 or U+FDD1).');
  return { ...node, broken: true };
}

/** `mcpServers`, a name, perhaps `container`, and one of these. */
function isPerCall([section, , ...rest]: readonly string[]): boolean {
  const [key = ''] = rest[0] === 'container' ? rest.slice(1) : rest;
  return section === 'mcpServers' && ['env', 'args', 'headers'].includes(key);
}

async function resolveText(
  node: ScalarNode,
  text: string,
  context: VariableContext,
  perCall: boolean,
): Promise<ScalarNode> {
  let resolved = '';
  let end = 0;
  let broken = false;
  let secret = false;
  for (const match of text.matchAll(REFERENCE)) {
    const [whole, reference = '', closed] = match;
    resolved += text.slice(end, match.index);
    end = match.index + whole.length;
    if (whole === '$${') {
      resolved += '${';
      continue;
    }
    const reading = closed
      ? (ofCall(reference, perCall) ?? (await resolveReference(reference, context)))
      : { problem: 'This ${ is never closed.', hint: 'For the characters themselves write $${.' };
    if ('value' in reading && hasMarks(reading.value) && callReference(reference) === undefined) {
      return refuseMarks(node, context);
    } else if ('value' in reading) {
      resolved += reading.value;
      secret ||= /^(?:secret|file):/.test(reference);
    } else {
      broken = true;
      context.findings.error(node.span, reading.problem, reading.hint);
    }
  }
  const value = resolved + text.slice(end);
  if (broken) return { ...node, broken };
  return { ...node, value, ...(secret && { secret }) };
}

/** What only a call knows stays until there is one. */
function ofCall(reference: string, perCall: boolean): Reading<string> | undefined {
  const name = callReference(reference);
  if (name === undefined) return undefined;
  if (perCall) return { value: pending(name) };
  return {
    problem: `${quote(`\${${reference}}`)} can stand only in env, args and headers of a server.`,
    hint: 'It is another one for each caller; the rest of the configuration is the same for all.',
  };
}

async function resolveReference(reference: string, context: VariableContext): Promise<Reading<string>> {
  const { folder } = context;
  switch (reference) {
    case 'userHome':
      return { value: homedir() };
    case 'workspaceFolder':
      return { value: folder };
    case 'workspaceFolderBasename':
      return { value: basename(folder) };
    case 'pathSeparator':
    case '/':
      return { value: sep };
  }
  const [, kind, rest = ''] = /^(?:(\w+):(?!-))?([^]*)$/.exec(reference) ?? [];
  if (kind === undefined || kind === 'env') return fromEnvironment(rest, context, reference);
  if (kind === 'file') return fromFile(rest, context);
  if (kind === 'secret') return fromSecrets(rest, context);
  if (kind === 'input') {
    return {
      problem: `Only VS Code asks for ${quote(`\${${reference}}`)}; a gateway has nobody to ask.`,
      hint: `Set an environment variable and write \${env:${variableName(rest)}}.`,
    };
  }
  return unknown(reference);
}

function fromEnvironment(text: string, context: VariableContext, reference: string): Reading<string> {
  const [, name = '', fallback] = /^([^]*?)(?::-([^]*))?$/.exec(text) ?? [];
  if (!NAME.test(name)) return unknown(reference);
  const value = Object.hasOwn(context.env, name) ? context.env[name] : undefined;
  if (value) context.secrets.add(value);
  if (fallback !== undefined && !value) return { value: fallback };
  if (value !== undefined) return { value };
  return {
    problem: `The environment variable ${name} is not set.`,
    hint: `Set it, or give a default: \${env:${name}:-default}. For the characters themselves write $\${.`,
  };
}

async function fromFile(path: string, context: VariableContext): Promise<Reading<string>> {
  if (path === '') return { problem: 'The path of the file is missing.', hint: '${file:PATH}.' };
  const { path: file, reading } = await readCredential(path, context);
  context.sources.add(file);
  if (!('value' in reading)) return { ...reading, problem: `${quote(path)}: ${reading.problem}` };
  const value = reading.value.replace(/\r?\n$/, '');
  context.secrets.add(value);
  return { value };
}

async function fromSecrets(name: string, context: VariableContext): Promise<Reading<string>> {
  if (!SECRET_NAME.test(name))
    return {
      problem: `${quote(name)} is not a name of a secret.`,
      hint: 'It has 1 to 64 letters, digits, _, - and . in it.',
    };
  const { secretSource, sources, secrets } = context;
  if (!secretSource) return { problem: 'There are no kept secrets here.', hint: 'Write ${env:NAME}.' };
  sources.add(secretSource.file);
  try {
    const value = await secretSource.read(name);
    if (value === undefined)
      return { problem: `There is no secret ${quote(name)}.`, hint: `Run: sallyport secret set ${name}` };
    secrets.add(value);
    return { value };
  } catch (error) {
    return {
      problem: `The kept secrets cannot be read: ${error instanceof Error ? error.message : 'why is unknown'}`,
    };
  }
}

function unknown(reference: string): Reading<string> {
  return {
    problem: `There is no variable ${quote(`\${${reference}}`)}.`,
    hint: `There are ${KNOWN}. For the characters themselves write $\${.`,
  };
}

/** `perplexity-key` → `PERPLEXITY_KEY`. */
function variableName(id: string): string {
  const name = id
    .toUpperCase()
    .replaceAll(/[^A-Z0-9]+/g, '_')
    .replace(/^(?=\d|$)/, '_');
  return name.slice(0, 64);
}

function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 79)}…` : text);
}
