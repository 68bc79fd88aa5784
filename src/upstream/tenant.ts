import type { Isolation } from '../config/isolation.ts';
import type { Call, CallSession } from '../core/call.ts';
import { canonical } from '../core/canonical.ts';
import type { JsonObject } from '../core/json.ts';
import { NOTHING } from '../core/questions.ts';

/** Whose a process is. */
export interface Tenant {
  /** Two tenants of the same key share their processes; and no others do. */
  readonly key: string;
  /** Undefined: everybody's. */
  readonly principal: string | undefined;
  readonly session?: CallSession | undefined;
}

const EVERYBODY: Tenant = { key: '', principal: undefined };

/** Whose process a call belongs in. Clients without sessions share what is their user's. */
export function tenantOf(call: Pick<Call, 'principal' | 'session'>, isolation: Isolation): Tenant {
  if (isolation === 'shared') return EVERYBODY;
  const { principal, session } = call;
  if (isolation === 'session' && session)
    return { key: `${owner(principal.id)} ${session.id}`, principal: principal.id, session };
  return { key: owner(principal.id), principal: principal.id };
}

/** The length in front: the id of a principal is any text, and must not be mistaken for another one with more behind. */
function owner(principal: string): string {
  return `${principal.length} ${principal}`;
}

/** A tenant's calls from clients that can be asked these things. */
export function laneKey(tenant: Tenant, capabilities: JsonObject): string {
  return capabilities === NOTHING ? `${tenant.key} ` : `${tenant.key} ${canonical(capabilities)}`;
}
