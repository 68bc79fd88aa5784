import { chmod, lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fail, type InsideCheck, ok, skip } from '../check.ts';
import type { Patient } from '../patient.ts';

const FOR_OTHERS = 0o077;

export const modes: InsideCheck = {
  name: 'modes',
  side: 'inside',
  looksAt: 'who may read the keys, tokens and logs',
  symptoms: [
    {
      sees: 'sallyport refuses to start: others may use a file',
      cause: 'A file of the home, or a private key, may be read by other users.',
      remedy: 'sallyport doctor --fix',
    },
  ],
  async look(patient) {
    if (patient.platform === 'win32') return skip('Windows keeps such rights elsewhere');
    const all = await privatePaths(patient);
    const loose = all.filter(({ mode }) => (mode & FOR_OTHERS) !== 0);
    if (loose.length === 0)
      return ok(all.length === 0 ? 'there is nothing to protect yet' : `${all.length} paths are private`);
    const commands = loose.map(({ path }) => `chmod go= '${path}'`);
    return fail(`others may use ${loose.map(({ path }) => path).join(', ')}`, commands.join(' && '), {
      details: loose.map(({ path, mode }) => `${(mode & 0o777).toString(8).padStart(4, '0')} ${path}`),
      // To take rights away from others cannot lose anything of ours.
      mend: async () => {
        for (const { path, mode } of loose) await chmod(path, mode & 0o777 & ~FOR_OTHERS);
        return commands.join('; ');
      },
    });
  },
};

interface PrivatePath {
  readonly path: string;
  readonly mode: number;
}

/** Everything in the home, and the private keys that the config names. Links are left alone: what they lead to may be anybody's. */
async function privatePaths({ home, config }: Patient): Promise<PrivatePath[]> {
  const { listen, audit } = config?.loaded?.config ?? {};
  const keys = listen?.tls?.certificates.map(({ key }) => key) ?? [];
  const logs = audit?.file === undefined ? [] : [audit.file];
  const inHome = await readdir(home, { recursive: true }).catch(() => []);
  const own = [home, ...inHome.map((name) => join(home, name)), ...keys, ...logs];
  const stats = await Promise.all(
    own.map(async (path) => {
      const found = await lstat(path).catch(() => undefined);
      return found && (found.isFile() || found.isDirectory()) ? [{ path, mode: found.mode }] : [];
    }),
  );
  return stats.flat().filter(({ path }) => !PUBLIC.test(path));
}

/** Made to be shown to others. */
const PUBLIC = /\.pub$/;
