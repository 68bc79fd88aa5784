import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readKeys } from '../../audit/keys.ts';
import { auditPaths } from '../../audit/paths.ts';
import { SecretStore } from '../../store/secret-store.ts';
import { fail, type InsideCheck, ok, skip } from '../check.ts';

export const keys: InsideCheck = {
  name: 'keys',
  side: 'inside',
  looksAt: 'the keys of the secrets and of the audit log',
  needs: ['modes'],
  symptoms: [
    {
      sees: 'a secret "was sealed with another key", or the audit log cannot be opened',
      cause: 'A key file of the home is missing, damaged or from another machine.',
      remedy: 'restore the home from its backup, keys and all; or set the secrets again',
    },
  ],
  async look({ home, config }) {
    const { keys: folder } = auditPaths(config?.loaded?.config.audit ?? {}, home);
    const secrets = join(home, 'secrets');
    const found: string[] = [];
    try {
      // Looking must not make keys where there are none.
      if (existsSync(folder)) {
        await readKeys(folder);
        found.push('audit');
      }
      if (existsSync(secrets)) {
        const all = await new SecretStore(secrets).list();
        found.push(`${all.length} ${all.length === 1 ? 'secret' : 'secrets'}`);
      }
    } catch (error) {
      return fail(
        error instanceof Error ? error.message : 'a key cannot be used',
        'restore the home from its backup, keys and all',
      );
    }
    return found.length === 0 ? skip('there are none yet') : ok(found.join(', '));
  },
};
