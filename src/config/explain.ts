import type { z } from 'zod';
import type { Findings } from './findings.ts';
import type { JsonSchema } from './json-schema.ts';
import { quoteKey } from './looks-secret.ts';
import { entryOf, nodeAt, type MapNode, type Node } from './node.ts';
import type { Span } from './source.ts';
import { suggest } from './suggest.ts';

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** zod's types as people call them. */
const TYPES: ReadonlyMap<string, string> = new Map([
  ['array', 'a list'],
  ['boolean', 'true or false'],
  ['int', 'a whole number'],
  ['number', 'a number'],
  ['object', 'a map of keys and values'],
  ['record', 'a map of names and values'],
  ['string', 'text'],
]);

/** Tells what the schema does not like, each thing at its place in the file. */
export function explain(issues: readonly Issue[], root: Node, schema: JsonSchema, findings: Findings): void {
  const explainer = new Explainer(root, schema, findings);
  for (const issue of issues) {
    if (findings.isFull) return;
    explainer.explain(issue, issue.path);
  }
}

class Explainer {
  readonly #root: Node;
  readonly #schema: JsonSchema;
  readonly #findings: Findings;

  constructor(root: Node, schema: JsonSchema, findings: Findings) {
    this.#root = root;
    this.#schema = schema;
    this.#findings = findings;
  }

  explain(issue: Issue, path: Path): void {
    const node = nodeAt(this.#root, path);
    if (node?.kind === 'scalar' && node.broken) return;
    switch (issue.code) {
      case 'invalid_type':
        return this.#wrongType(path, [issue.expected]);
      case 'unrecognized_keys':
        return this.#unknown(path, issue);
      case 'invalid_union':
        return this.#union(path, issue.errors);
      case 'invalid_value':
        return this.#wrongValue(path, issue.values.map(String));
      case 'invalid_key':
        return this.#tell(this.#keySpan(path), issue.issues[0]);
      default:
        return this.#tell(this.#valueSpan(path), issue);
    }
  }

  /** Only our own checks get here with a message worth telling, and it is ours. */
  #tell(span: Span | undefined, issue: Issue | undefined): void {
    const isOurs = issue?.code === 'custom';
    const hint: unknown = isOurs ? issue.params?.['hint'] : undefined;
    const message = isOurs ? issue.message : 'This value is not allowed here.';
    this.#findings.error(span, message, typeof hint === 'string' ? hint : undefined);
  }

  #wrongType(path: Path, expected: readonly string[]): void {
    const name = quoteKey(String(path.at(-1)));
    if (!nodeAt(this.#root, path)) {
      this.#findings.error(this.#keySpan(path.slice(0, -1)), `The key ${name} is missing here.`);
      return;
    }
    const subject = typeof path.at(-1) === 'string' ? `The value of ${name}` : 'This';
    const wanted = join(expected.map((type) => TYPES.get(type) ?? type));
    const example = schemaAt(this.#schema, path)?.examples?.[0];
    const hint = example === undefined ? undefined : `For example: ${JSON.stringify(example)}`;
    this.#findings.error(this.#valueSpan(path), `${subject} must be ${wanted}.`, hint);
  }

  #wrongValue(path: Path, allowed: readonly string[]): void {
    const node = nodeAt(this.#root, path);
    const near = node?.kind === 'scalar' ? suggest(String(node.value), allowed) : undefined;
    const name = quoteKey(String(path.at(-1)));
    this.#findings.error(
      this.#valueSpan(path),
      `The value of ${name} must be ${join(allowed.map(quote))} here.`,
      near !== undefined && allowed.length > 1 ? `Did you mean ${quote(near)}?` : undefined,
    );
  }

  #unknown(path: Path, issue: z.core.$ZodIssueUnrecognizedKeys): void {
    const schema = schemaAt(this.#schema, path);
    const map = nodeAt(this.#root, path);
    if (schema?.anyOf && map?.kind === 'map') {
      // Only one shape came near, so that zod speaks of no other.
      this.#shapes(
        path,
        map,
        schema.anyOf.map(() => [{ ...issue, path: [] }]),
      );
    } else {
      const known = keysOf(schema);
      this.#unknownKeys(map, issue.keys, known, known);
    }
  }

