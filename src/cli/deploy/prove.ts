import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { DeployFile, Proof, Target, Version } from '../../deploy/target.ts';
import { writeAll } from './manifest.ts';

/** What a program said about files. */
export type Verdict =
  | { readonly program: string; readonly says: 'yes' }
  | { readonly program: string; readonly says: 'no'; readonly printed: string }
  /** It is not on this machine. */
  | { readonly program: string; readonly says: 'nothing' };

const PROGRAM_MS = 30_000;
/** Where system programs are, which are not in everybody's PATH. */
const SYSTEM = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

/** Asks the programs of a target about its files, in a folder that is gone afterwards. */
export async function prove(
  { proofs = [] }: Target,
  files: readonly DeployFile[],
  env: NodeJS.ProcessEnv,
): Promise<readonly Verdict[]> {
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-check-'));
  try {
    const verdicts: Verdict[] = [];
    for (const [index, proof] of proofs.entries()) {
      verdicts.push(await ask(proof, files, join(folder, String(index)), env));
    }
    return verdicts;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The version of the nginx of this machine, or undefined where there is none. */
export async function installedNginx(env: NodeJS.ProcessEnv): Promise<Version | undefined> {
  const ran = await run('nginx', ['-v'], env);
  return ran === undefined ? undefined : versionIn(ran.printed);
}

/** `1.28` and `nginx/1.28.0` alike. */
export function versionIn(text: string): Version | undefined {
  const [, major, minor, patch = '0'] = /(\d+)\.(\d+)(?:\.(\d+))?/.exec(text) ?? [];
  return major === undefined ? undefined : [Number(major), Number(minor), Number(patch)];
}

async function ask(
  { program, stage, args, accepts, absent }: Proof,
  files: readonly DeployFile[],
  folder: string,
  env: NodeJS.ProcessEnv,
): Promise<Verdict> {
  const staged = stage ? stage(files, folder) : files;
  await writeAll(folder, staged);
  const ran = await run(program, args(files, folder), env);
  if (ran === undefined || (!ran.ok && absent?.test(ran.printed))) return { program, says: 'nothing' };
  const isFine = ran.ok && (accepts?.(ran.printed) ?? true);
  return isFine
    ? { program, says: 'yes' }
    : { program, says: 'no', printed: ran.printed.replaceAll(`${folder}/`, '').trim() };
}

interface Ran {
  readonly ok: boolean;
  readonly printed: string;
}

/** @returns undefined where there is no such program */
function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Ran | undefined> {
  const path = [env['PATH'] ?? '', ...SYSTEM].join(delimiter);
  return new Promise((resolve) => {
    execFile(
      program,
      [...args],
      { env: { ...env, PATH: path }, timeout: PROGRAM_MS, encoding: 'utf8' },
      (error, stdout, stderr) => {
        if (error && 'code' in error && error.code === 'ENOENT') resolve(undefined);
        else resolve({ ok: error === null, printed: `${stdout}${stderr}` });
      },
    );
  });
}
