import type { AddCommands } from './group.ts';
import { piiCommands } from './pii.ts';
import { secretCommands } from './secret.ts';

/** Every group of commands, in the order of the help. */
export const GROUPS: readonly AddCommands[] = [piiCommands, secretCommands];
