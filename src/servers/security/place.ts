import { join } from 'node:path';
import { logFiles } from '../../audit/files.ts';
import { type AuditPaths, auditPaths } from '../../audit/paths.ts';
import type { Config } from '../../config/schema.ts';
import type { Surroundings } from '../builtin.ts';
import { ToolFailure } from './failure.ts';

/** What the server looks at: the gateway that it is part of, or a log that its options name. */
export interface Place {
  /** Undefined where the server runs alone. */
  readonly config: () => Config | undefined;
  /** @throws {ToolFailure} when there is no log */
  log(): Promise<AuditPaths>;
}

/** @param auditLog of the options: it goes before that of the gateway */
export function placeOf(auditLog: string | undefined, around: Surroundings | undefined): Place {
  const config = (): Config | undefined => around?.config();
  return {
    config,
    async log() {
      const paths = pathsOf(auditLog, around);
      if (paths && (await logFiles(paths.log)).length > 0) return paths;
      throw new ToolFailure(
        'There is no audit log. The gateway writes one when its configuration says `audit: {}`; the option `auditLog` of ' +
          'this server names another one.',
      );
    },
  };
}

function pathsOf(auditLog: string | undefined, around: Surroundings | undefined): AuditPaths | undefined {
  // A log somewhere else has its keys and checkpoints beside it, as those of the toolkit do.
  if (auditLog !== undefined)
    return {
      log: auditLog,
      keys: join(auditLog, '..', 'keys'),
      checkpoints: join(auditLog, '..', 'checkpoints.jsonl'),
    };
  const audit = around?.config().audit;
  if (!audit) return undefined;
  // With a file of its own, a log needs no home.
  if (around.home === undefined && audit.file === undefined) return undefined;
  return auditPaths(audit, around.home ?? '.');
}
