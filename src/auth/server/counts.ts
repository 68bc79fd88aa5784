import type { AuthorizationCounts } from '../../core/own-authorization.ts';
import type { Records } from '../../store/records.ts';
import { listClients } from './clients.ts';
import { Users } from './users.ts';

/** How much an authorization server knows of. */
export function countsOf(records: Records): AuthorizationCounts {
  const users = new Users(records).list();
  const clients = listClients(records);
  const countOf = (kind: string): number => records.list(kind).length;
  return {
    users: users.length,
    disabledUsers: users.filter(({ isDisabled }) => isDisabled).length,
    clients: clients.filter(({ isDynamic }) => !isDynamic).length,
    registeredClients: clients.filter(({ isDynamic }) => isDynamic).length,
    grants: countOf('Grant'),
    accessTokens: countOf('AccessToken') + countOf('ClientCredentials'),
  };
}
