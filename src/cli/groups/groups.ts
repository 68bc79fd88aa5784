import type { AddCommands } from './group.ts';
import { secretCommands } from './secret.ts';

/** Every group of commands, in the order of the help. */
export const GROUPS: readonly AddCommands[] = [secretCommands];
