import { readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { ConfigError } from '../../config/diagnose.ts';
import { findConfig } from '../../config/find.ts';
import { loadConfig } from '../../config/load.ts';
import type { Check } from '../../doctor/check.ts';
import { dialBy, parseConnectTo } from '../../doctor/dial.ts';
import type { Patient, ReadConfig } from '../../doctor/patient.ts';
import { CHECKS } from '../../doctor/registry.ts';
import { examine, type Outcome } from '../../doctor/run.ts';
import { Site } from '../../doctor/site.ts';
import { outcomeLines, summaryLine } from '../doctor/lines.ts';
import { readEndpoint, type RunningGateway } from '../endpoint-file.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { errorMessage, Failure } from '../failure.ts';
import { homePath } from '../home.ts';
import { HomeStore } from '../home-store.ts';
import { loginFolder } from '../interaction.ts';
import { interruptible } from '../interrupt.ts';
import { isLoopback } from '../loopback.ts';
import { secretSource } from '../secrets.ts';
import { createStyle } from '../style.ts';
import type { Terminal } from '../terminal.ts';
import { readToken } from '../token.ts';

export interface DoctorOptions {
  readonly config?: string;
  readonly public?: string;
  readonly token?: string;
  readonly fix?: boolean;
  readonly json?: boolean;
  readonly bundle?: string;
  readonly ca?: string;
  readonly connectTo?: readonly string[];
}

/** `sallyport doctor`: what is wrong, seen from inside and outside. Exit code 1 when something fails. */
export async function doctor(options: DoctorOptions, terminal: Terminal): Promise<ExitCode> {
  const home = homePath(terminal.env);
  using store = new HomeStore(home);
  const patient = await patientOf(options, home, store, terminal);
  const checks = CHECKS.filter(({ side }) => side === 'inside' || patient.site !== undefined);
  const first = await examined(checks, patient, terminal);
  const mended = options.fix ? await mend(first) : [];
  const outcomes = mended.length > 0 ? await examined(checks, patient, terminal) : first;
  if (options.json) terminal.stdout.write(`${JSON.stringify({ mended, outcomes: outcomes.map(plain) })}\n`);
  else {
    const style = createStyle(terminal.data.color);
    const lines = outcomes.flatMap((outcome) => outcomeLines(outcome, style));
    const did = mended.map((what) => `mended: ${what}`);
    terminal.stdout.write(`${[...lines, ...did, summaryLine(outcomes)].join('\n')}\n`);
  }
  if (options.bundle !== undefined) {
    const { supportBundle } = await import('../../doctor/bundle.ts');
    const user = terminal.env['HOME'] ?? homedir();
    const text = JSON.stringify(supportBundle(outcomes, patient, user), null, 2);
    await writeFile(resolve(terminal.cwd, options.bundle), `${text}\n`, { mode: 0o600 });
    terminal.stderr.write(
      `${options.bundle} has no secrets and no personal values; read it before you send it.\n`,
    );
  }
  return outcomes.some(({ verdict }) => verdict === 'fail') ? EXIT.FAILED : EXIT.OK;
}

function examined(
  checks: readonly Check[],
  patient: Patient,
  terminal: Terminal,
): Promise<readonly Outcome[]> {
  let done = 0;
  const progress = ({ name }: Outcome): void => {
    done += 1;
    // One line that is written over; what is piped somewhere gets none.
    if (terminal.tty)
      terminal.stderr.write(`\r\u001b[K${done < checks.length ? `${done}/${checks.length} ${name}` : ''}`);
  };
  return interruptible((signal) => examine(checks, patient, progress, signal));
}

/** Mends what can do no harm. @returns what was done */
async function mend(outcomes: readonly Outcome[]): Promise<string[]> {
  const done: string[] = [];
  for (const { mend: repair } of outcomes) if (repair) done.push(await repair());
  return done;
}

function plain({ mend: repair, ...outcome }: Outcome) {
  return { ...outcome, fixable: repair !== undefined };
}

async function patientOf(
  options: DoctorOptions,
  home: string,
  store: HomeStore,
  terminal: Terminal,
): Promise<Patient> {
  const config = await read(options.config, terminal);
  // Whose files may be read by others is told by a check, and must not end the others.
  const running = await readEndpoint(home).catch(() => null);
  return {
    home,
    platform: process.platform,
    config,
    now: Date.now,
    records: store.find,
    oauth: { folder: loginFolder(home), advice: (server) => `It needs a login: sallyport login ${server}` },
    running: running ?? undefined,
    site: await siteOf(options, () => ownToken(options.public, home, config, running), terminal),
  };
}

async function read(named: string | undefined, { cwd, env }: Terminal): Promise<ReadConfig | undefined> {
  const file = named ?? (await findConfig(cwd));
  if (file === undefined) return undefined;
  try {
    const loaded = await loadConfig(file, { env, cwd, secretSource: secretSource(env) });
    return { file, loaded, diagnostics: loaded.notes };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { file, loaded: undefined, diagnostics: error.diagnostics };
  }
}

async function siteOf(
  options: DoctorOptions,
  own: () => Promise<string | undefined>,
  { env, cwd, stderr }: Terminal,
): Promise<Site | undefined> {
  if (options.public === undefined) return undefined;
  const url = URL.parse(options.public);
  if (!url || !/^https?:$/.test(url.protocol))
    throw new Failure(EXIT.USAGE, `--public ${options.public} is not an http or https address`, [
      'for example --public https://mcp.example.com',
    ]);
  if (!url.pathname.endsWith('/mcp')) url.pathname = `${url.pathname.replace(/\/$/, '')}/mcp`;
  const pairs = (options.connectTo ?? []).map((text) => {
    const pair = parseConnectTo(text);
    if (pair) return pair;
    throw new Failure(EXIT.USAGE, `--connect-to ${text} is not HOST:PORT:TO-HOST:TO-PORT`);
  });
  const told = (options.token ?? env['SALLYPORT_TOKEN']) || (await own());
  if (told !== undefined && url.protocol === 'http:' && !isLoopback(url.hostname))
    stderr.write(`warning: the token goes to ${url.host} unencrypted (http)\n`);
  return new Site(url, {
    token: told,
    dial: dialBy(pairs),
    trust: { ca: options.ca === undefined ? undefined : await pem(resolve(cwd, options.ca)) },
  });
}

/** The token of this home, where the gateway of this home takes it and its config says that it is published there. */
async function ownToken(
  asked: string | undefined,
  home: string,
  config: ReadConfig | undefined,
  running: RunningGateway | null,
): Promise<string | undefined> {
  const published = URL.parse(config?.loaded?.config.publicUrl ?? '');
  const isOurs = running?.auth === 'token' && published?.origin === URL.parse(asked ?? '')?.origin;
  if (!isOurs || published?.protocol !== 'https:') return undefined;
  return (await readToken(home).catch(() => null)) ?? undefined;
}

async function pem(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: unknown) => {
    throw new Failure(EXIT.USAGE, `cannot read ${file}: ${errorMessage(error)}`, [], { cause: error });
  });
}
