import { parse as parseJson, type ParseError, printParseErrorCode } from 'jsonc-parser';
import { parse as parseToml, TomlError } from 'smol-toml';
import { isObject } from '../core/json.ts';

/** The file of a client is not what it should be. The message says where. */
export class ClientFileError extends Error {
  override readonly name = 'ClientFileError';
}

/**
 * A client's file as the client reads it: JSON with comments and trailing commas, or TOML.
 * @throws {ClientFileError} with the line
 */
export function readClientFile(text: string, syntax: 'json' | 'toml'): Record<string, unknown> {
  return syntax === 'toml' ? toml(text) : json(text);
}

function json(text: string): Record<string, unknown> {
  const errors: ParseError[] = [];
  const root: unknown = parseJson(text, errors, { allowTrailingComma: true });
  const [first] = errors;
  if (first) {
    const line = text.slice(0, first.offset).split('\n').length;
    throw new ClientFileError(`line ${line}: ${printParseErrorCode(first.error)}`);
  }
  if (!isObject(root)) throw new ClientFileError('it is no JSON object');
  return root;
}

function toml(text: string): Record<string, unknown> {
  try {
    return parseToml(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const [what = ''] = error.message.split('\n');
    throw new ClientFileError(`line ${error.line}: ${what}`, { cause: error });
  }
}
