import { createSocket } from 'node:dgram';
import { createWriteStream } from 'node:fs';
import { hostname } from 'node:os';

/** Takes checkpoints, a line each, to another place than the log. */
export interface CheckpointSink {
  write(line: string): void;
  close(): Promise<void>;
}

/**
 * @param place a file, `stdout`, or `syslog://HOST[:PORT]`
 * @param onError gets the system's word for what went wrong
 */
export function openSink(place: string, onError: (reason: string) => void): CheckpointSink {
  if (place === 'stdout')
    return { write: (line) => void process.stdout.write(line), close: () => Promise.resolve() };
  const host = /^syslog:\/\/([^:]+)(?::(\d+))?$/.exec(place);
  return host ? syslog(host[1] ?? '', Number(host[2] ?? 514), onError) : file(place, onError);
}

function file(path: string, onError: (reason: string) => void): CheckpointSink {
  const stream = createWriteStream(path, { flags: 'a', mode: 0o600 });
  stream.on('error', (error: NodeJS.ErrnoException) => onError(error.code ?? 'unknown'));
  return {
    write: (line) => void stream.write(line),
    close: () =>
      new Promise((resolve) => {
        if (stream.destroyed) return resolve();
        stream.end(() => resolve());
      }),
  };
}

/** Facility 13 is the log audit, severity 5 a notice (RFC 5424, 6.2.1). */
const PRIORITY = 13 * 8 + 5;

/** RFC 5424 in UDP datagrams (RFC 5426). */
function syslog(host: string, port: number, onError: (reason: string) => void): CheckpointSink {
  const socket = createSocket('udp4').unref();
  socket.on('error', (error: NodeJS.ErrnoException) => onError(error.code ?? 'unknown'));
  let sending = Promise.resolve();
  return {
    write(line) {
      const head = `<${PRIORITY}>1 ${new Date().toISOString()} ${hostname()} sallyport ${process.pid} checkpoint -`;
      const sent = new Promise<void>((resolve) => {
        socket.send(`${head} ${line.trimEnd()}`, port, host, (error) => {
          if (error) onError((error as NodeJS.ErrnoException).code ?? 'unknown');
          resolve();
        });
      });
      sending = sending.then(() => sent);
    },
    async close() {
      await sending;
      socket.close();
    },
  };
}
