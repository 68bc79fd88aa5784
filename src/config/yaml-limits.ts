import { CST, Lexer } from 'yaml';
import type { Findings } from './findings.ts';

/**
 * The parser recurses and takes time for each token, so it gets only what could be a configuration. (Very deep input
 * has been seen to end the process inside of it, out of memory, where no `catch` helps.)
 */
const MAX_TOKENS = 200_000;
/** Open { and [. */
const MAX_FLOW_DEPTH = 64;
/** Columns before the first word of a line, `- ` and `? ` included: no block is nested deeper than that. */
const MAX_INDENT = 160;

const SCALAR_FOLLOWS = CST.SCALAR;
/** What may stand before the first word of a line and opens a level, or may. */
const INDENTING: ReadonlySet<string | null> = new Set([
  'seq-item-ind',
  'explicit-key-ind',
  'map-value-ind',
  'anchor',
  'tag',
]);

/** Is the text small and flat enough to be parsed? Says in the findings why not. */
export function isReasonableYaml(text: string, findings: Findings): boolean {
  let at = 0;
  let tokens = 0;
  let flowDepth = 0;
  let indent = 0;
  let atLineStart = true;
  let isScalar = false;
  const refuse = (message: string, hint?: string): boolean => {
    findings.error({ start: at, end: at + 1 }, message, hint);
    return false;
  };

  for (const token of new Lexer().lex(text)) {
    if (++tokens > MAX_TOKENS) return refuse('There is too much in this file for a configuration.');
    const type = isScalar ? 'scalar' : CST.tokenType(token);
    isScalar = token === SCALAR_FOLLOWS;
    if (isScalar || token === CST.DOCUMENT || token === CST.FLOW_END) continue;

    if (type === 'directive-line') {
      return refuse('YAML directives have no use here.', 'Text that begins with % needs quotes.');
    }
    if (type === 'flow-map-start' || type === 'flow-seq-start') flowDepth++;
    if (type === 'flow-map-end' || type === 'flow-seq-end') flowDepth--;
    if (flowDepth > MAX_FLOW_DEPTH) return refuse('This is nested too deeply.');

    if (type === 'newline') {
      [indent, atLineStart] = [0, true];
    } else if (atLineStart && flowDepth <= 0 && type === 'space') {
      // Alone on its line, space indents nothing: what comes after it decides.
      indent += token.length;
    } else {
      if (atLineStart && flowDepth <= 0 && type !== 'comment' && indent > MAX_INDENT) {
        return refuse('This is indented too far.');
      }
      atLineStart &&= INDENTING.has(type);
      indent += token.length;
      // A block scalar takes its line break with it.
      if (token.endsWith('\n')) [indent, atLineStart] = [0, true];
    }
    at += token.length;
  }
  return true;
}
