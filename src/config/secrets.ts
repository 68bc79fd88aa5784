/** Shorter texts are found everywhere and are no secrets. */
const MIN_LENGTH = 6;
/** What stands around the secret of a PEM file is the same in all of them. */
const PEM_BOUNDARY = /^-----(?:BEGIN|END) [A-Z0-9 ]+-----$/;
/** Variables that every child inherits, and that may have a password in them. */
const PROXY = /^(?:https?|all)_proxy$/i;

/** Every value that came from outside of the file, so that whoever writes a message can keep it out. */
export class Secrets {
  readonly #values = new Set<string>();
  /** What is looked for, the longest first: one secret may be a part of another. */
  #wanted: readonly string[] | undefined;

  add(value: string): void {
    if (value === '') return;
    this.#values.add(value);
    this.#wanted = undefined;
  }

  get values(): ReadonlySet<string> {
    return this.#values;
  }

  /** The text with each of the secrets in it replaced, and each line of those that have several. */
  redact(text: string): string {
    this.#wanted ??= [...new Set([...this.#values].flatMap((value) => [value, ...linesOf(value)]))]
      .filter((value) => value.length >= MIN_LENGTH)
      .toSorted((a, b) => b.length - a.length);
    return this.#wanted.reduce((rest, value) => rest.replaceAll(value, '[redacted]'), text);
  }
}

/**
 * What a server prints is looked at line by line, and a key of several lines (PEM) comes as several; printed as JSON,
 * its lines stand on one, with `\n` between them.
 */
function linesOf(value: string): string[] {
  return value
    .split(/\r\n|\r|\n|\\r\\n|\\n/)
    .map((line) => line.trim())
    .filter((line) => !PEM_BOUNDARY.test(line));
}

/**
 * The secrets in those variables that every server inherits: a proxy's password, also as it stands in
 * `Proxy-Authorization`.
 */
export function inheritedSecrets(env: NodeJS.ProcessEnv): string[] {
  return Object.entries(env).flatMap(([name, value = '']) => {
    const url = PROXY.test(name) ? URL.parse(value) : null;
    if (!url?.password) return [];
    const [user, password] = [url.username, url.password].map(decoded);
    return [
      value,
      `${url.username}:${url.password}`,
      url.password,
      password ?? '',
      Buffer.from(`${user}:${password}`).toString('base64'),
    ];
  });
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
