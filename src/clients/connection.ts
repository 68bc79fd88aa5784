/** What every client needs to reach a gateway. */
export interface Connection {
  /** The MCP endpoint, `http://127.0.0.1:8080/mcp`. */
  readonly endpoint: string;
  /** The bearer token, or null where the gateway asks for none. */
  readonly token: string | null;
  /** The name the client lists the gateway under. */
  readonly name: string;
  /** Whose shell and whose paths the text is for. */
  readonly platform: NodeJS.Platform;
}

/** One thing to paste, open or run. */
export interface Snippet {
  /**
   * `command`: run in a shell. `file`: belongs into the file at `where`. `link`: opened by the operating system.
   * `value`: typed or chosen at `where`.
   */
  readonly kind: 'command' | 'file' | 'link' | 'value';
  /** The file, menu or field that a snippet belongs into. */
  readonly where?: string;
  readonly text: string;
}

/** How one client is connected: its snippets, the simplest first, and what to know about it. */
export interface ClientGuide {
  readonly id: string;
  readonly title: string;
  readonly snippets: readonly [Snippet, ...Snippet[]];
  readonly note?: string;
}

/** The value of the Authorization header, or null where the gateway asks for none. */
export function authorization(connection: Connection): string | null {
  return connection.token === null ? null : `Bearer ${connection.token}`;
}

/** `{headers: {Authorization}}` as most mcp.json dialects write it, or nothing to spread. */
export function headersField(connection: Connection): { headers?: { Authorization: string } } {
  const value = authorization(connection);
  return value === null ? {} : { headers: { Authorization: value } };
}
