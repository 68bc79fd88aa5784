import { join } from 'node:path';
import type { AuditConfig } from '../config/audit.ts';

/** Where the parts of a log are. */
export interface AuditPaths {
  readonly log: string;
  readonly keys: string;
  /** A file, `stdout` or `syslog://…`. */
  readonly checkpoints: string;
}

/** @param home of Sallyport */
export function auditPaths(
  { file, checkpoints }: Pick<AuditConfig, 'file' | 'checkpoints'>,
  home: string,
): AuditPaths {
  const folder = join(home, 'audit');
  return {
    log: file ?? join(folder, 'audit.jsonl'),
    keys: join(folder, 'keys'),
    checkpoints: checkpoints ?? join(folder, 'checkpoints.jsonl'),
  };
}
