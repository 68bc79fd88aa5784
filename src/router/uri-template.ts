/** Longer ones, and templates of more expressions, fit nothing: so no pair, however hostile, takes more than moments. */
const URI_LENGTH = 8192;
const TEMPLATE_LENGTH = 1024;
const EXPRESSIONS = 32;

/**
 * Could this URI have come from this template (RFC 6570)? Every expression stands for some characters; a simple
 * one (`{id}`) for none of the reserved `/?#`, the others (`{+path}`, `{/x}`, `{?q}` …) for any.
 *
 * Matched by walking, not by a regular expression: the template is a server's word and the URI a client's, and no
 * pair of them may take longer than the product of their lengths.
 */
export function matchesTemplate(template: string, uri: string): boolean {
  if (template.length > TEMPLATE_LENGTH || uri.length > URI_LENGTH) return false;
  const pieces = template.split(/(\{[^{}]*\})/);
  if (pieces.length > 2 * EXPRESSIONS + 1) return false;
  let reach = new Set<number>([0]);
  for (const piece of pieces) {
    if (piece === '') continue;
    const next = new Set<number>();
    const isExpression = piece.startsWith('{') && piece.endsWith('}');
    for (const from of reach) {
      if (!isExpression) {
        if (uri.startsWith(piece, from)) next.add(from + piece.length);
        continue;
      }
      const simple = /^\{[\w.%]/.test(piece);
      for (let to = from; to <= uri.length; to++) {
        if (next.has(to) && to > from) break;
        next.add(to);
        if (simple && /[/?#]/.test(uri.charAt(to))) break;
      }
    }
    reach = next;
    if (reach.size === 0) return false;
  }
  return reach.has(uri.length);
}
