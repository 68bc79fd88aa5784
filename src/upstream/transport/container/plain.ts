import { randomUUID } from 'node:crypto';
import type { Prepared } from '../prepared.ts';
import type { Command } from '../process.ts';
import { type ExecCommand, readCommandLine, type RunCommand } from './command-line.ts';
import { type Engine, engineEnvironment } from './engine.ts';
import { endMarked, MARK_VARIABLE, newMark } from './exec-children.ts';
import { removeLeftContainers, endLeftPrograms } from './left-behind.ts';
import { labelsOf, type Owner } from './prepare.ts';
import { PrivateFolder } from './private-folder.ts';
import { removeRun } from './remove.ts';

/**
 * `docker run -i …` and `docker exec -i …` as they stand in an mcp.json. What they start outlives its client, so the
 * gateway adds what it needs to end it, and changes nothing else.
 */
export async function preparePlain(command: Command, owner: Owner): Promise<Prepared> {
  const line = readCommandLine(command.command, command.args);
  const env = { ...engineEnvironment(), ...command.env };
  if (!line) return { command: { ...command, env } };
  const engine: Engine = { name: line.name, command: command.command, globals: line.globals, env };
  const whole = { ...command, env };
  return line.verb === 'run'
    ? prepareRun(whole, line, engine, owner)
    : prepareExec(whole, line, engine, owner);
}

async function prepareRun(
  command: Command,
  { globals, words, rest, cidFile }: RunCommand,
  engine: Engine,
  owner: Owner,
): Promise<Prepared> {
  await removeLeftContainers(engine, owner.home);
  const run = randomUUID();
  const folder = await PrivateFolder.make();
  const labels = Object.entries(labelsOf(owner, run)).map(([name, value]) => `--label=${name}=${value}`);
  const added = [...(cidFile === undefined ? [`--cidfile=${folder.cidFile}`] : []), ...labels];
  return {
    command: { ...command, args: [...globals, ...words, ...added, ...rest] },
    async tidy() {
      try {
        await removeRun(engine, cidFile ?? folder.cidFile, run);
      } finally {
        await folder.remove();
      }
    },
  };
}

async function prepareExec(
  command: Command,
  { globals, words, rest, container, user }: ExecCommand,
  engine: Engine,
  { home }: Owner,
): Promise<Prepared> {
  const inside = { engine, container, user };
  await endLeftPrograms(inside, home);
  const mark = newMark(home);
  const added = [`--env=${MARK_VARIABLE}=${mark}`];
  return {
    command: { ...command, args: [...globals, ...words, ...added, ...rest] },
    tidy: () => endMarked(inside, mark),
  };
}
