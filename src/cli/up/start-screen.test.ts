import { describe, expect, it } from 'vitest';
import { clientGuides } from '../../clients/index.ts';
import { createStyle } from '../style.ts';
import { displayWidth } from '../text.ts';
import { startScreen, type Welcome } from './start-screen.ts';

const TOKEN = 'sp_abc';
const endpoint = 'http://127.0.0.1:8080/mcp';
const guides = clientGuides({ endpoint, token: TOKEN, name: 'sallyport', platform: 'linux' });
const welcome: Welcome = {
  version: '1.2.3',
  endpoint,
  token: TOKEN,
  source: './sallyport.yaml',
  guides,
  notes: [],
  warnings: [],
};
const plain = createStyle(false);
const lines = (change: Partial<Welcome> = {}, columns = 80): string[] =>
  startScreen({ ...welcome, ...change }, plain, columns).split('\n');

describe('the start screen', () => {
  it('ends with the endpoint, the token and what is served, where a small terminal still shows it', () => {
    expect(lines().slice(-5)).toEqual([
      '  Endpoint  http://127.0.0.1:8080/mcp',
      '  Token     sp_abc',
      '  Serving   ./sallyport.yaml',
      '',
      '',
    ]);
  });

  it('has every snippet on one line, so that it can be copied', () => {
    const shown = lines({}, 40);
    for (const { title, snippets } of guides) {
      expect(shown.some((line) => line.startsWith(`  ${title}`))).toBe(true);
      for (const snippet of snippets) expect(shown).toContain(`  ${snippet.text}`);
    }
  });

  it('says where each file is', () => {
    expect(lines().join('\n')).toMatch(/Cursor {2}~\/\.cursor\/mcp\.json\n/);
    expect(lines().join('\n')).toContain('claude_desktop_config.json');
    expect(lines().join('\n')).toContain('.vscode/mcp.json');
  });

  it('tells what is open, wrapped to the width, and nothing where nothing is', () => {
    expect(lines().join('\n')).not.toContain('Open or unsafe');
    const shown = lines({ guides: [], warnings: ['word '.repeat(30)], notes: ['a note'] }, 50);
    expect(shown).toContain('  Open or unsafe');
    expect(shown).toContain('  - a note');
    expect(shown.filter((line) => line.includes('!'))).toHaveLength(1);
    for (const line of shown) expect(displayWidth(line)).toBeLessThanOrEqual(50);
  });

  it('says so where no token is asked for', () => {
    expect(lines({ token: null })).toContain('  Token     none');
  });

  it('sends no escape sequence of the config to the terminal', () => {
    const shown = lines({ notes: ['\u001b]0;x\u0007'], warnings: ['\u009b2J'] }).join('');
    for (const character of ['\u0007', '\u001b', '\u009b']) expect(shown).not.toContain(character);
  });

  it('is the same words with colour', () => {
    const painted = startScreen(welcome, createStyle(true), 80);
    expect(painted).toContain('\u001b[');
    // eslint-disable-next-line no-control-regex
    expect(painted.replaceAll(/\u001b\[\d+m/g, '')).toBe(startScreen(welcome, plain, 80));
  });
});
