/**
 * The variables of a container on their way into it. They are secrets, and the arguments of a process can be read by
 * everybody on the machine (`ps`), so none stands there.
 */
export interface Passage {
  /** Given to the engine's client as its own, which hands them on: `--env NAME`. */
  readonly named: Readonly<Record<string, string>>;
  /** What would change the client itself, as the lines of an `--env-file`; empty when there is nothing of it. */
  readonly file: string;
}

/** Names that mean something to the client, or to whatever it starts: `PATH`, `DOCKER_HOST`, `HTTPS_PROXY`. */
const OF_THE_CLIENT =
  /^(?:PATH|HOME|USER|LOGNAME|SHELL|LANG|TZ|TERM|TMP|TEMP|TMPDIR|LC_.*|LD_.*|GO.*|XDG_.*|DBUS_.*|SSH_.*|SSL_.*|DOCKER_.*|CONTAINER.*|REGISTRY_.*|STORAGE_.*|BUILDAH_.*|_CONTAINERS_.*|NOTIFY_SOCKET|LISTEN_.*|.*_PROXY)$/i;
/** Podman takes `NAME*` for all variables that begin like this. */
const PLAIN = /^[A-Za-z_][\w.-]*$/;

/** @throws {Error} when a value fits neither way */
export function passageOf(env: Readonly<Record<string, string>>): Passage {
  const named: Record<string, string> = {};
  const lines: string[] = [];
  for (const [name, value] of Object.entries(env)) {
    if (PLAIN.test(name) && !OF_THE_CLIENT.test(name)) named[name] = value;
    else if (/[\r\n]/.test(name + value) || /^[#\s]/.test(name))
      throw new Error(
        `the variable ${name} means something to the engine's client, and cannot have line breaks`,
      );
    else lines.push(`${name}=${value}\n`);
  }
  return { named, file: lines.join('') };
}
