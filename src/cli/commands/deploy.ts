import { join, resolve } from 'node:path';
import { ConfigError, renderDiagnostics } from '../../config/diagnose.ts';
import { findConfig } from '../../config/find.ts';
import { lineDiff } from '../../deploy/line-diff.ts';
import {
  type Asked,
  DeployError,
  type Deployment,
  type ImageName,
  type Target,
} from '../../deploy/target.ts';
import { TARGETS } from '../../deploy/targets.ts';
import { readForElsewhere } from '../deploy/config.ts';
import { type Compared, compareWith, remember, writeAll } from '../deploy/manifest.ts';
import { installedNginx, prove, type Verdict, versionIn } from '../deploy/prove.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import type { Terminal } from '../terminal.ts';
import { version } from '../version.ts';

export interface DeployOptions {
  readonly config?: string;
  readonly out?: string;
  readonly dryRun?: boolean;
  readonly diff?: boolean;
  readonly check?: boolean;
  readonly force?: boolean;
  readonly nginxVersion?: string;
  readonly instance?: readonly string[];
  readonly httpPort: number;
  readonly httpsPort: number;
  /** False with `--no-ipv6`. */
  readonly ipv6: boolean;
  readonly certificate?: string;
  readonly key?: string;
  readonly acmeRoot: string;
  readonly logs: string;
  readonly rate: number;
  readonly burst: number;
  readonly allow?: readonly string[];
  readonly basicAuth?: string;
  readonly authRequest?: boolean;
  readonly base?: string;
  readonly image?: readonly string[];
  readonly program: string;
  readonly configFile: string;
}

/** `sallyport deploy`: writes, shows or checks the files of a target. */
export async function deploy(name: string, options: DeployOptions, terminal: Terminal): Promise<ExitCode> {
  const target = TARGETS.find((each) => each.name === name);
  if (!target)
    throw new Failure(EXIT.USAGE, `there is no target ${name}`, [
      `one of ${TARGETS.map((each) => each.name).join(', ')}`,
    ]);
  const file = options.config ?? (await findConfig(terminal.cwd));
  if (file === undefined)
    throw new Failure(EXIT.USAGE, 'there is no sallyport.yaml here', ['--config FILE   names another one']);
  try {
    const { config, references } = await readForElsewhere(file, terminal.env, terminal.cwd);
    const asked = await askedBy(options, references, terminal);
    return await finish(target, target.build(config, asked), options, terminal);
  } catch (error) {
    if (error instanceof DeployError)
      throw new Failure(EXIT.FAILED, error.message, error.advice, { cause: error });
    if (!(error instanceof ConfigError)) throw error;
    terminal.stderr.write(renderDiagnostics(error.diagnostics, { color: terminal.color }));
    return EXIT.FAILED;
  }
}

async function askedBy(
  options: DeployOptions,
  references: Asked['references'],
  terminal: Terminal,
): Promise<Asked> {
  const { nginxVersion } = options;
  return {
    ...options,
    nginxVersion: nginxVersion === undefined ? await installedNginx(terminal.env) : readVersion(nginxVersion),
    instances: options.instance ?? [],
    certificate: options.certificate,
    key: options.key,
    allow: options.allow ?? [],
    basicAuth: options.basicAuth,
    authRequest: options.authRequest === true,
    images: imagesOf(options),
    sallyportVersion: version(),
    references,
  };
}

async function finish(
  target: Target,
  { files, notes }: Deployment,
  options: DeployOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  if (options.dryRun) {
    for (const { path, text } of files) terminal.stdout.write(`# ${path}\n${text}\n`);
    tell(notes, terminal);
    return EXIT.OK;
  }
  const folder = resolve(terminal.cwd, options.out ?? join('deploy', target.name));
  const compared = await compareWith(folder, files);
  if (options.diff || options.check) {
    if (options.diff)
      for (const { file, present } of compared)
        terminal.stdout.write(lineDiff(file.path, present, file.text));
    return options.check ? check(target, compared, terminal) : EXIT.OK;
  }
  const edited = compared.filter(({ state }) => state === 'edited').map(({ file }) => file.path);
  if (edited.length > 0 && !options.force)
    throw new Failure(EXIT.FAILED, `changed by hand, or not written by this command: ${edited.join(', ')}`, [
      '--diff    shows what would change',
      '--force   writes over it',
    ]);
  await writeAll(folder, files);
  await remember(folder, files);
  for (const { file, state } of compared)
    terminal.stdout.write(`${state === 'same' ? 'unchanged' : 'written'} ${join(folder, file.path)}\n`);
  tell(notes, terminal);
  return EXIT.OK;
}

/** Whether the files that are there are right, as the programs see it, and those that would be written. */
async function check(target: Target, compared: readonly Compared[], terminal: Terminal): Promise<ExitCode> {
  const differing = compared.filter(({ state }) => state !== 'same');
  for (const { file, state } of differing)
    terminal.stdout.write(
      `${state === 'new' ? 'missing' : state === 'edited' ? 'edited by hand' : 'out of date'}: ${file.path}\n`,
    );
  const present = compared
    .filter(({ state }) => state !== 'new')
    .map(({ file, present: text }) => ({ ...file, text }));
  const verdicts = present.length < compared.length ? [] : await prove(target, present, terminal.env);
  for (const verdict of verdicts) terminal.stdout.write(`${sentence(verdict)}\n`);
  const isFine = differing.length === 0 && verdicts.every(({ says }) => says !== 'no');
  return isFine ? EXIT.OK : EXIT.FAILED;
}

function sentence(verdict: Verdict): string {
  const { program } = verdict;
  if (verdict.says === 'yes') return `${program}: ok`;
  if (verdict.says === 'no') return `${program} says no:\n${verdict.printed}`;
  return `${program} is not on this machine: not asked`;
}

function tell(notes: readonly string[], terminal: Terminal): void {
  for (const note of notes) terminal.stderr.write(`note: ${note}\n`);
}

function readVersion(text: string): Asked['nginxVersion'] {
  const found = versionIn(text);
  if (found) return found;
  throw new Failure(EXIT.USAGE, `${text} is no version of nginx`, ['--nginx-version 1.28']);
}

const IMAGES: readonly ImageName[] = ['node', 'nginx', 'certbot', 'cloudflared'];

/** `--base IMAGE` is short for `--image node=IMAGE`. */
function imagesOf({ base, image = [] }: DeployOptions): Asked['images'] {
  const given = new Map(
    image.map((pair) => {
      const [name = '', ...rest] = pair.split('=');
      if (!IMAGES.some((known) => known === name) || rest.length === 0)
        throw new Failure(EXIT.USAGE, `--image ${pair} is not NAME=IMAGE`, [
          `NAME is one of ${IMAGES.join(', ')}`,
        ]);
      return [name, rest.join('=')];
    }),
  );
  return {
    node: base ?? given.get('node'),
    nginx: given.get('nginx'),
    certbot: given.get('certbot'),
    cloudflared: given.get('cloudflared'),
  };
}
