import type { ExitCode } from './exit-codes.ts';

/** An error that was expected: it is told in words, without a stack, and ends the command with its exit code. */
export class Failure extends Error {
  readonly exitCode: ExitCode;
  /** What to do about it, one line each. */
  readonly advice: readonly string[];

  constructor(exitCode: ExitCode, message: string, advice: readonly string[] = [], options?: ErrorOptions) {
    super(message, options);
    this.name = 'Failure';
    this.exitCode = exitCode;
    this.advice = advice;
  }
}

/** The `code` of a system error (`ENOENT`), or undefined for anything else that was thrown. */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** The message of whatever was thrown. */
export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
