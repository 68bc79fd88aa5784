/** A line that a server printed on stderr, without the secrets of the config. */
export interface OutputLine {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly text: string;
}

/** What is kept of each server: this many lines, and characters in all. */
const LINES = 1000;
const CHARACTERS = 256 * 1024;

/** What the servers printed last, for whoever asks later, and for whoever listens now. */
export class ServerOutput {
  readonly #tails = new Map<string, Tail>();
  readonly #followers = new Set<(server: string, line: OutputLine) => void>();

  /** @param text one line, already free of secrets and control characters, and of a bounded length */
  write(server: string, text: string): void {
    const line = { at: Date.now(), text };
    const tail = this.#tails.get(server) ?? new Tail();
    this.#tails.set(server, tail);
    tail.push(line);
    for (const follow of this.#followers) follow(server, line);
  }

  /** The newest lines of a server, oldest first. */
  tail(server: string, most: number): readonly OutputLine[] {
    return most <= 0 ? [] : (this.#tails.get(server)?.lines.slice(-most) ?? []);
  }

  /** Tells of every line from now on. @returns ends it */
  follow(server: string, onLine: (line: OutputLine) => void): () => void {
    const follower = (from: string, line: OutputLine): void => {
      if (from === server) onLine(line);
    };
    this.#followers.add(follower);
    return () => void this.#followers.delete(follower);
  }

  /** Forgets the servers that the config has no more. */
  keepOnly(servers: readonly string[]): void {
    const kept = new Set(servers);
    for (const server of this.#tails.keys()) if (!kept.has(server)) this.#tails.delete(server);
  }
}

class Tail {
  readonly lines: OutputLine[] = [];
  #characters = 0;

  push(line: OutputLine): void {
    this.lines.push(line);
    this.#characters += line.text.length;
    while (this.lines.length > LINES || this.#characters > CHARACTERS)
      this.#characters -= this.lines.shift()?.text.length ?? 0;
  }
}
