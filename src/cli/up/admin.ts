import { type Admin, openAdmin } from '../../admin/server.ts';
import type { Administered } from '../../admin/report.ts';
import type { Logger } from '../../telemetry/log.ts';
import { errorMessage } from '../failure.ts';
import { version } from '../version.ts';

/** Opens the admin socket. A gateway without one serves just as well; only `status` and its like do not find it. */
export async function offerAdmin(
  gateway: Administered,
  home: string,
  log: Logger,
): Promise<Admin | undefined> {
  try {
    return await openAdmin({ gateway, home, version: version() });
  } catch (error) {
    log.warn({ problem: errorMessage(error) }, 'no admin socket: status, logs and restart do not work');
    return undefined;
  }
}
