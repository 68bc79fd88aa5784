// Writes docs/configuration.md. A test fails when the file says something else than the schema.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { configurationPage } from '../src/config/docs.ts';

writeFileSync(join(import.meta.dirname, '../docs/configuration.md'), configurationPage());
