/**
 * A program of its own, started inside of a container's network and outside of everything else of it. The container has
 * only a loopback; here is the one port on it that leads on, to the socket of the gateway's proxy:
 *
 *     nsenter --target PID --net -- node relay-process.js SOCKET PORT
 *
 * It looks at nothing, and ends with its input.
 */
import { connect, createServer } from 'node:net';

const [path = '', port = ''] = process.argv.slice(2);

const server = createServer({ allowHalfOpen: true }, (inside) => {
  const outside = connect({ path, allowHalfOpen: true });
  inside.on('error', () => outside.destroy());
  outside.on('error', () => inside.destroy());
  inside.pipe(outside).pipe(inside);
});
server.once('error', (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});
server.listen(Number(port), '127.0.0.1', () => process.stdout.write('ready\n'));
process.stdin.resume().once('end', () => process.exit(0));
