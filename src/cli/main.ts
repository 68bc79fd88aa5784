import { SetupError } from '../core/setup-error.ts';
import { EXIT } from './exit-codes.ts';
import { errorCode, errorMessage, Failure } from './failure.ts';
import { createStyle } from './style.ts';
import { processTerminal, type Terminal } from './terminal.ts';
import { version } from './version.ts';

/** The process: runs the command line and leaves its exit code. Called by bin/sallyport.js. */
export async function run(argv: readonly string[]): Promise<void> {
  // Who reads us has had enough (`sallyport tools | head -1`): nothing is left to say, and nothing went wrong.
  process.stdout.on('error', (error) => {
    if (errorCode(error) === 'EPIPE') process.exit(EXIT.OK);
    throw error;
  });
  process.exitCode = await main(argv, processTerminal());
}

/** Runs one command line. Never rejects: what went wrong is told on stderr and in the exit code. */
export async function main(argv: readonly string[], terminal: Terminal): Promise<number> {
  if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) {
    // Answered before anything is loaded: scripts ask this often.
    terminal.stdout.write(`${version()}\n`);
    return EXIT.OK;
  }
  const { CommanderError, createProgram } = await import('./program.ts');
  let exitCode: number = EXIT.OK;
  const program = createProgram(argv, terminal, (code) => {
    exitCode = code;
  });
  try {
    if (argv.length === 0) program.outputHelp();
    else await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    // Help and version end this way too, with 0; the message of a mistake is written already.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.OK : EXIT.USAGE;
    const verbose = program.opts()['verbose'] === true || (terminal.env['SALLYPORT_DEBUG'] ?? '') !== '';
    return report(error, verbose, terminal);
  }
}

/** Is it something that its message tells how to mend: a key file that others may read, a folder that is full? */
function isOfTheSetup(error: unknown): boolean {
  return error instanceof SetupError || (error instanceof Error && 'syscall' in error && 'path' in error);
}

function report(error: unknown, verbose: boolean, terminal: Terminal): number {
  const style = createStyle(terminal.color);
  const say = (line: string): unknown => terminal.stderr.write(`${line}\n`);
  const isPlaced = error instanceof SetupError && error.isPlaced;
  say(isPlaced ? error.message.trimEnd() : `${style.bad('error:')} ${errorMessage(error)}`);
  if (error instanceof Failure) {
    for (const line of error.advice) say(`  ${line}`);
  } else if (!isOfTheSetup(error)) {
    say('  this is a mistake in sallyport, please report it; --verbose shows where it happened');
  }
  if (verbose) say(style.faint(trace(error)));
  if (error instanceof Failure) return error.exitCode;
  return isOfTheSetup(error) ? EXIT.FAILED : EXIT.INTERNAL;
}

/** The stack of an error and of what caused it. */
function trace(error: unknown): string {
  const stacks: string[] = [];
  for (let at: unknown = error; at instanceof Error; at = at.cause) stacks.push(at.stack ?? at.message);
  return stacks.join('\ncaused by ');
}
