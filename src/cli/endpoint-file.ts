import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isObject } from '../core/json.ts';
import { readPrivate, replacePrivate } from './private-file.ts';

/** The gateway that runs from this home, as `tools` and `call` find it. */
export interface RunningGateway {
  readonly endpoint: string;
  readonly pid: number;
  /** Whether it asks for the token of this home. */
  readonly auth: 'token' | 'none';
}

function endpointPath(home: string): string {
  return join(home, 'endpoint.json');
}

/** Says where the gateway is. With several from one home, the last to start is the one that is found. */
export async function writeEndpoint(home: string, gateway: RunningGateway): Promise<void> {
  await replacePrivate(endpointPath(home), `${JSON.stringify(gateway)}\n`);
}

/** The gateway that last said where it is, or null; one that died without taking its word back is null as well. */
export async function readEndpoint(home: string): Promise<RunningGateway | null> {
  const gateway = parse(await readPrivate(endpointPath(home)));
  return gateway !== null && isAlive(gateway.pid) ? gateway : null;
}

/** Takes our word back, and leaves that of a gateway which started after us. */
export async function removeEndpoint(home: string, pid: number): Promise<void> {
  const path = endpointPath(home);
  if (parse(await readPrivate(path))?.pid === pid) await rm(path, { force: true });
}

function parse(text: string | null): RunningGateway | null {
  if (text === null) return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isObject(value)) return null;
  const { endpoint, pid, auth } = value;
  if (typeof endpoint !== 'string' || !URL.canParse(endpoint)) return null;
  if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid <= 0) return null;
  return auth === 'token' || auth === 'none' ? { endpoint, pid, auth } : null;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is there and belongs to somebody else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
