import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { checkServerName } from '../../config/server-name.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { errorCode, errorMessage, Failure } from '../failure.ts';
import { python } from '../new/python.ts';
import type { Template } from '../new/template.ts';
import { typescript } from '../new/typescript.ts';
import type { Terminal } from '../terminal.ts';

export interface NewServerOptions {
  readonly python?: boolean;
}

/** What a package of npm and of Python, an image and a server of the config can all be called. */
const PLAIN = /^[a-z](?:[a-z0-9]|-(?=[a-z0-9])){0,49}$/;

/** `sallyport new server NAME`: a folder with a small MCP server in it. On stdout is its entry for a config elsewhere. */
export async function newServer(
  name: string,
  options: NewServerOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  if (!PLAIN.test(name) || !('value' in checkServerName(name)))
    throw new Failure(EXIT.USAGE, `${JSON.stringify(name)} cannot be the name of a server`, [
      'it begins with a small letter, and has up to 50 small letters, digits and single - in it',
    ]);
  const template = options.python ? python : typescript;
  const folder = resolve(terminal.cwd, name);
  await write(folder, name, template);

  const entry = { command: template.command, args: template.args, cwd: folder };
  terminal.stdout.write(`${JSON.stringify({ mcpServers: { [name]: entry } }, null, 2)}\n`);
  const steps = [`cd ${name}`, ...template.prepare, template.test, 'sallyport up'];
  terminal.stderr.write(
    `Wrote ${template.files(name).length} files to ${name}/. Above is its entry for a config elsewhere. Next:\n${steps.map((step) => `  ${step}\n`).join('')}`,
  );
  return EXIT.OK;
}

/** @throws {Failure} when there is something of this name already: nothing is ever written over */
async function write(folder: string, name: string, template: Template): Promise<void> {
  try {
    await mkdir(folder);
    for (const [path, text] of template.files(name))
      await writeFile(join(folder, path), text, { flag: 'wx' });
  } catch (error) {
    if (errorCode(error) !== 'EEXIST')
      throw new Failure(EXIT.FAILED, `${folder} cannot be written: ${errorMessage(error)}`, [], {
        cause: error,
      });
    throw new Failure(EXIT.FAILED, `${name} is here already`, ['take another name, or another folder'], {
      cause: error,
    });
  }
}
