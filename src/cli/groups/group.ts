import type { Command } from 'commander';
import type { Terminal } from '../terminal.ts';

/** What a command needs to run. */
export interface Surroundings {
  readonly terminal: Terminal;
  /** Takes the exit code of the command that ran. */
  readonly finish: (exitCode: number) => void;
}

/** Adds commands that belong together to the program. What they do is in `commands/`, loaded when they run. */
export type AddCommands = (program: Command, surroundings: Surroundings) => void;
