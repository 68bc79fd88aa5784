import { RE2JS } from 're2js';
import { ConfigError, toDiagnostics } from '../config/diagnose.ts';
import { Findings } from '../config/findings.ts';
import { readJson } from '../config/jsonc.ts';
import { type Entry, entryOf, type MapNode, type Node } from '../config/node.ts';
import { readText } from '../config/read-text.ts';
import { Source } from '../config/source.ts';
import { ContextWords } from './context.ts';
import type { Extra } from './engine.ts';
import { VALIDATORS } from './validators.ts';

/** A pattern of one's own, ready to use. */
interface Pattern {
  readonly type: string;
  readonly regex: RE2JS;
  readonly score: number;
  /** Without one of these words nearby a match counts less. In lower case. */
  readonly context: ContextWords;
  readonly before: RE2JS | undefined;
  readonly after: RE2JS | undefined;
  readonly isValid: ((value: string) => boolean) | undefined;
  readonly languages: readonly string[];
}

const MOST_PATTERNS = 200;
const LONGEST = 1000;
/** How much of the text before and behind a match its guards see, in UTF-16 units. */
const GUARDED = 64;
/** What the words of the context are worth, as for the built-in recognisers. */
const TOLD = 0.35;
const KEYS = ['pattern', 'score', 'context', 'before', 'after', 'validator', 'languages'];

/**
 * Reads `pii_patterns.json`: `{"EMPLOYEE_ID": "EMP-\\d{6}"}`, or with an object for the regex (`pattern`, `score`,
 * `context`, `before`, `after`, `validator`, `languages`). The regexes are RE2's, which cannot hang.
 * @throws {ConfigError} with every mistake at its place
 */
export async function readPatterns(path: string): Promise<Extra> {
  const reading = await readText(path, 'regular');
  const findings = new Findings();
  if ('problem' in reading) {
    findings.error(undefined, reading.problem, reading.hint);
    throw new ConfigError(toDiagnostics(findings, new Source(path, ''), ''), [path]);
  }
  return patternsOf(reading.value, path);
}

/** The same from the text of the file. @param file what messages call it */
export function patternsOf(text: string, file: string): Extra {
  const findings = new Findings();
  const root = readJson(text, findings);
  const patterns: Pattern[] = [];
  if (root && root.kind !== 'map') findings.error(root.span, 'Patterns are a map of names and regexes.');
  if (root?.kind === 'map') {
    if (root.entries.length > MOST_PATTERNS)
      findings.error(root.span, `These are more than ${MOST_PATTERNS} patterns.`);
    for (const entry of root.entries.slice(0, MOST_PATTERNS)) {
      const pattern = patternOf(entry, findings);
      if (pattern) patterns.push(pattern);
    }
  }
  if (findings.hasErrors || !root) {
    const source = new Source(file, text);
    throw new ConfigError(toDiagnostics(findings, source, text), [file]);
  }
  return finder(patterns);
}

function patternOf({ name, key, value }: Entry, findings: Findings): Pattern | undefined {
  if (!/^[A-Za-z][\w -]{0,63}$/.test(name)) {
    findings.error(
      key,
      'This cannot be the name of a pattern.',
      'Letters, digits, blanks, - and _: EMPLOYEE_ID.',
    );
    return undefined;
  }
  const type = name.toUpperCase().replace(/[ -]/g, '_');
  const plain = {
    type,
    score: 0.6,
    context: new ContextWords([]),
    before: undefined,
    after: undefined,
    isValid: undefined,
    languages: [],
  };
  if (value.kind === 'scalar') {
    const regex = compile(value, '', '', findings);
    return regex && { ...plain, regex };
  }
  if (value.kind !== 'map') {
    findings.error(value.span, 'A pattern is a regex, or a map with a pattern.');
    return undefined;
  }
  return fullPattern(value, key, plain, findings);
}

