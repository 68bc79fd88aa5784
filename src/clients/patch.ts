import { isDeepStrictEqual } from 'node:util';
import { findNodeAtLocation, type Node, parseTree } from 'jsonc-parser';
import { stringify } from 'smol-toml';
import { isObject } from '../core/json.ts';
import type { ClientFile } from './client-file.ts';
import type { Connection } from './connection.ts';
import { ClientFileError, readClientFile } from './read.ts';

/**
 * The text of a client's file with the entry for this endpoint in it, new or anew. Everything else stays as it is,
 * comments and order too.
 * @param text undefined where there is no file yet
 * @throws {ClientFileError} for what cannot be read as the client reads it
 */
export function patched(text: string | undefined, file: ClientFile, connection: Connection): string {
  return file.syntax === 'toml'
    ? patchedToml(text ?? '', file, connection)
    : patchedJson(text ?? '', file, connection);
}

/**
 * Only what is ours is written; the rest stays to the byte. A new entry stands first in its section, where no comment of
 * another one is torn off.
 */
function patchedJson(text: string, file: ClientFile, connection: Connection): string {
  const whole = text.trim() === '' ? '{}\n' : text;
  const servers = readClientFile(whole, 'json')[file.section];
  if (servers !== undefined && !isObject(servers))
    throw new ClientFileError(`"${file.section}" in it is no object`);
  const root = parseTree(whole, [], { allowTrailingComma: true });
  const section = root && findNodeAtLocation(root, [file.section]);
  const there = root && findNodeAtLocation(root, [file.section, connection.name]);
  const style = styleOf(whole);
  const entry = file.entry(connection);
  if (there) {
    const value = jsonOf(entry, 2, style);
    return whole.slice(0, there.offset) + value + whole.slice(there.offset + there.length);
  }
  if (section) return inserted(whole, section, connection.name, jsonOf(entry, 2, style), 2, style);
  if (!root) throw new ClientFileError('it is no JSON object');
  return inserted(whole, root, file.section, jsonOf({ [connection.name]: entry }, 1, style), 1, style);
}

interface Style {
  readonly indent: string;
  readonly eol: string;
}

function styleOf(text: string): Style {
  return { indent: /^([ \t]+)"/m.exec(text)?.[1] ?? '  ', eol: text.includes('\r\n') ? '\r\n' : '\n' };
}

/** As it stands this deep in a file. */
function jsonOf(value: object, depth: number, { indent, eol }: Style): string {
  return JSON.stringify(value, null, indent).replaceAll('\n', eol + indent.repeat(depth));
}

/** The text with a first property in one of its objects. */
function inserted(
  text: string,
  object: Node,
  key: string,
  value: string,
  depth: number,
  { indent, eol }: Style,
): string {
  const at = object.offset + 1;
  const end = object.offset + object.length - 1;
  // Nothing but blanks: then ours alone is laid out. A comment in there stays.
  const isBlank = text.slice(at, end).trim() === '';
  const behind = isBlank ? eol + indent.repeat(depth - 1) : object.children?.length === 0 ? '' : ',';
  const rest = text.slice(isBlank ? end : at);
  return `${text.slice(0, at)}${eol}${indent.repeat(depth)}${JSON.stringify(key)}: ${value}${behind}${rest}`;
}

/** A table of its own, in place of the one of this name or at the end. There is no library that keeps TOML's comments. */
function patchedToml(text: string, file: ClientFile, connection: Connection): string {
  const before = readClientFile(text, 'toml');
  const servers = before[file.section] ?? {};
  if (!isObject(servers)) throw new ClientFileError(`"${file.section}" in it is no table`);
  const path = [file.section, connection.name];
  const lines = text === '' ? [] : text.replace(/\r?\n$/, '').split(/\r?\n/);
  const kept = withoutTable(lines, path);
  const table = stringify({ [file.section]: { [connection.name]: file.entry(connection) } }).trim();
  while (kept.at(-1)?.trim() === '') kept.pop();
  const after = `${[...kept, ...(kept.length > 0 ? [''] : []), table].join('\n')}\n`;
  // A table that was written in another way (inline, or with dots) would now be there twice, or half.
  const expected = {
    ...before,
    [file.section]: { ...servers, [connection.name]: file.entry(connection) },
  };
  if (!isSame(after, expected))
    throw new ClientFileError(
      `"${file.section}.${connection.name}" is written in a way that is not changed here`,
    );
  return after;
}

/** The lines but those of a table and the tables within it. */
function withoutTable(lines: readonly string[], path: readonly string[]): string[] {
  let isInside = false;
  return lines.filter((line) => {
    const header = /^\s*\[{1,2}([^[\]]+)\]{1,2}\s*(?:#.*)?$/.exec(line)?.[1];
    if (header !== undefined) isInside = isBelow(header, path);
    return !isInside;
  });
}

function isBelow(header: string, path: readonly string[]): boolean {
  const keys = [...header.matchAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'|([\w-]+)/g)].map(
    ([, double, single, bare]) => double ?? single ?? bare,
  );
  return path.every((key, index) => keys[index] === key);
}

/** Does this text say this? A text that says something twice says nothing. */
function isSame(text: string, expected: object): boolean {
  try {
    return isDeepStrictEqual(plain(readClientFile(text, 'toml')), plain(expected));
  } catch (error) {
    if (error instanceof ClientFileError) return false;
    throw error;
  }
}

/** smol-toml's tables have no prototype. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
