import { isObject, type JsonObject, type JsonValue } from '../core/json.ts';
import { shellWord } from '../clients/shell.ts';
import { displayWidth, oneLine, pad } from './text.ts';

/** One argument of a tool as its `inputSchema` describes it. */
export interface ToolArgument {
  readonly name: string;
  /** `string`, `integer`, `"a" | "b"`, `any` where the schema does not tell. */
  readonly type: string;
  readonly required: boolean;
  readonly description: string;
}

/** The arguments a schema names, the required ones first. A schema that is not an object names none. */
export function toolArguments(inputSchema: unknown): ToolArgument[] {
  const { properties, required } = isObject(inputSchema) ? inputSchema : {};
  if (!isObject(properties)) return [];
  const needed = new Set(Array.isArray(required) ? required : []);
  return Object.entries(properties)
    .map(([name, schema]) => ({
      name: oneLine(name),
      type: typeOf(schema),
      required: needed.has(name),
      description:
        isObject(schema) && typeof schema['description'] === 'string' ? oneLine(schema['description']) : '',
    }))
    .sort((a, b) => Number(b.required) - Number(a.required));
}

function typeOf(schema: JsonValue | undefined): string {
  if (!isObject(schema)) return 'any';
  const { type, enum: choices } = schema;
  if (Array.isArray(choices)) return choices.map((choice) => oneLine(JSON.stringify(choice))).join(' | ');
  if (typeof type === 'string') return type === 'array' ? `${typeOf(schema['items'])}[]` : oneLine(type);
  return Array.isArray(type)
    ? type.map((one) => oneLine(JSON.stringify(one).replaceAll('"', ''))).join(' | ')
    : 'any';
}

/** `host, count?, timeout_ms?` */
export function signature(inputSchema: unknown): string {
  return toolArguments(inputSchema)
    .map(({ name, required }) => (required ? name : `${name}?`))
    .join(', ');
}

/** What a tool takes, in lines for a person, with a call to copy. */
export function usageLines(tool: string, inputSchema: unknown): string[] {
  const args = toolArguments(inputSchema);
  const name = oneLine(tool);
  if (args.length === 0) return [`${name} takes no arguments`];
  const width = Math.max(...args.map((argument) => displayWidth(argument.name)));
  const example = JSON.stringify(exampleArguments(inputSchema));
  return [
    `${name} takes`,
    ...args.map((argument) => {
      const type = argument.required ? `${argument.type}, required` : argument.type;
      return `  ${pad(argument.name, width)}  ${type}${argument.description === '' ? '' : `: ${argument.description}`}`;
    }),
    `for example: sallyport call ${name} ${shellWord(example, process.platform)}`,
  ];
}

const PLACEHOLDERS: ReadonlyMap<string, JsonValue> = new Map<string, JsonValue>([
  ['string', '…'],
  ['integer', 1],
  ['number', 1],
  ['boolean', true],
  ['object', {}],
]);

/** Arguments as one would type them: the required ones, with a placeholder of the right type. */
export function exampleArguments(inputSchema: unknown): JsonObject {
  const { properties } = isObject(inputSchema) ? inputSchema : {};
  return Object.fromEntries(
    toolArguments(inputSchema)
      .filter(({ required }) => required)
      .map(({ name, type }) => [
        name,
        placeholder(isObject(properties) ? properties[name] : undefined, type),
      ]),
  );
}

function placeholder(schema: JsonValue | undefined, type: string): JsonValue {
  if (isObject(schema)) {
    const { enum: choices, examples } = schema;
    for (const values of [examples, choices]) {
      if (Array.isArray(values) && values[0] !== undefined) return values[0];
    }
  }
  return type.endsWith('[]') ? [] : (PLACEHOLDERS.get(type) ?? '…');
}
