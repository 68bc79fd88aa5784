/** A tool cannot do what it was asked. The message says what happened and what to do. */
export class ToolFailure extends Error {
  override readonly name = 'ToolFailure';
}

/** What an error means to whoever called the tool. Errors nobody expected are not quoted. */
export function explain(error: unknown): string {
  if (error instanceof ToolFailure) return error.message;
  const code =
    error instanceof Error && 'code' in error && typeof error.code === 'string' ? ` (${error.code})` : '';
  return `The data on communes could not be read${code}. Install Sallyport afresh if this goes on.`;
}
