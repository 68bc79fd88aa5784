import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Sandbox } from '../../../config/sandbox.ts';
import type { Prepared } from '../prepared.ts';
import { childEnvironment, type Command } from '../process.ts';
import { sandboxed } from './bwrap.ts';

/**
 * A local command in its sandbox.
 * @throws {Error} with what to do, where there can be no sandbox: the command then does not start at all
 */
export async function prepareSandbox(command: Command, sandbox: Sandbox): Promise<Prepared> {
  const missing = sandbox.write.find((folder) => !existsSync(folder));
  if (missing !== undefined) throw new Error(`the folder ${missing} of sandbox.write is not there: make it`);
  await checkOnce(command);
  return { command: sandboxed(command, sandbox, existsSync) };
}

let worked = false;

/** Tries an empty sandbox, once for this process where it works. */
async function checkOnce({ env }: Command): Promise<void> {
  if (worked) return;
  const nothing: Command = { command: 'true', args: [], env: {} };
  const { command, args } = sandboxed(nothing, { kind: 'bwrap', network: false, write: [] }, existsSync);
  await new Promise<void>((resolve, reject) => {
    execFile(
      command,
      [...args],
      { env: childEnvironment(env), timeout: 10_000 },
      (error, _stdout, stderr) => {
        if (!error) return resolve();
        if (error.code === 'ENOENT')
          return reject(
            new Error('the sandbox needs the program bwrap, which is not on PATH: install bubblewrap'),
          );
        const problem = stderr.trim() || error.message;
        reject(
          new Error(
            `bubblewrap cannot make a sandbox here (${problem}): it needs user namespaces, which this system or the container around it forbids`,
          ),
        );
      },
    );
  });
  worked = true;
}
