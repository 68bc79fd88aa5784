import { accessCommands } from './access.ts';
import { auditCommands } from './audit.ts';
import { backupCommands } from './backup.ts';
import { clientFileCommands } from './clients.ts';
import { deployCommand } from './deploy.ts';
import { doctorCommand } from './doctor.ts';
import { explainCommand } from './explain.ts';
import type { AddCommands } from './group.ts';
import { identityCommands } from './identity.ts';
import { newCommands } from './new.ts';
import { pinCommands } from './pins.ts';
import { piiCommands } from './pii.ts';
import { runningCommands } from './running.ts';
import { secretCommands } from './secret.ts';
import { tokenCommands } from './token.ts';

/** Every group of commands, in the order of the help. */
export const GROUPS: readonly AddCommands[] = [
  clientFileCommands,
  newCommands,
  runningCommands,
  auditCommands,
  accessCommands,
  pinCommands,
  piiCommands,
  secretCommands,
  tokenCommands,
  identityCommands,
  explainCommand,
  backupCommands,
  deployCommand,
  doctorCommand,
];
