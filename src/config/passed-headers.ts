import { z } from 'zod';
import { readable } from './fields.ts';
import type { Problem } from './units.ts';

/** Headers that are for the gateway, or that HTTP needs: a server never gets to see them. */
const NOT_PASSED =
  /^(authorization|proxy-.*|cookie|host|connection|content-.*|transfer-encoding|te|trailer|upgrade|expect|origin|forwarded|x-forwarded-.*|mcp-.*|sec-.*|accept.*)$/;

/** The key of a server that lets `${header:NAME}` stand in its entry. */
export const passHeaders = z
  .array(
    z.string().check(
      readable((name) => {
        const problem = whyNot(name);
        return problem ?? { value: name };
      }),
    ),
  )
  .optional()
  .describe(
    'Headers of the client’s request that `${header:NAME}` in env, args and headers may name: X-Api-Key. Each value gets a process of its own. Never Authorization: a token of this gateway is for nobody else.',
  )
  .meta({ examples: [['X-Api-Key']] });

function whyNot(name: string): Problem | undefined {
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name)) return { problem: 'This cannot be the name of a header.' };
  if (!NOT_PASSED.test(name.toLowerCase())) return undefined;
  return {
    problem: 'This header is not for a server.',
    hint: 'Let clients send what the server needs in a header of its own, such as X-Api-Key.',
  };
}
