import { fail, type InsideCheck, ok, skip } from '../check.ts';
import type { Patient } from '../patient.ts';
import { knock } from '../knock.ts';

/** A token that was just issued is not valid yet, or one of five minutes is over, long before this. Seconds. */
const TOLERATED = 30;

export const clock: InsideCheck = {
  name: 'clock',
  side: 'inside',
  looksAt: 'the clock, against that of the public address or the issuer',
  symptoms: [
    {
      sees: 'each login works, and the token that comes of it is refused with 401; certificates are "not yet valid"',
      cause: 'The clock of this machine is wrong.',
      remedy: 'sudo timedatectl set-ntp true',
    },
  ],
  async look(patient, signal) {
    const url = reference(patient);
    if (!url) return skip('--public URL, or an issuer in the config, has a clock to compare with');
    const { dial, trust } = patient.site ?? { dial: () => undefined, trust: { ca: undefined } };
    // Nothing but the date of the answer is looked at, and a wrong clock breaks certificates first of all.
    const asked = { method: 'HEAD', once: true, unverified: true, signal };
    const answer = await knock(url, asked, dial, trust).catch(() => undefined);
    const date = Date.parse(answer?.headers.date ?? '');
    if (Number.isNaN(date)) return skip(`${url.origin} does not say what time it is`);
    const seconds = Math.round((patient.now() - date) / 1000);
    if (Math.abs(seconds) <= TOLERATED) return ok(`within ${TOLERATED} s of ${url.host}`);
    return fail(
      `this machine is ${Math.abs(seconds)} s ${seconds > 0 ? 'ahead of' : 'behind'} ${url.host}`,
      'sudo timedatectl set-ntp true',
    );
  },
};

function reference({ site, config }: Patient): URL | undefined {
  const issuer = config?.loaded?.config.auth?.issuers[0]?.issuer;
  return site?.endpoint ?? (issuer === undefined ? undefined : new URL(issuer));
}
