import { basename } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Findings } from './findings.ts';
import {
  type About,
  AUTH_KEY_ALIASES,
  FOREIGN_FILES,
  FOREIGN_SERVER_KEYS,
  FOREIGN_TOP_KEYS,
  isComment,
  SERVER_KEY_ALIASES,
  TYPE_ALIASES,
} from './foreign-keys.ts';
import { quoteKey } from './looks-secret.ts';
import { entryOf, valueOf, withEntries, type Entry, type MapNode, type Node } from './node.ts';
import { checkServerName, plainServerName } from './server-name.ts';
import type { Span } from './source.ts';

export interface AdoptContext {
  readonly findings: Findings;
  /** The path of the file: some clients' files are told by their name. */
  readonly file: string;
  /** Other clients' files are all JSON, and their names of servers are any text. */
  readonly syntax: 'json' | 'yaml';
}

/**
 * Turns what Cursor, Claude, VS Code and other clients write into what the schema knows: their key for the servers,
 * their spellings, their names, what they switch off. Their keys without a meaning here are passed over with a note; everything
 * else is left for the schema to judge.
 */
export function adopt(root: MapNode, context: AdoptContext): MapNode {
  return new Adoption(context).file(root);
}

class Adoption {
  readonly #context: AdoptContext;
  /** One note for each key, however many servers have it. */
  readonly #passedOver = new Map<string, { span: Span; count: number; about: About }>();
  /** Of a client's own file, what has nothing to do with servers. */
  readonly #private: Entry[] = [];
  #serversKey: Span | undefined;

  constructor(context: AdoptContext) {
    this.#context = context;
  }

