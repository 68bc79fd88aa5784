import type { JsonObject } from '../core/json.ts';
import type { Connection } from './connection.ts';

/** Whose paths are meant. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  /** The user's folder. */
  readonly home: string;
  /** `%APPDATA%` of Windows; undefined: at its usual place. */
  readonly appData?: string | undefined;
}

/** The file in which a client keeps its servers, and how it wants one that is reached by HTTP. */
export interface ClientFile {
  readonly id: string;
  readonly title: string;
  /** Where it is, for this user. */
  place(machine: Machine): string;
  readonly syntax: 'json' | 'toml';
  /** The key that the servers stand under, each by its name. */
  readonly section: string;
  entry(connection: Connection): JsonObject;
  /** What else to do once it is written, or to know. */
  readonly after?: (connection: Connection) => string;
}

/** Below the folder where programs keep their settings: `Application Support`, `%APPDATA%`, `~/.config`. */
export function settings({ platform, home, appData }: Machine, ...path: readonly string[]): string {
  if (platform === 'win32') return [appData ?? `${home}\\AppData\\Roaming`, ...path].join('\\');
  const folder = platform === 'darwin' ? `${home}/Library/Application Support` : `${home}/.config`;
  return [folder, ...path].join('/');
}

/** Below the user's own folder, as programs that came from Unix have it on every platform. */
export function underHome({ platform, home }: Machine, ...path: readonly string[]): string {
  return [home, ...path].join(platform === 'win32' ? '\\' : '/');
}