function fullPattern(
  map: MapNode,
  key: Entry['key'],
  plain: Omit<Pattern, 'regex'>,
  findings: Findings,
): Pattern | undefined {
  for (const entry of map.entries)
    if (!KEYS.includes(entry.name))
      findings.error(entry.key, 'There is no such key here.', `There are ${KEYS.join(', ')}.`);
  const at = (name: string): Node | undefined => entryOf(map, name)?.value;
  const written = at('pattern');
  if (!written) findings.error(key, 'This has no pattern.', 'Add "pattern": "a regex".');
  const regex = written && compile(written, '', '', findings);
  const before = at('before') && compile(at('before'), '(?:', ')\\z', findings);
  const after = at('after') && compile(at('after'), '\\A(?:', ')', findings);
  const score = scoreOf(at('score'), plain.score, findings);
  const isValid = validatorOf(at('validator'), findings);
  const context = new ContextWords(
    textsOf(at('context'), findings).map((word) => ({
      text: word.normalize('NFKC').toLowerCase(),
      isStart: false,
      isEnd: false,
    })),
  );
  const languages = textsOf(at('languages'), findings);
  return regex && { ...plain, regex, before, after, score, isValid, context, languages };
}

function compile(node: Node | undefined, open: string, close: string, findings: Findings): RE2JS | undefined {
  if (node?.kind !== 'scalar' || typeof node.value !== 'string' || node.value === '') {
    findings.error(node?.span, 'A regex is a text that is not empty.');
    return undefined;
  }
  if (node.value.length > LONGEST) {
    findings.error(node.span, `This regex is longer than ${LONGEST} characters.`);
    return undefined;
  }
  try {
    const regex = RE2JS.compile(open + node.value + close);
    if (open === '' && regex.test(''))
      findings.error(node.span, 'This regex matches nothing at all, everywhere.');
    return regex;
  } catch (error) {
    const problem =
      error instanceof Error ? error.message.replace(/^error parsing regexp: /, '') : 'not understood';
    findings.error(
      node.span,
      `This regex cannot be used: ${problem}.`,
      'The syntax is that of RE2: no look-around (use before and after), no back-references.',
    );
    return undefined;
  }
}

function scoreOf(node: Node | undefined, usual: number, findings: Findings): number {
  if (!node) return usual;
  const value = node.kind === 'scalar' ? node.value : undefined;
  if (typeof value === 'number' && value > 0 && value <= 1) return value;
  findings.error(node.span, 'A score is a number above 0 and at most 1.');
  return usual;
}

function validatorOf(node: Node | undefined, findings: Findings): Pattern['isValid'] {
  if (!node) return undefined;
  const found = node.kind === 'scalar' ? VALIDATORS.get(String(node.value)) : undefined;
  if (!found)
    findings.error(
      node.span,
      'There is no such validator.',
      `There are ${[...VALIDATORS.keys()].join(', ')}.`,
    );
  return found;
}

function textsOf(node: Node | undefined, findings: Findings): string[] {
  if (!node) return [];
  const items = node.kind === 'list' ? node.items : [node];
  return items.flatMap((item) => {
    if (item.kind === 'scalar' && typeof item.value === 'string' && item.value.trim() !== '')
      return [item.value.trim()];
    findings.error(item.span, 'This is not a text.');
    return [];
  });
}

function finder(patterns: readonly Pattern[]): Extra {
  return function* find(scan) {
    const { text, key } = scan;
    const isKorean = /[가-힣]/.test(text) || /[가-힣]/.test(key);
    for (const pattern of patterns) {
      if (
        pattern.languages.length > 0 &&
        !pattern.languages.some((language) => (language === 'ko') === isKorean)
      )
        continue;
      // One question without groups first: it is many times as fast as looking for where.
      if (!pattern.regex.test(text)) continue;
      const matcher = pattern.regex.matcher(text);
      while (matcher.find()) {
        const start = matcher.start();
        const end = matcher.end();
        if (end > start && fits(pattern, text, start, end))
          yield { type: pattern.type, start, end, score: scoreIn(pattern, scan, start, end) };
      }
    }
  };
}

function fits({ before, after, isValid }: Pattern, text: string, start: number, end: number): boolean {
  if (before && !before.test(text.slice(Math.max(0, start - GUARDED), start))) return false;
  if (after && !after.test(text.slice(end, end + GUARDED))) return false;
  return !isValid || isValid(text.slice(start, end));
}

function scoreIn(
  { score, context }: Pattern,
  scan: Parameters<Extra>[0],
  start: number,
  end: number,
): number {
  return context.areNear(scan, start, end) ? Math.min(1, score + TOLD) : score;
}
