import { publicSchema } from '../../config/json-schema.ts';
import { EXIT } from '../exit-codes.ts';
import type { Io } from '../io.ts';

/** `sallyport schema`: the JSON Schema of the configuration (draft 7), for editors and other programs. */
export async function schema(io: Pick<Io, 'stdout'>): Promise<number> {
  io.stdout.write(`${JSON.stringify(publicSchema(), null, 2)}\n`);
  return EXIT.OK;
}
