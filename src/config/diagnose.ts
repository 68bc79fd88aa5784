import { SetupError } from '../core/setup-error.ts';
import { displayWidth } from './display-width.ts';
import type { Findings, Severity } from './findings.ts';
import { type Position, Source, type Span } from './source.ts';

/** A quoted line is cut to this many characters around the place. */
const MAX_QUOTED = 100;
const BEFORE_PLACE = 40;

const STYLES = { error: '31;1', note: '36;1', place: '1', quiet: '2' } as const;

/**
 * Something about a configuration to tell its writer, as `--json` prints it. Neither the message nor the quoted line
 * contains a secret of the file, or the value of a reference.
 */
export interface Diagnostic {
  readonly severity: Severity;
  readonly message: string;
  /** What to do about it. */
  readonly hint?: string;
  /** The path as the user gave it. */
  readonly file: string;
  /** From 1; without a position it is about the file as a whole. */
  readonly line?: number;
  /** From 1, in UTF-16 units. */
  readonly column?: number;
  /** How much of the line it is about, in UTF-16 units. */
  readonly length?: number;
  /** The line as it is written, with `*` for what might be a secret. */
  readonly source?: string;
  /** Another place that belongs to it: the first of two that are the same, the bracket that is open. */
  readonly other?: Position;
}

/** A configuration that cannot be used: all that is wrong with it. */
export class ConfigError extends SetupError {
  override readonly name = 'ConfigError';
  override readonly isPlaced = true;
  /** Errors, and the notes that came up beside them; in the order of the file. */
  readonly diagnostics: readonly Diagnostic[];
  /** Absolute paths of what was read or looked for: when one of them changes, it is worth another try. */
  readonly sources: readonly string[];

  constructor(diagnostics: readonly Diagnostic[], sources: readonly string[]) {
    super(renderDiagnostics(diagnostics, { color: false }));
    this.diagnostics = diagnostics;
    this.sources = sources;
  }
}

/**
 * What was found, as something to print.
 * @param shown the text to quote lines from: that of the source with the secrets covered, everything at its place.
 */
export function toDiagnostics(findings: Findings, source: Source, shown: string): Diagnostic[] {
  const quoted = new Source(source.file, shown);
  return findings.all.map(({ severity, message, hint, span, other }) => ({
    severity,
    message,
    ...(hint === undefined ? {} : { hint }),
    file: source.file,
    ...(span ? placeOf(span, quoted) : {}),
    ...(other ? { other: source.position(other.start) } : {}),
  }));
}

function placeOf(span: Span, source: Source): Pick<Diagnostic, 'line' | 'column' | 'length' | 'source'> {
  const { line, column } = source.position(span.start);
  const text = source.line(line);
  // What goes on over several lines is marked to the end of its first.
  const length = Math.max(1, Math.min(span.end - span.start, text.length - column + 1));
  return { line, column, length, source: text };
}

/** The diagnostics for a terminal, ending with a line break; empty without any. */
export function renderDiagnostics(diagnostics: readonly Diagnostic[], options: { color: boolean }): string {
  return diagnostics.map((diagnostic) => renderDiagnostic(diagnostic, options)).join('');
}

/**
 * One diagnostic for a terminal:
 *
 *     sallyport.yaml:4:5: error: There is no key "comand" here.
 *       4 |     comand: npx
 *         |     ^^^^^^
 *         Did you mean "command"?
 */
function renderDiagnostic(diagnostic: Diagnostic, options: { color: boolean }): string {
  const paint = (style: keyof typeof STYLES, text: string): string =>
    options.color ? `\u001B[${STYLES[style]}m${text}\u001B[0m` : text;
  const { file, line, column, severity } = diagnostic;
  const place = line === undefined ? file : `${file}:${line}:${column}`;
  const lines = [
    `${paint('place', `${clean(place)}:`)} ${paint(severity, `${severity}:`)} ${clean(diagnostic.message)}`,
  ];
  let gutter = '  ';
  if (line !== undefined && column !== undefined && diagnostic.source !== undefined) {
    const number = String(line).padStart(3);
    gutter = ' '.repeat(number.length);
    const { text, before, marked } = excerpt(diagnostic.source, column, diagnostic.length ?? 1);
    const caret = ' '.repeat(displayWidth(before)) + '^'.repeat(Math.max(1, displayWidth(marked)));
    lines.push(`${paint('quiet', `${number} |`)} ${text}`);
    lines.push(`${paint('quiet', `${gutter} |`)} ${paint(severity, caret)}`);
  }
  const { other } = diagnostic;
  if (other) lines.push(`${gutter} ${clean(`See also ${file}:${other.line}:${other.column}`)}`);
  if (diagnostic.hint !== undefined) lines.push(`${gutter} ${clean(diagnostic.hint)}`);
  return `${lines.join('\n')}\n`;
}

/** The part of a line to quote, and of that what stands before the place, and what is to be marked. */
function excerpt(
  line: string,
  column: number,
  length: number,
): { text: string; before: string; marked: string } {
  const start = line.length > MAX_QUOTED ? Math.max(0, column - 1 - BEFORE_PLACE) : 0;
  const end = start + MAX_QUOTED;
  const head = start > 0 ? '…' : '';
  const before = head + clean(line.slice(start, column - 1));
  const marked = clean(line.slice(column - 1, Math.min(end, column - 1 + length)));
  const after = clean(line.slice(Math.min(end, column - 1 + length), end)) + (line.length > end ? '…' : '');
  return { text: before + marked + after, before, marked };
}

/** A tab as one space, so that the mark stands under its place; nothing that could steer the terminal. */
function clean(text: string): string {
  return text.replaceAll('\t', ' ').replaceAll(/[\p{Cc}\u2028-\u202E\u2066-\u2069]/gu, '\uFFFD');
}
