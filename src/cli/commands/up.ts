import { ConfigError, renderDiagnostics } from '../../config/diagnose.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { secretSource } from '../secrets.ts';
import type { Terminal } from '../terminal.ts';
import type { ServeOptions } from '../up/serve.ts';
import { listenOption } from '../up/listen.ts';
import { commandAfterDashes, loadSource } from '../up/source.ts';

export interface UpOptions extends ServeOptions {
  readonly config?: string;
  readonly listen?: string;
}

/**
 * `sallyport up`: serves until a signal ends it.
 * @param words what the command line has besides options; it belongs behind `--`
 * @param argv the command line as it was typed
 */
export async function up(
  words: readonly string[],
  options: UpOptions,
  terminal: Terminal,
  argv: readonly string[],
): Promise<ExitCode> {
  const listen = options.listen === undefined ? undefined : listenOption(options.listen);
  const command = commandAfterDashes(words, argv);
  try {
    const secrets = secretSource(terminal.env);
    // The gateway is loaded while another process reads the configuration.
    const [source, { serve }] = await Promise.all([
      loadSource({ ...options, command }, terminal.env, terminal.cwd, secrets),
      import('../up/serve.ts'),
    ]);
    return await serve(
      source,
      (config) => (listen === undefined ? config : { ...config, listen: { ...config.listen, ...listen } }),
      options,
      terminal,
    );
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    terminal.stderr.write(renderDiagnostics(error.diagnostics, { color: terminal.color }));
    return EXIT.FAILED;
  }
}
