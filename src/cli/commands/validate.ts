import { ConfigError, renderDiagnostics, type Diagnostic } from '../../config/diagnose.ts';
import { CONFIG_FILES, findConfig } from '../../config/find.ts';
import { loadConfig } from '../../config/load.ts';
import type { Config } from '../../config/schema.ts';
import { EXIT } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { secretSource } from '../secrets.ts';

/**
 * `sallyport validate [FILE]`: every mistake in a configuration, with its place and what to do about it, on stderr;
 * with `--json` also one object on stdout, `{"valid":false,"file":"…","servers":[…],"diagnostics":[…]}`.
 * @returns the exit code: 0 for a configuration that can be used, 1 for any other, or none.
 */
export async function validate(
  file: string | undefined,
  options: { readonly json?: boolean },
  io: Io,
): Promise<number> {
  const found = file ?? (await findConfig(io.cwd));
  const verdict = found === undefined ? nothingFound() : await check(found, io);
  const { config, diagnostics } = verdict;

  io.stderr.write(renderDiagnostics(diagnostics, { color: io.color }));
  if (config) io.stderr.write(`${summary(verdict.file, config)}\n`);
  if (options.json) {
    const servers = config?.servers.map(({ name, kind }) => ({ name, kind })) ?? [];
    const result = { valid: config !== undefined, file: found ?? null, servers, diagnostics };
    io.stdout.write(`${JSON.stringify(result)}\n`);
  }
  return config ? EXIT.OK : EXIT.FAILED;
}

interface Verdict {
  readonly file: string;
  /** Undefined: it cannot be used. */
  readonly config: Config | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

async function check(file: string, io: Io): Promise<Verdict> {
  try {
    const { config, notes } = await loadConfig(file, {
      env: io.env,
      cwd: io.cwd,
      secretSource: secretSource(io.env),
    });
    return { file, config, diagnostics: notes };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { file, config: undefined, diagnostics: error.diagnostics };
  }
}

function nothingFound(): Verdict {
  const message = `There is no ${CONFIG_FILES.join(', ')} in this folder.`;
  const hint = 'Name the file: sallyport validate FILE.';
  return { file: '.', config: undefined, diagnostics: [{ severity: 'error', message, hint, file: '.' }] };
}

function summary(file: string, { servers }: Config): string {
  const names = servers.map(({ name }) => name);
  const count = `${names.length} ${names.length === 1 ? 'server' : 'servers'}`;
  return `${file} is valid: ${names.length > 0 ? `${count}, ${names.join(', ')}` : 'no servers'}.`;
}
