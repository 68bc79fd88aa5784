import { auditPaths, type AuditPaths } from '../../audit/paths.ts';
import { findConfig } from '../../config/find.ts';
import { loadConfig } from '../../config/load.ts';
import { homePath } from '../home.ts';
import { secretSource } from '../secrets.ts';
import type { Terminal } from '../terminal.ts';

/** Which log a command reads. */
export interface PlaceOptions {
  readonly config?: string;
  readonly file?: string;
}

/** The log of the configuration, else that of the home; `--file` names any other. */
export async function placeOf({ config, file }: PlaceOptions, terminal: Terminal): Promise<AuditPaths> {
  const home = homePath(terminal.env);
  if (file !== undefined) return auditPaths({ file }, home);
  const found = config ?? (await findConfig(terminal.cwd));
  const loaded =
    found === undefined
      ? undefined
      : await loadConfig(found, {
          env: terminal.env,
          cwd: terminal.cwd,
          secretSource: secretSource(terminal.env),
        });
  return auditPaths(loaded?.config.audit ?? {}, home);
}
