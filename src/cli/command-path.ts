import type { Command } from 'commander';

/** The words of a command as they are typed behind `sallyport`: `up`, `token create`; `sallyport` for the program itself. */
export function commandPath(command: Command): string {
  const { parent } = command;
  if (!parent) return command.name();
  return parent.parent ? `${commandPath(parent)} ${command.name()}` : command.name();
}

/** The program and every command of it, each group before its own commands. */
export function everyCommand(program: Command): Command[] {
  return [program, ...program.commands.flatMap(everyCommand)];
}
