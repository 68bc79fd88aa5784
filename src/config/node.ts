import type { Span } from './source.ts';

/**
 * What a configuration file says, whatever its syntax, with the place of everything. YAML and JSON are read into it,
 * the steps of loading rewrite it, and only the last step makes plain values of it: so a mistake found in a value can
 * always be shown where it was written.
 */
export type Node = MapNode | ListNode | ScalarNode;

export interface MapNode {
  readonly kind: 'map';
  readonly span: Span;
  /** In the order of the file. Names are unique. */
  readonly entries: readonly Entry[];
}

export interface Entry {
  readonly name: string;
  readonly key: Span;
  readonly value: Node;
}

export interface ListNode {
  readonly kind: 'list';
  readonly span: Span;
  readonly items: readonly Node[];
}

export interface ScalarNode {
  readonly kind: 'scalar';
  readonly span: Span;
  readonly value: string | number | boolean | null;
  /** Not a string, as it was written: `1.10` is the number 1.1, but perhaps a version. */
  readonly written?: string;
  /** A variable in it could not be resolved; that was reported, and more about this value would be noise. */
  readonly broken?: true;
  /** What a file or the store of secrets says is a part of it. */
  readonly secret?: true;
}

/** The entry of this name, or undefined; also for what is no map. */
export function entryOf(node: Node | undefined, name: PropertyKey): Entry | undefined {
  if (node?.kind !== 'map') return undefined;
  return node.entries.find((entry) => entry.name === name);
}

/** The node at a path of names and indexes, or undefined when the path leads nowhere. */
export function nodeAt(root: Node, path: readonly PropertyKey[]): Node | undefined {
  let node: Node | undefined = root;
  for (const step of path) {
    node = node?.kind === 'list' ? node.items[Number(step)] : entryOf(node, step)?.value;
  }
  return node;
}

/** The plain value. Safe as an object: the readers let no `__proto__` through. */
export function valueOf(node: Node): unknown {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') return node.items.map(valueOf);
  return Object.fromEntries(node.entries.map((entry) => [entry.name, valueOf(entry.value)]));
}

/** The same map with other entries. */
export function withEntries(node: MapNode, entries: readonly Entry[]): MapNode {
  return { ...node, entries };
}
