import { addressOf } from '../../config/own-address.ts';
import type { AuthConfig } from '../../config/auth.ts';
import type { OwnAuthorization } from '../../core/own-authorization.ts';
import type { Surroundings } from '../builtin.ts';
import { type Http, httpTo } from './http.ts';
import { ToolFailure } from './tool.ts';

/** What the server looks at: the gateway that it is part of, or one that its options name. */
export interface Place {
  /** Its address, without a slash at its end. */
  readonly base: string;
  /** Undefined where the server runs alone, or nobody but its own tokens is configured. */
  readonly auth: AuthConfig | undefined;
  /** The authorization server in the same process. */
  readonly own: OwnAuthorization | undefined;
  readonly http: Http;
}

/**
 * @param gateway of the options: it goes before the one around
 * @throws {ToolFailure} when there is none to look at
 */
export function placeOf(gateway: string | undefined, around: Surroundings | undefined): Place {
  if (gateway !== undefined)
    return { base: gateway, auth: undefined, own: undefined, http: httpTo([gateway]) };
  if (!around)
    throw new ToolFailure(
      'There is no gateway to look at: name one with the option `gateway` of this server.',
    );
  const { publicUrl, listen, auth } = around.config();
  const base = (publicUrl ?? addressOf(listen)).replace(/\/+$/, '');
  const own = around.authorization?.();
  // Behind a name that leads into the own network, an issuer is looked at only where its tokens are taken as well.
  const issuers = (auth?.issuers ?? [])
    .filter(({ allowPrivate }) => allowPrivate)
    .map(({ issuer }) => issuer);
  return { base, auth, own, http: httpTo([base, ...(own ? [own.issuer] : []), ...issuers]) };
}
