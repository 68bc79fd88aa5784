import { failure, type Failure } from '../../core/reply.ts';
import { errorText } from '../../wire/jsonrpc.ts';
import { block, literal } from './text.ts';

/** What nginx refuses itself, said as the gateway says it: a client finds one kind of error in front and behind. */
const REFUSALS: ReadonlyMap<number, Failure> = new Map([
  [401, failure('unauthorized')],
  [403, failure('address_not_allowed')],
  [404, failure('no_such_path', 'The endpoint is /mcp.')],
  [413, failure('body_too_large')],
  [429, failure('rate_limited')],
  [502, failure('gateway_unavailable')],
  [503, failure('gateway_unavailable')],
  [504, failure('gateway_unavailable')],
]);

/** The answers of the gateway are not touched: `proxy_intercept_errors` is off. */
export function errorPages(): string[] {
  return [...REFUSALS.keys()].map((status) => `error_page ${status} ${place(status)};`);
}

/** Where those lead to. */
export function errorPlaces(): string[] {
  return [...REFUSALS].flatMap(([status, { error }]) =>
    block(`location ${place(status)}`, [
      'internal;',
      'default_type application/json;',
      `return ${status} ${literal(errorText(null, error))};`,
    ]),
  );
}

function place(status: number): string {
  return `@refused_${status}`;
}
