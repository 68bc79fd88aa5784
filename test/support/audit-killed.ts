// Writes a log until it kills itself, with a batch on its way.
import { openKeys } from '../../src/audit/keys.ts';
import { event } from '../../src/audit/testing.ts';
import { AuditWriter } from '../../src/audit/writer.ts';

const [path = '', keys = ''] = process.argv.slice(2);
const writer = await AuditWriter.open({
  path,
  keys: await openKeys(keys),
  durable: false,
  fileBytes: 1e9,
  checkpoint: () => {},
  onLoss: () => {},
});
for (let i = 0; i < 200; i++) await writer.record(event());
for (let i = 0; i < 5000; i++) writer.write(event());
setImmediate(() => setImmediate(() => process.kill(process.pid, 'SIGKILL')));
