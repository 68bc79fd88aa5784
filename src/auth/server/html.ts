/** HTML that is safe to send: what was put in from outside is escaped. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Value = string | Html | readonly Html[];

/** A template whose values are escaped, unless they are HTML already. */
export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Html {
  return new Html(parts.reduce((text, part, i) => text + textOf(values[i - 1] ?? '') + part));
}

export const NOTHING = new Html('');

/** A sentence with `{name}` in it, whose values are written in bold. */
export function sentence(text: string, values: Readonly<Record<string, string>>): Html {
  const pieces = text.split(/\{(\w+)\}/);
  return new Html(
    pieces
      .map((piece, i) =>
        i % 2 === 0 ? escape(piece) : html`<strong><bdi>${values[piece] ?? ''}</bdi></strong>`.text,
      )
      .join(''),
  );
}

function textOf(value: Value): string {
  if (value instanceof Html) return value.text;
  return typeof value === 'string' ? escape(value) : value.map(({ text }) => text).join('');
}

const ENTITIES = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&#39;'],
]);

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES.get(character) ?? '');
}
