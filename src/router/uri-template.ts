/**
 * Could this URI have come from this template (RFC 6570)? Every expression stands for some characters; a simple
 * one (`{id}`) for none of the reserved `/?#`, the others (`{+path}`, `{/x}`, `{?q}` …) for any.
 *
 * Matched by walking, not by a regular expression: the template is a server's word and the URI a client's, and no
 * pair of them may take longer than the product of their lengths.
 */
export function matchesTemplate(template: string, uri: string): boolean {
  const pieces = template.split(/(\{[^{}]*\})/);
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
