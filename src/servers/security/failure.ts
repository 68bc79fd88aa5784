import { FilterError } from '../../audit/filter.ts';

/** A tool cannot do what it was asked for; the message says why and what to do, and is meant for the caller. */
export class ToolFailure extends Error {
  override readonly name = 'ToolFailure';
}

/** What a caller gets to know of an error: our own sentences, and of any other one nothing but its kind. */
export function errorText(error: unknown): string {
  if (error instanceof ToolFailure || error instanceof FilterError) return error.message;
  const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
  return `It failed${code}; the log of the gateway may say why.`;
}
