/** Where a command reads its surroundings and writes its words. A test passes its own, so that no command touches `process`. */
export interface Io {
  /** Data: what a caller pipes on. */
  readonly stdout: { write(text: string): unknown };
  /** Talk: progress, hints, errors. */
  readonly stderr: { write(text: string): unknown };
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** The talk may be coloured (NO_COLOR and FORCE_COLOR are already weighed). */
  readonly color: boolean;
  /** The talk goes to a terminal, so a person is reading it. */
  readonly tty: boolean;
}
