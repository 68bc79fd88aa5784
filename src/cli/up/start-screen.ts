import type { ClientGuide } from '../../clients/index.ts';
import type { Style } from '../style.ts';
import { pad, printable, wrap } from '../text.ts';

/** What is told to the person who starts a gateway. */
export interface Welcome {
  readonly version: string;
  readonly endpoint: string;
  /** Null where nothing is asked for at the door. */
  readonly token: string | null;
  /** The config file, or what is served instead of one. */
  readonly source: string;
  readonly guides: readonly ClientGuide[];
  /** What the config room wants said: keys of other clients that were passed over, and the like. */
  readonly notes: readonly string[];
  /** What is open or unsafe. */
  readonly warnings: readonly string[];
}

const INDENT = '  ';

/**
 * The start screen. What everybody looks for stands last, where a small terminal still shows it. Prose is laid out for
 * the width; what is to be copied stays on one line, since a terminal copies its own line breaks as none and ours as
 * breaks.
 */
export function startScreen(welcome: Welcome, style: Style, columns: number): string {
  const { version, endpoint, token, source, guides, notes, warnings } = welcome;
  const facts: [string, string][] = [
    ['Endpoint', style.link(endpoint)],
    ['Token', token ?? 'none'],
    ['Serving', source],
  ];
  const lines = [
    '',
    style.strong(`Sallyport ${version}`),
    '',
    ...guides.flatMap((guide) => [...guideLines(guide, style, columns), '']),
    ...remarks('Notes', notes, style.faint('-'), style, columns),
    ...remarks('Open or unsafe', warnings, style.warn('!'), style, columns),
    ...facts.map(([name, value]) => `${style.strong(pad(name, 8))}  ${value}`),
    '',
  ];
  return lines.map((line) => (line === '' ? '\n' : `${INDENT}${line}\n`)).join('');
}

function guideLines(guide: ClientGuide, style: Style, columns: number): string[] {
  const lines = guide.snippets.flatMap((snippet, index) => {
    const title = index === 0 ? style.strong(guide.title) : null;
    const where = snippet.where === undefined ? null : style.faint(snippet.where);
    const heading = [title, where].filter((part) => part !== null).join('  ');
    // A link needs no heading: it tells by itself whose it is.
    return heading === '' ? [snippet.text] : [heading, snippet.text];
  });
  return [...lines, ...wrap(guide.note ?? '', columns - INDENT.length).map(style.faint)];
}

function remarks(
  title: string,
  texts: readonly string[],
  mark: string,
  style: Style,
  columns: number,
): string[] {
  if (texts.length === 0) return [];
  const items = texts.flatMap((text) =>
    wrap(printable(text), columns - 6).map((line, row) => `${row === 0 ? mark : ' '} ${line}`),
  );
  return [style.strong(title), ...items, ''];
}
