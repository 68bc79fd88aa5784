import type { McpServerFactory } from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { Config } from '../config/schema.ts';
import type { OwnAuthorization } from '../core/own-authorization.ts';

/** The gateway that a built-in server is part of. */
export interface Surroundings {
  /** As it is now: a reload may bring another one. */
  readonly config: () => Config;
  readonly home: string | undefined;
  /** The authorization server in it, where it has one. */
  readonly authorization?: () => OwnAuthorization | undefined;
}

/** What the module of a built-in server exports. */
export interface BuiltinModule<Options> {
  /** Checks what the config says about it; a `z.strictObject`, so that a misspelt key is an error. */
  readonly options: z.ZodType<Options>;
  /**
   * Makes the server: one MCP server object a connection, all of them with these options.
   * @param around undefined where the server runs alone, on stdio
   */
  create(options: Options, around?: Surroundings): McpServerFactory;
}

/** A built-in server as the registry knows it. Nothing of it is loaded before it is asked for. */
export interface Builtin {
  readonly title: string;
  /** What it does, in one line. */
  readonly summary: string;
  /** The schema of its options. */
  schema(): Promise<z.ZodType>;
  /**
   * Loads the server and checks its options.
   * @param options as they stand in the config
   * @throws {BuiltinOptionsError}
   */
  create(options: unknown, around?: Surroundings): Promise<McpServerFactory>;
}

/** The options of a built-in server are not right; the message names each mistake. */
export class BuiltinOptionsError extends Error {
  override readonly name = 'BuiltinOptionsError';
}

/** An entry of the registry. */
export function builtin<Options>(
  name: string,
  about: { readonly title: string; readonly summary: string },
  load: () => Promise<BuiltinModule<Options>>,
): Builtin {
  return {
    ...about,
    async schema() {
      return (await load()).options;
    },
    async create(options, around) {
      const server = await load();
      const checked = server.options.safeParse(options);
      if (!checked.success) throw optionsError(name, server.options, checked.error);
      return server.create(checked.data, around);
    },
  };
}

function optionsError(name: string, schema: z.ZodType, { issues }: z.ZodError): BuiltinOptionsError {
  const known = schema instanceof z.ZodObject ? Object.keys(schema.shape).join(', ') : '';
  const mistakes = issues.map((issue) => {
    const hint = issue.code === 'unrecognized_keys' && known !== '' ? ` (it knows: ${known})` : '';
    return `${z.core.toDotPath(issue.path) || 'options'}: ${issue.message}${hint}`;
  });
  return new BuiltinOptionsError(
    `The options of the built-in server "${name}" are not right. ${mistakes.join('; ')}`,
  );
}
