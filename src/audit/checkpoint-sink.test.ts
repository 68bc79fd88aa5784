import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { openSink } from './checkpoint-sink.ts';

const fail = (reason: string): never => {
  throw new Error(reason);
};

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'sallyport-sink-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

describe('checkpoints go', () => {
  it('to a file for its owner alone, behind what is there', async () => {
    const path = join(folder(), 'checkpoints.jsonl');
    for (const line of ['{"seq":1}\n', '{"seq":2}\n']) {
      const sink = openSink(path, fail);
      sink.write(line);
      await sink.close();
    }
    expect(readFileSync(path, 'utf8')).toBe('{"seq":1}\n{"seq":2}\n');
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('to standard output', async () => {
    const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    onTestFinished(() => write.mockRestore());
    const sink = openSink('stdout', fail);
    sink.write('{"seq":1}\n');
    await sink.close();
    expect(write).toHaveBeenCalledWith('{"seq":1}\n');
  });

  it('to a syslog server, a datagram each, in the form of RFC 5424', async () => {
    const server = createSocket('udp4');
    onTestFinished(() => void server.close());
    server.bind(0, '127.0.0.1');
    await once(server, 'listening');
    const sink = openSink(`syslog://127.0.0.1:${server.address().port}`, fail);
    const received = once(server, 'message') as Promise<[Buffer]>;
    sink.write('{"seq":1,"hash":"ab"}\n');
    await sink.close();
    const [message] = await received;
    expect(message.toString()).toMatch(
      /^<109>1 \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z \S+ sallyport \d+ checkpoint - \{"seq":1,"hash":"ab"\}$/,
    );
  });

  it('nowhere, and that is told', async () => {
    const reasons: string[] = [];
    const sink = openSink(join(folder(), 'no', 'such', 'folder'), (reason) => reasons.push(reason));
    sink.write('{"seq":1}\n');
    await vi.waitFor(() => expect(reasons).toContain('ENOENT'));
    await sink.close();
  });
});
