// Preloaded into Node candidates when the memory of sessions is measured: SIGUSR2 collects the garbage, so that the
// growth is what the sessions hold, not what their opening left behind.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');
process.on('SIGUSR2', () => {
  collect();
  // What the first pass freed may have held more.
  setImmediate(() => collect());
});