  /** @param known what it could be a misspelling of; @param fitting what can stand here */
  #unknownKeys(
    map: Node | undefined,
    keys: readonly string[],
    known: readonly string[],
    fitting: readonly string[],
  ): void {
    for (const key of keys) {
      if (this.#findings.isFull) return;
      const near = suggest(key, known);
      const there = fitting.length > 0 ? `Known here: ${fitting.join(', ')}.` : 'This takes no map.';
      const hint = near === undefined ? there : `Did you mean ${quote(near)}?`;
      this.#findings.error(entryOf(map, key)?.key, `There is no key ${quoteKey(key)} here.`, hint);
    }
  }

  /** Several types or shapes are allowed, and none fits. */
  #union(path: Path, branches: readonly (readonly Issue[])[]): void {
    const ofItsType = branches.filter((issues) => !issues.some(isWrongType));
    if (ofItsType.length === 0) {
      const expected = branches.flatMap((issues) =>
        issues.filter(isWrongType).map((issue) => issue.expected),
      );
      this.#wrongType(path, [...new Set(expected)]);
      return;
    }
    const map = nodeAt(this.#root, path);
    if (map?.kind === 'map' && ofItsType.length > 1) return this.#shapes(path, map, branches);
    for (const issue of ofItsType[0] ?? []) this.explain(issue, [...path, ...issue.path]);
  }

  /** Of several shapes of a map, the one that was meant is told by the keys which only that one requires. */
  #shapes(path: Path, map: MapNode, branches: readonly (readonly Issue[])[]): void {
    const shapes = schemaAt(this.#schema, path)?.anyOf ?? [];
    const known = [...new Set(shapes.flatMap(keysOf))];
    const names = map.entries.map((entry) => entry.name);
    const meant = names.map((name) => (known.includes(name) ? name : suggest(name, known)));
    const exact = shapes.findIndex((shape) => isComplete(shape, names));
    const near = exact >= 0 ? exact : shapes.findIndex((shape) => isComplete(shape, meant));
    const chosen = near >= 0 ? near : shapes.findIndex((shape) => isToldBy(shape, meant, shapes));
    if (chosen < 0) {
      const keys = shapes.flatMap((shape) => shape.required ?? []);
      this.#findings.error(this.#keySpan(path), `One of the keys ${join(keys.map(quote))} is needed here.`);
    }
    const unknown = names.filter((name) => !known.includes(name));
    this.#unknownKeys(map, unknown, known, chosen < 0 ? known : keysOf(shapes[chosen]));

    const required = join((shapes[chosen]?.required ?? []).map(quote));
    for (const issue of branches[chosen] ?? []) {
      if (issue.code === 'unrecognized_keys' && issue.path.length === 0) {
        for (const key of issue.keys.filter((name) => known.includes(name))) {
          this.#findings.error(
            entryOf(map, key)?.key,
            `The key ${quoteKey(key)} cannot stand beside ${required}.`,
          );
        }
      } else if (
        issue.path.length !== 1 ||
        entryOf(map, issue.path[0] ?? '') ||
        !meant.includes(String(issue.path[0]))
      ) {
        // Otherwise the key is missing because it is misspelt, and that was said.
        this.explain(issue, [...path, ...issue.path]);
      }
    }
  }

  #valueSpan(path: Path): Span | undefined {
    return nodeAt(this.#root, path)?.span;
  }

  /** The key at a path; in a list, the item. */
  #keySpan(path: Path): Span | undefined {
    const parent = nodeAt(this.#root, path.slice(0, -1));
    return entryOf(parent, path.at(-1) ?? '')?.key ?? this.#valueSpan(path);
  }
}

function isWrongType(issue: Issue): issue is z.core.$ZodIssueInvalidType {
  return issue.code === 'invalid_type' && issue.path.length === 0;
}

function keysOf(schema: JsonSchema | undefined): string[] {
  return Object.keys(schema?.properties ?? {});
}

/** Are all keys there that this shape requires? */
function isComplete(shape: JsonSchema, keys: readonly (string | undefined)[]): boolean {
  return shape.required?.every((key) => keys.includes(key)) ?? true;
}

/** Is one of the keys there that only this shape has, and requires? */
function isToldBy(
  shape: JsonSchema,
  keys: readonly (string | undefined)[],
  shapes: readonly JsonSchema[],
): boolean {
  const others = shapes.filter((other) => other !== shape).flatMap(keysOf);
  return shape.required?.some((key) => keys.includes(key) && !others.includes(key)) ?? false;
}

function schemaAt(schema: JsonSchema, path: Path): JsonSchema | undefined {
  return path.reduce<JsonSchema | undefined>((at, step) => (at ? below(at, step) : undefined), schema);
}

function below(schema: JsonSchema, step: PropertyKey): JsonSchema | undefined {
  if (typeof step === 'number') return schema.items;
  const properties = schema.properties ?? {};
  if (Object.hasOwn(properties, step)) return properties[String(step)];
  if (typeof schema.additionalProperties === 'object') return schema.additionalProperties;
  return schema.anyOf?.map((shape) => below(shape, step)).find((found) => found !== undefined);
}

function quote(text: string): string {
  return JSON.stringify(text);
}

/** `a`, `a or b`, `a, b or c`. */
function join(words: readonly string[]): string {
  const last = words.at(-1) ?? '';
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} or ${last}`;
}
