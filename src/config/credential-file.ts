import { join, resolve } from 'node:path';
import { readText } from './read-text.ts';
import type { Reading } from './units.ts';

/** Where docker and podman put secrets. */
const CONTAINER_SECRETS = '/run/secrets';

/** A secret that a file holds: its text, and the file. */
interface CredentialFile {
  readonly path: string;
  readonly reading: Reading<string>;
}

/**
 * Reads the file of `${file:PATH}`. A plain name that is no file beside the configuration is one of the credentials that
 * systemd (`LoadCredential=`, in `$CREDENTIALS_DIRECTORY`) or the container engine (in `/run/secrets`) hands to this
 * process.
 *
 * Those folders are theirs: docker makes each secret readable by all (0444) inside of a container that nobody else is in.
 * Anywhere else a secret that others may read is refused.
 */
export async function readCredential(
  path: string,
  { folder, env }: { readonly folder: string; readonly env: NodeJS.ProcessEnv },
): Promise<CredentialFile> {
  const given = [env['CREDENTIALS_DIRECTORY'] ?? '', CONTAINER_SECRETS].filter((each) => each !== '');
  const beside = resolve(folder, path);
  const isGiven = given.some((each) => beside.startsWith(join(each, '/')));
  const reading = await readText(beside, isGiven ? 'regular' : 'private');
  if ('value' in reading || !isPlainName(path) || !reading.missing) return { path: beside, reading };
  for (const each of given) {
    const credential = { path: join(each, path), reading: await readText(join(each, path), 'regular') };
    if ('value' in credential.reading || !credential.reading.missing) return credential;
  }
  return { path: beside, reading };
}

/** No path: nothing climbs out of those folders. */
function isPlainName(path: string): boolean {
  return !/[/\\]/.test(path) && path !== '..' && path !== '.';
}
