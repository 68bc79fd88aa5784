import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { containerKey, resolveContainer, type RunContainer } from '../../../config/container.ts';
import { loadConfig } from '../../../config/load.ts';
import { runArguments } from './arguments.ts';

const page = readFileSync(join(import.meta.dirname, '../../../../docs/containers.md'), 'utf8');

describe('docs/containers.md', () => {
  it('has a sentence for everything that an engine is told by default', () => {
    const slip = { cidFile: '…', labels: { 'dev.sallyport.…': '' }, envNames: [] };
    const container = resolveContainer(containerKey.parse({ image: 'image' }), '/') as RunContainer;
    const told = runArguments(container, slip).filter((word) => word.startsWith('--'));
    const rows = page.split('\n').filter((line) => line.startsWith('| `--'));
    const documented = rows.flatMap((row) => row.split('|')[1]?.match(/--[^`]+/g) ?? []);
    const bare = (word: string): string => word.replace(/=$/, '');
    expect(documented.toSorted()).toEqual(told.map(bare).toSorted());
    for (const row of rows) expect(row.split('|')[2]).toMatch(/\w.*\.\s*$/);
  });

  it('shows a configuration that is taken', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sallyport-docs-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const [, example = ''] = /```yaml\n([^]*?)```/.exec(page) ?? [];
    writeFileSync(join(folder, 'sallyport.yaml'), example);
    const { config } = await loadConfig('sallyport.yaml', { cwd: folder, env: { GITHUB_TOKEN: 'x' } });
    expect(config.servers.map(({ kind }) => kind)).toEqual([
      'container',
      'container',
      'container',
      'container',
      'stdio',
    ]);
  });
});
