import { isSecretVariable } from '../config/looks-secret.ts';
import { plainServerName } from '../config/server-name.ts';
import { isObject } from '../core/json.ts';
import { readClientFile } from './read.ts';

/** A server out of a client's file, as an entry of ours. */
export interface Imported {
  readonly name: string;
  readonly entry: Readonly<Record<string, unknown>>;
  /** Variables and headers whose values look like secrets, by their names. */
  readonly secrets: readonly string[];
}

/** What a file has, and what was left there. */
export interface Import {
  readonly servers: readonly Imported[];
  /** Names of entries that are switched off, or in no shape that is known, with why. */
  readonly left: readonly { readonly name: string; readonly why: string }[];
}

/** Where clients keep their servers: Zed's `context_servers`, OpenCode's `mcp`, VS Code's `servers` (also below `mcp`). */
const SECTIONS = ['mcpServers', 'servers', 'context_servers', 'mcp_servers', 'mcp'];

/**
 * Reads the servers out of a client's file, JSON with comments or TOML.
 * @throws {ClientFileError} for what cannot be read
 */
export function importedFrom(text: string, syntax: 'json' | 'toml'): Import {
  const section = sectionOf(readClientFile(text, syntax));
  const servers: Imported[] = [];
  const left: { name: string; why: string }[] = [];
  for (const [title, value] of Object.entries(section ?? {})) {
    const name = plainServerName(title);
    const entry = isObject(value) ? entryOf(value) : undefined;
    if (isObject(value) && (value['disabled'] === true || value['enabled'] === false))
      left.push({ name: title, why: 'it is switched off there' });
    else if (name === undefined) left.push({ name: title, why: 'nothing of its name can stand in a URL' });
    else if (!entry) left.push({ name: title, why: 'it has neither a command nor an address' });
    else servers.push({ name, entry, secrets: secretsOf(entry) });
  }
  return { servers, left };
}

function sectionOf(root: Record<string, unknown>): Record<string, unknown> | undefined {
  for (const key of SECTIONS) {
    const section = root[key];
    if (!isObject(section)) continue;
    return isObject(section['servers']) && key === 'mcp' ? section['servers'] : section;
  }
  return undefined;
}

/** Our keys for theirs; what has no meaning for a gateway stays behind. */
function entryOf(value: Record<string, unknown>): Record<string, unknown> | undefined {
  const url = value['url'] ?? value['httpUrl'] ?? value['serverUrl'];
  if (typeof url === 'string') {
    const headers = value['headers'] ?? value['http_headers'];
    return {
      url,
      ...(value['type'] === 'sse' && { type: 'sse' }),
      ...(isObject(headers) && { headers: plain(headers) }),
    };
  }
  // OpenCode writes the command and its arguments as one list, Zed used to nest them.
  const nested = isObject(value['command']) ? value['command'] : value;
  const words = Array.isArray(nested['command'])
    ? nested['command']
    : [nested['command'] ?? nested['path'], ...(Array.isArray(nested['args']) ? nested['args'] : [])];
  const [command, ...args] = words.filter((word) => typeof word === 'string');
  if (command === undefined) return undefined;
  const env = nested['env'] ?? value['environment'];
  const cwd = nested['cwd'];
  return {
    command,
    ...(args.length > 0 && { args }),
    ...(isObject(env) && Object.keys(env).length > 0 && { env: plain(env) }),
    ...(typeof cwd === 'string' && { cwd }),
  };
}

/** VS Code's `${input:…}` and `${env:…}` stay as they are: the former is refused with a hint, the latter is ours too. */
function plain(map: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(map).flatMap(([key, value]) =>
      typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
        ? [[key, String(value)]]
        : [],
    ),
  );
}

function secretsOf(entry: Readonly<Record<string, unknown>>): string[] {
  return ['env', 'headers'].flatMap((key) => {
    const map = entry[key];
    if (!isObject(map)) return [];
    return Object.entries(map).flatMap(([name, value]) =>
      typeof value === 'string' && !value.includes('${') && isSecretVariable(name, value) ? [name] : [],
    );
  });
}
