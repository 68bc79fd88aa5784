import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { configurationPage } from './docs.ts';
import { FOREIGN_SERVER_KEYS } from './foreign-keys.ts';
import { loadConfig } from './load.ts';

const page = configurationPage();

describe('docs/configuration.md', () => {
  it('says what the schema says (node scripts/generate-config-docs.mjs writes it anew)', () => {
    expect(readFileSync(join(import.meta.dirname, '../../docs/configuration.md'), 'utf8')).toBe(page);
  });

  it('has every section, default and key that is passed over', () => {
    for (const key of ['listen', 'publicUrl', 'mcpServers', 'limits', 'timeouts', 'log']) {
      expect(page).toContain(`### \`${key}\`\n`);
    }
    expect(page).toContain('- `body`: The largest request body. Default: `4MiB`.');
    for (const key of FOREIGN_SERVER_KEYS.keys()) expect(page).toContain(`\`${key}\``);
  });

  it('shows an example that is valid', async () => {
    const [, example = ''] = /```yaml\n([^]*?)```/.exec(page) ?? [];
    const folder = mkdtempSync(join(tmpdir(), 'sallyport-docs-'));
    try {
      writeFileSync(join(folder, 'sallyport.yaml'), example);
      const { config, notes } = await loadConfig('sallyport.yaml', {
        cwd: folder,
        env: { GITHUB_TOKEN: 'x' },
      });
      expect(config.servers.map(({ name, kind }) => [name, kind])).toEqual([
        ['files', 'stdio'],
        ['github', 'http'],
        ['net', 'builtin'],
      ]);
      expect(notes).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
