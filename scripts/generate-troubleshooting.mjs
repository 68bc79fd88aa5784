// Writes docs/troubleshooting.md. A test fails when the file says something else than the checks.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { troubleshootingPage } from '../src/doctor/docs.ts';

writeFileSync(join(import.meta.dirname, '../docs/troubleshooting.md'), troubleshootingPage());
