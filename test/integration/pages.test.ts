import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../../src/cli/program.ts';
import { ROOT } from '../support/processes.ts';
import { commandsOf } from '../support/recipe.ts';
import { recordingTerminal } from '../support/terminal.ts';

const PAGES = globSync(['*.md', 'docs/**/*.md', 'examples/**/*.md'], {
  cwd: ROOT,
  exclude: ['**/node_modules/**'],
}).toSorted();
const read = (page: string): string => readFileSync(join(ROOT, page), 'utf8');

describe.each(PAGES)('%s', (page) => {
  const text = read(page);

  it('links to what is there', () => {
    const broken = linksOf(text).filter((link) => !leadsSomewhere(page, link));
    expect(broken).toEqual([]);
  });

  it('has no command of ours that would be refused', () => {
    const shown = [...commandsOf(text), ...spokenOf(text)];
    const refused = shown.flatMap(ownWords).flatMap((words) => problemOf(words));
    expect(refused).toEqual([]);
  });
});

/** The targets of links within the repository. */
function linksOf(text: string): string[] {
  const prose = text.replaceAll(/^```.*?^```/gms, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^(?:https?|mailto|cursor|vscode):/.test(target));
}

function leadsSomewhere(page: string, link: string): boolean {
  const [path = '', anchor] = link.split('#');
  const file = path === '' ? join(ROOT, page) : resolve(ROOT, dirname(page), decodeURI(path));
  if (!existsSync(file)) return false;
  return anchor === undefined || anchorsOf(readFileSync(file, 'utf8')).includes(anchor);
}

/** Headings as the forge names them in addresses. */
function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** What prose calls by its whole command line: `sallyport audit verify`. */
function spokenOf(text: string): string[] {
  const prose = text.replaceAll(/^```.*?^```|^#.*$/gms, '');
  return [...prose.matchAll(/`(sallyport [^`\n]+)`/g)].map(([, command = '']) => command);
}

/** The words behind each `sallyport` of a line of shell. */
function ownWords(line: string): string[][] {
  return line
    .split(/\s(?:\||&&|\|\||;|>>?|<)\s*|\$\(|\s2>/)
    .map((part) => part.trim().replace(/^! /, ''))
    .filter((part) => /^sallyport(?:\s|$)/.test(part))
    .map((part) => wordsOf(part).slice(1));
}

function wordsOf(line: string): string[] {
  return [...line.matchAll(/(?:'[^']*'|"(?:[^"\\]|\\.)*"|[^\s'"])+/g)].map(([word]) =>
    word.replaceAll(/^['"]|['"]$/g, ''),
  );
}

/** What the command line would say to these words, without doing anything. */
function problemOf(words: readonly string[]): string[] {
  let command = createProgram([], recordingTerminal(), () => {});
  let rest = [...words];
  for (;;) {
    const inner = command.commands.find((each) => each.name() === rest[0]);
    if (!inner) break;
    command = inner;
    rest = rest.slice(1);
  }
  const said = `sallyport ${words.join(' ')}`;
  if (rest.includes('--help') || rest.includes('…')) return [];
  // A family of commands is spoken of by its name: `sallyport audit`.
  if (command.commands.length > 0)
    return rest.length === 0 || rest[0]?.startsWith('--') ? [] : [`${said}: no such command`];
  const own = rest.includes('--') ? rest.slice(0, rest.indexOf('--')) : rest;
  try {
    command.exitOverride().configureOutput({ writeErr: () => {}, outputError: () => {} });
    const { operands, unknown } = command.parseOptions(own);
    if (unknown.length > 0) return [`${said}: no option ${unknown[0]}`];
    const most = command.registeredArguments.some(({ variadic }) => variadic)
      ? Infinity
      : command.registeredArguments.length;
    return operands.length > most ? [`${said}: too many arguments`] : [];
  } catch (error) {
    return [`${said}: ${error instanceof Error ? error.message : 'refused'}`];
  }
}
