import { isPlainKey } from './looks-secret.ts';
import type { Node } from './node.ts';
import type { Source, Span } from './source.ts';
import { isOwnWord, isVisible } from './visibility.ts';

/** What stands for a value that is not shown. */
export const HIDDEN = '(hidden)';

/** The configuration as it was written, for people to look at: references unresolved, literal secrets hidden. */
export function shownValue(root: Node): unknown {
  const show = (node: Node, path: readonly PropertyKey[], before?: Node): unknown => {
    if (node.kind === 'scalar') return isVisible(node, path, before) ? node.value : HIDDEN;
    if (node.kind === 'list') {
      return node.items.map((item, index) => show(item, [...path, index], node.items[index - 1]));
    }
    return Object.fromEntries(node.entries.map(({ name, value }) => [name, show(value, [...path, name])]));
  };
  return show(root, []);
}

/**
 * The text of a file in which each letter and digit that could belong to a secret is a `*`, everything else at its
 * place: what a message may quote.
 * @param root what the file says; undefined when its syntax is broken.
 */
export function shownText(source: Source, root: Node | undefined): string {
  return root ? maskAllBut(source.text, root) : maskAllButOwnWords(source.text);
}

function maskAllBut(text: string, root: Node): string {
  const shown = new Set<Span>();
  const hidden = new Set<Span>();
  const visit = (node: Node, path: readonly PropertyKey[], before?: Node): void => {
    if (node.kind === 'scalar') (isVisible(node, path, before) ? shown : hidden).add(node.span);
    if (node.kind === 'list') {
      node.items.forEach((item, index) => visit(item, [...path, index], node.items[index - 1]));
    }
    if (node.kind === 'map') {
      for (const entry of node.entries) {
        if (isPlainKey(entry.name)) shown.add(entry.key);
        visit(entry.value, [...path, entry.name]);
      }
    }
  };
  visit(root, []);
  const visible = new Uint8Array(text.length);
  for (const { start, end } of shown) visible.fill(1, start, end);
  // An alias may show in one place what another hides: hiding wins. Outside of all of them are comments.
  for (const { start, end } of hidden) visible.fill(0, start, end);
  return text.replaceAll(/[\p{L}\p{N}]/gu, (letter, offset: number) =>
    visible[offset] ? letter : '*'.repeat(letter.length),
  );
}

/** Nothing is known but the letters, and a value may stand where a key should: only our own words are shown. */
function maskAllButOwnWords(text: string): string {
  return text.replaceAll(/[\p{L}\p{N}_]+/gu, (word) => (isOwnWord(word) ? word : mask(word)));
}

function mask(word: string): string {
  return word.replaceAll(/[\p{L}\p{N}]/gu, (letter) => '*'.repeat(letter.length));
}
