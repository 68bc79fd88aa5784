/** The one table of exit codes. `docs/cli.md` shows it, and a test holds the two together. Numbers are never reused. */
export const EXIT = {
  OK: 0,
  FAILED: 1,
  USAGE: 2,
  CANNOT_LISTEN: 3,
  NOT_AUTHORISED: 4,
  UNREACHABLE: 5,
  INTERNAL: 70,
  INTERRUPTED: 130,
  TERMINATED: 143,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** What each code means, in the words of the docs. */
export const EXIT_MEANINGS: Readonly<Record<keyof typeof EXIT, string>> = {
  OK: 'Done. For `up`: stopped when asked to, every call answered or cancelled.',
  FAILED:
    'Done, and the answer is no: the config is invalid, the tool reported an error, a file is not safe to use.',
  USAGE: 'The command line is wrong, or the arguments of `call` are not JSON.',
  CANNOT_LISTEN: 'The address is taken, not allowed, or not one of this machine.',
  NOT_AUTHORISED: 'The gateway wants a token, or another one.',
  UNREACHABLE: 'Nothing answers at the endpoint, or what answers is not an MCP server.',
  INTERNAL: 'A mistake in Sallyport. `--verbose` shows where; please report it.',
  INTERRUPTED: 'Interrupted by Ctrl-C before the work was done. For `up`: pressed twice.',
  TERMINATED: 'Ended by SIGTERM before the work was done.',
};