  file(root: MapNode): MapNode {
    const entries = this.#withoutForeign(root.entries, FOREIGN_TOP_KEYS).flatMap((entry) =>
      this.#section(entry),
    );
    const { findings } = this.#context;
    for (const [key, { span, count, about }] of this.#passedOver) {
      const [of, instead] = about;
      const often = count > 1 ? ` (${count} times)` : '';
      findings.note(span, `The key ${quoteKey(key)}${often} is passed over (${of}).`, instead);
    }
    const [first] = this.#private;
    if (first) {
      const count = this.#private.length === 1 ? 'A key' : `${this.#private.length} keys`;
      findings.note(first.key, `${count} that the client keeps here for itself: passed over.`);
    }
    return withEntries(root, entries);
  }

  #section(entry: Entry): Entry[] {
    const isServers = entry.name === 'mcpServers' || entry.name === 'servers';
    if (!isServers) return this.#isOfForeignFile(entry) ? [] : [entry];
    if (this.#serversKey) {
      const message = 'The keys "mcpServers" and "servers" say the same.';
      this.#context.findings.error(entry.key, message, 'Keep one of the two.', this.#serversKey);
    }
    this.#serversKey ??= entry.key;
    const value = entry.value.kind === 'map' ? this.#servers(entry.value) : entry.value;
    return [{ ...entry, name: 'mcpServers', value }];
  }

  /** In a client's own file, is this something that has nothing to do with servers? */
  #isOfForeignFile(entry: Entry): boolean {
    if (!FOREIGN_FILES.has(basename(this.#context.file)) || entry.name === '$schema') return false;
    this.#private.push(entry);
    return true;
  }

  #servers(servers: MapNode): MapNode {
    const names = new Map<string, Entry>();
    const kept: Entry[] = [];
    for (const entry of servers.entries) {
      if (isComment(entry.name)) continue;
      const named = this.#named(entry);
      const first = names.get(named.name.toLowerCase());
      if (first) {
        this.#context.findings.error(
          entry.key,
          `The server ${quoteKey(named.name)} has the name of another one but for the case.`,
          'Names must differ by more than upper and lower case.',
          first.key,
        );
      }
      names.set(named.name.toLowerCase(), first ?? named);
      if (!this.#isSwitchedOff(named)) kept.push(named);
    }
    return withEntries(
      servers,
      kept.map((entry) => ({
        ...entry,
        value: entry.value.kind === 'map' ? this.#server(entry.value) : entry.value,
      })),
    );
  }

  /** Checks the name. Other clients take any text for one, such as `@21st-dev/magic`, of which a good one is made. */
  #named(entry: Entry): Entry {
    const { findings, syntax } = this.#context;
    const reading = checkServerName(entry.name);
    if ('value' in reading) return entry;
    const name = syntax === 'json' ? plainServerName(entry.name) : undefined;
    if (name === undefined) {
      findings.error(entry.key, reading.problem, reading.hint);
      return entry;
    }
    findings.note(entry.key, `This server is called ${quoteKey(name)} here: names stand in URLs.`);
    return { ...entry, name };
  }

  #isSwitchedOff(server: Entry): boolean {
    const off = ['disabled', 'enabled', 'isActive'].find((key) => {
      const flag = entryOf(server.value, key)?.value;
      return flag?.kind === 'scalar' && flag.value === (key === 'disabled');
    });
    if (off === undefined) return false;
    this.#context.findings.note(server.key, `The server ${quoteKey(server.name)} is disabled and left out.`);
    return true;
  }

  #server(server: MapNode): MapNode {
    const isRemote =
      !entryOf(server, 'command') && ['url', 'serverUrl', 'httpUrl'].some((key) => entryOf(server, key));
    const isLocal = entryOf(server, 'command') && !entryOf(server, 'url');
    const auth = entryOf(server, 'auth')?.value;
    const isOurs = isRemote && auth?.kind === 'map';
    const pointless = isRemote ? ['args', 'env', 'envFile', 'cwd'] : isLocal ? ['headers'] : [];
    const foreign = new Map([
      ...FOREIGN_SERVER_KEYS,
      ...pointless.map((key): [string, About] => [key, [`of a ${isRemote ? 'local' : 'remote'} server`]]),
      ...(isOurs ? [] : [['auth', ['Cursor, Copilot: how to log in']] as [string, About]]),
    ]);
    const entries = this.#withoutForeign(server.entries, foreign).filter(
      (entry) => !['disabled', 'enabled', 'isActive'].includes(entry.name) || !isFlag(entry.value),
    );
    this.#noteCommandLine(entryOf(server, 'command')?.value);
    return withEntries(
      server,
      this.#withoutAliases(entries).map((entry) => this.#asText(entry)),
    );
  }

  /** Cursor hands the command to a shell, which takes it apart. Paths with spaces are no command lines. */
  #noteCommandLine(command: Node | undefined): void {
    if (command?.kind !== 'scalar' || !/^[^\s/\\]+\s+\S/.test(String(command.value))) return;
    this.#context.findings.note(
      command.span,
      'The whole command is taken for the name of the program: there is no shell to take it apart.',
      'Put the words after the first into args.',
    );
  }

  #withoutForeign(entries: readonly Entry[], foreign: ReadonlyMap<string, About>): Entry[] {
    return entries.filter((entry) => {
      if (isComment(entry.name)) return false;
      const about = foreign.get(entry.name);
      if (about !== undefined) this.#passOver(entry, about);
      return about === undefined;
    });
  }

  #withoutAliases(entries: readonly Entry[]): Entry[] {
    const result = new Map<string, Entry>();
    const originals = new Map<string, Entry>();
    for (const entry of entries) {
      const alias = SERVER_KEY_ALIASES.get(entry.name);
      const name = alias?.key ?? entry.name;
      const value = name === 'type' ? plainType(entry.value) : entry.value;
      const first = originals.get(name);
      if (first && isDeepStrictEqual(valueOf(value), valueOf(result.get(name)?.value ?? value))) continue;
      if (first) {
        const message = `The keys ${quoteKey(first.name)} and ${quoteKey(entry.name)} say the same.`;
        this.#context.findings.error(entry.key, message, 'Keep one of the two.', first.key);
        continue;
      }
      originals.set(name, entry);
      result.set(name, { ...entry, name, value });
      if (alias?.type !== undefined && !entries.some((other) => other.name === 'type')) {
        const type: Node = { kind: 'scalar', span: entry.key, value: alias.type };
        result.set('type', { ...entry, name: 'type', value: type });
      }
    }
    return [...result.values()];
  }

  /** `PORT: 8080`, `VERSION: 1.10`, `- 8080`: in a process everything is text, and as it was written. */
  #asText(entry: Entry): Entry {
    const { name, value } = entry;
    if (name === 'container' && value.kind === 'map')
      return {
        ...entry,
        value: withEntries(
          value,
          value.entries.map((inner) => this.#asText(inner)),
        ),
      };
    if (name === 'args' && value.kind === 'list') {
      return { ...entry, value: { ...value, items: value.items.map(written) } };
    }
    if (name === 'auth' && value.kind === 'map') {
      return { ...entry, value: withEntries(value, value.entries.map(ownAuthWord)) };
    }
    if ((name !== 'env' && name !== 'headers') || value.kind !== 'map') return entry;
    const entries = value.entries
      .filter((variable) => !this.#isUnset(variable.value))
      .map((variable) => ({ ...variable, value: written(variable.value) }));
    return { ...entry, value: withEntries(value, entries) };
  }

  /** VS Code's null takes a variable out of the environment, and here none is in it to begin with. */
  #isUnset(node: Node): boolean {
    return this.#context.syntax === 'json' && node.kind === 'scalar' && node.value === null;
  }

  #passOver(entry: Entry, about: About): void {
    const { span, count } = this.#passedOver.get(entry.name) ?? { span: entry.key, count: 0 };
    this.#passedOver.set(entry.name, { span, count: count + 1, about });
  }
}

/** Cursor's `auth`, in our words. */
function ownAuthWord(entry: Entry): Entry {
  const name = AUTH_KEY_ALIASES.get(entry.name);
  if (name === undefined) return entry;
  const { value } = entry;
  if (value.kind !== 'list') return { ...entry, name };
  const text = value.items.map((item) => (item.kind === 'scalar' ? String(item.value) : '')).join(' ');
  return { ...entry, name, value: { kind: 'scalar', span: value.span, value: text } };
}

function isFlag(node: Node): boolean {
  return node.kind === 'scalar' && typeof node.value === 'boolean';
}

function plainType(node: Node): Node {
  if (node.kind !== 'scalar' || typeof node.value !== 'string') return node;
  return { ...node, value: TYPE_ALIASES.get(node.value.toLowerCase().replaceAll(/[-_]/g, '')) ?? node.value };
}

function written(node: Node): Node {
  if (node.kind !== 'scalar' || node.written === undefined || node.value === null) return node;
  return { ...node, value: node.written };
}
