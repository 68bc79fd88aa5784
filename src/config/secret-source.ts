/** Where `${secret:NAME}` looks. */
export interface SecretSource {
  /** The file the values lie in, which whoever watches the configuration watches too. */
  readonly file: string;
  /**
   * @returns undefined where there is none of this name
   * @throws an `Error` whose message says why the secrets cannot be read
   */
  read(name: string): Promise<string | undefined>;
}

/** A name of a secret: it stands in a command line and in `${secret:…}` without quotes. */
export const SECRET_NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/;
