// A server of one version on a pair of pipes.
//   node over-stdio.ts VERSION
import { createInterface } from 'node:readline';
import type { Message, Version } from './messages.ts';
import { VersionServer } from './server.ts';

const server = new VersionServer(process.argv[2] as Version, {
  send: (message) => void process.stdout.write(`${JSON.stringify(message)}\n`),
});
createInterface({ input: process.stdin }).on('line', (line) => server.receive(JSON.parse(line) as Message));
