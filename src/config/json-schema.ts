import { z } from 'zod';
import { type About, FOREIGN_SERVER_KEYS, FOREIGN_TOP_KEYS, SERVER_KEY_ALIASES } from './foreign-keys.ts';
import { configFile } from './schema.ts';

/** As much of JSON Schema as zod writes for a configuration. */
export interface JsonSchema {
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly deprecated?: boolean;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly patternProperties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly required?: readonly string[];
  readonly anyOf?: readonly JsonSchema[];
  readonly items?: JsonSchema;
  readonly propertyNames?: JsonSchema;
}

/** What a configuration file may say in Sallyport's own words. */
export function ownSchema(): JsonSchema {
  return z.toJSONSchema(configFile, {
    io: 'input',
    // What the editors know best.
    target: 'draft-7',
    override: ({ zodSchema, jsonSchema }) => {
      // zod takes the examples of a transformed value for ones of the result. Ours are of what is written.
      const examples = z.globalRegistry.get(zodSchema)?.['examples'];
      if (Array.isArray(examples)) jsonSchema.examples = examples;
      // And it writes the bounds of a safe integer wherever a whole number is wanted.
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    },
  }) as JsonSchema;
}

/** What `sallyport schema` prints: the same, and what is taken from other clients' files. */
export function publicSchema(): JsonSchema {
  const own = ownSchema();
  const servers = own.properties?.['mcpServers'];
  const entry = servers?.additionalProperties;
  if (!servers || typeof entry !== 'object') throw new TypeError('the schema has no mcpServers');
  const mcpServers: JsonSchema = {
    ...servers,
    additionalProperties: { ...entry, anyOf: entry.anyOf?.map(withForeignKeys) ?? [] },
  };
  return {
    ...own,
    properties: {
      ...own.properties,
      mcpServers,
      servers: { ...mcpServers, description: "VS Code's name for mcpServers." },
      ...passedOver(FOREIGN_TOP_KEYS),
    },
    patternProperties: COMMENTS,
  };
}

const COMMENTS: Readonly<Record<string, JsonSchema>> = {
  '^(//|x-|[_$#]?comments?$)': { description: 'A comment, or a place for YAML anchors.' },
};

function withForeignKeys(branch: JsonSchema): JsonSchema {
  const aliases = [...SERVER_KEY_ALIASES].map(([alias, { key }]): [string, JsonSchema] => [
    alias,
    { description: `Another spelling of ${key}.`, deprecated: true },
  ]);
  return {
    ...branch,
    properties: { ...passedOver(FOREIGN_SERVER_KEYS), ...Object.fromEntries(aliases), ...branch.properties },
    patternProperties: COMMENTS,
  };
}

function passedOver(keys: ReadonlyMap<string, About>): Record<string, JsonSchema> {
  return Object.fromEntries(
    [...keys].map(([key, [of, instead]]) => [
      key,
      { description: ['Passed over', `(${of}).`, instead].join(' ').trim(), deprecated: true },
    ]),
  );
}
