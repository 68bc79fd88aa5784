import { logFiles } from './files.ts';
import { readKeys } from './keys.ts';
import type { AuditPaths } from './paths.ts';
import { type Verdict, verifyLog } from './verify.ts';

/** Verifies a whole log with the keys and the checkpoints that belong to it. */
export async function verdictOn(paths: AuditPaths): Promise<Verdict> {
  const keys = await readKeys(paths.keys);
  // Checkpoints that went elsewhere are brought back as a file by whoever wants them looked at.
  const isFile = paths.checkpoints !== 'stdout' && !paths.checkpoints.includes('://');
  return verifyLog({
    files: await logFiles(paths.log),
    key: keys.chain,
    ...(isFile && { checkpoints: { files: await logFiles(paths.checkpoints), key: keys.verifying } }),
  });
}
