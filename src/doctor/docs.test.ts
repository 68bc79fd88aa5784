import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { troubleshootingPage } from './docs.ts';
import { CHECKS } from './registry.ts';

describe('docs/troubleshooting.md', () => {
  it('says what the checks say (node scripts/generate-troubleshooting.mjs writes it anew)', () => {
    const written = readFileSync(join(import.meta.dirname, '../../docs/troubleshooting.md'), 'utf8');
    expect(written).toBe(troubleshootingPage());
  });

  it.each(['502', 'cut', '404 or 405', 'redirect loop', 'connector refused', 'certificate failed'])(
    'has the symptom "%s"',
    (symptom) => expect(troubleshootingPage()).toContain(symptom),
  );
});

describe('the checks', () => {
  it('have names of their own, and stand behind those they need', () => {
    const seen = new Set<string>();
    for (const { name, needs = [] } of CHECKS) {
      expect(seen, name).not.toContain(name);
      for (const need of needs) expect(seen, `${name} needs ${need}`).toContain(need);
      seen.add(name);
    }
  });
});
