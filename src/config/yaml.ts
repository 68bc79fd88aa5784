import { isAlias, isMap, isScalar, isSeq, parseDocument } from 'yaml';
import type { ErrorCode, ParsedNode, Scalar, YAMLMap, YAMLSeq } from 'yaml';
import { EntryList } from './entry-list.ts';
import type { Findings } from './findings.ts';
import type { ListNode, MapNode, Node, ScalarNode } from './node.ts';
import type { Span } from './source.ts';
import { isReasonableYaml } from './yaml-limits.ts';

/** How many values the file may stand for once its aliases are followed. Ten aliases of ten aliases … are a bomb. */
const MAX_VALUES = 50_000;

const NULL: ScalarNode['value'] = null;

/**
 * Our words for the parser's errors. Its own may quote the text, and the text may be a secret. `undefined`: what
 * follows from another error, or cannot happen.
 */
const MESSAGES: Partial<Record<ErrorCode, readonly [message: string, hint?: string]>> = {
  BAD_ALIAS: ['This alias is not right.', 'Text that begins with * needs quotes.'],
  BAD_DQ_ESCAPE: [
    'There is no such escape in double quotes.',
    "In single quotes a backslash stands for itself: 'C:\\dir'.",
  ],
  BAD_INDENT: ['This is indented differently from the lines it belongs to, or a bracket is not closed.'],
  BAD_SCALAR_START: ['Text that begins with this character needs quotes.'],
  BLOCK_AS_IMPLICIT_KEY: [
    'There are two keys on one line, or the next line is indented too far.',
    'Text that contains ": " needs quotes.',
  ],
  BLOCK_IN_FLOW: ['Inside of { } and [ ] everything is written with commas.'],
  KEY_OVER_1024_CHARS: ['This key is too long.'],
  MISSING_CHAR: ['A character is missing here: a closing quote or bracket, a comma or a colon.'],
  MULTILINE_IMPLICIT_KEY: [
    'This key has no value: a colon is missing.',
    'A key, a colon, a space, and the value.',
  ],
  MULTIPLE_ANCHORS: ['A value can have one anchor.'],
  MULTIPLE_DOCS: ['The file should end here: one file, one document.'],
  MULTIPLE_TAGS: ['A value can have one tag.'],
  RESOURCE_EXHAUSTION: ['This is nested too deeply.'],
  TAB_AS_INDENT: ['YAML is indented with spaces, not with tabs.'],
  UNEXPECTED_TOKEN: ['This should not stand here.', 'Text with special characters needs quotes.'],
};

/** Reads YAML 1.2. @returns undefined when the syntax is broken; the findings say where. */
export function readYaml(text: string, findings: Findings): Node | undefined {
  if (!isReasonableYaml(text, findings)) return undefined;
  const document = parseDocument(text, { prettyErrors: false, uniqueKeys: false });
  const lines = new Set<number>();
  for (const { code, pos } of document.errors) {
    // One mistake makes several errors; the first of a line is the one that helps.
    const line = text.lastIndexOf('\n', Math.max(0, pos[0] - 1));
    if (lines.has(line)) continue;
    lines.add(line);
    const [message, hint] = MESSAGES[code] ?? ['This is not right in YAML.'];
    // The indentation itself is nothing to look at.
    const start = pos[0] + text.slice(pos[0]).search(/[^ ]|$/);
    findings.error({ start, end: Math.max(start + 1, pos[1]) }, message, hint);
  }
  if (document.errors.length > 0) return undefined;
  if (!document.contents) return { kind: 'scalar', span: { start: 0, end: 1 }, value: NULL };
  return new YamlReader(text, findings).read(document.contents);
}

class YamlReader {
  readonly #text: string;
  readonly #findings: Findings;
  readonly #anchors = new Map<string, Node>();
  /** Of lists and maps: how many values they hold in all. */
  readonly #sizes = new Map<Node, number>();

  constructor(text: string, findings: Findings) {
    this.#text = text;
    this.#findings = findings;
  }

  /** @returns undefined when aliases blow the file up. */
  read(contents: ParsedNode): Node | undefined {
    const node = this.#node(contents);
    if (this.#size(node) <= MAX_VALUES) return node;
    this.#findings.error(undefined, 'The aliases of this file repeat each other without measure.');
    return undefined;
  }

  #node(node: unknown): Node {
    if (isAlias(node)) return this.#alias(node.source, spanOf(node));
    if (isMap(node)) return this.#remember(node.anchor, this.#map(node));
    if (isSeq(node)) return this.#remember(node.anchor, this.#list(node));
    if (isScalar(node)) return this.#remember(node.anchor, this.#scalar(node));
    // A key without a value in { }.
    return { kind: 'scalar', span: { start: 0, end: 1 }, value: NULL };
  }

  #map(map: YAMLMap): MapNode {
    this.#refuseTag(map);
    const entries = new EntryList(this.#findings);
    for (const { key, value } of map.items) {
      const span = spanOf(key);
      if (!isScalar(key) || key.value === null) {
        this.#findings.error(span, 'A key is text, nothing else.');
        continue;
      }
      const name = typeof key.value === 'string' ? key.value : this.#text.slice(span.start, span.end);
      // The value of `key:` in braces has no place of its own.
      const read = value ? this.#node(value) : { kind: 'scalar' as const, span, value: NULL };
      entries.add({ name, key: span, value: read });
    }
    const node: MapNode = { kind: 'map', span: spanOf(map), entries: entries.all };
    this.#sizes.set(
      node,
      node.entries.reduce((sum, entry) => sum + this.#size(entry.value), 1),
    );
    return node;
  }

  #list(list: YAMLSeq): ListNode {
    this.#refuseTag(list);
    const items = list.items.map((item) => this.#node(item));
    const node: ListNode = { kind: 'list', span: spanOf(list), items };
    this.#sizes.set(
      node,
      items.reduce((sum, item) => sum + this.#size(item), 1),
    );
    return node;
  }

  #scalar(scalar: Scalar): ScalarNode {
    this.#refuseTag(scalar);
    const span = spanOf(scalar);
    const { value } = scalar;
    if (typeof value === 'string') return { kind: 'scalar', span, value };
    const written = this.#text.slice(span.start, span.end);
    if (typeof value === 'number' || typeof value === 'boolean') {
      return { kind: 'scalar', span, value, written };
    }
    return { kind: 'scalar', span, value: null, written };
  }

  /** An anchor holds from where its node ends, so that no node can contain itself. */
  #remember(anchor: string | undefined, node: Node): Node {
    if (anchor !== undefined) this.#anchors.set(anchor, node);
    return node;
  }

  #alias(name: string, span: Span): Node {
    const node = this.#anchors.get(name);
    if (node) return node;
    this.#findings.error(
      span,
      'This alias stands for nothing before it.',
      'Text that begins with * needs quotes.',
    );
    return { kind: 'scalar', span, value: NULL, broken: true };
  }

  #refuseTag(node: Scalar | YAMLMap | YAMLSeq): void {
    if (node.tag === undefined || node.tag === 'tag:yaml.org,2002:str') return;
    this.#findings.error(spanOf(node), 'Tags have no meaning here.', 'Text that begins with ! needs quotes.');
  }

  #size(node: Node): number {
    return this.#sizes.get(node) ?? 1;
  }
}

function spanOf(node: unknown): Span {
  const range = isScalar(node) || isMap(node) || isSeq(node) || isAlias(node) ? node.range : undefined;
  const [start, end] = range ?? [0, 1];
  return { start, end: Math.max(start + 1, end) };
}
