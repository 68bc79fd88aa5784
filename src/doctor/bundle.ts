import { arch, platform, release } from 'node:os';
import { isObject, type JsonObject, type JsonValue } from '../core/json.ts';
import { ownVersion } from '../gateway/house.ts';
import { createEngine } from '../pii/engine.ts';
import type { Patient } from './patient.ts';
import type { Outcome } from './run.ts';

/** Below this the engine guesses; a support file would rather lose a word too many. */
const THRESHOLD = 0.3;
/** What all installations share, and what somebody has to see who is to help. */
const HARMLESS = /^(?:127\.0\.0\.1|0\.0\.0\.0|::1|::)$/;

/**
 * What somebody needs who is to help: versions, the outcomes, and the configuration as it was written. No secret and no
 * personal value is in it: secrets by what the config and the home know of them, the rest by the engine of the guard.
 */
export function supportBundle(outcomes: readonly Outcome[], patient: Patient, user: string): JsonObject {
  const { config, site, home } = patient;
  const engine = createEngine({ threshold: THRESHOLD });
  const clean = (text: string): string => {
    const known = config?.loaded?.secrets.redact(text) ?? text;
    const bare = [site?.token, home, user].reduce<string>(
      (rest, each, index) =>
        each === undefined || each.length < 2 ? rest : rest.replaceAll(each, STANDINS[index] ?? ''),
      known,
    );
    return engine
      .scan(bare)
      .toSorted((a, b) => b.start - a.start)
      .reduce((rest, { type, start, end }) => {
        const isHarmless = HARMLESS.test(rest.slice(start, end));
        return isHarmless ? rest : `${rest.slice(0, start)}[${type}]${rest.slice(end)}`;
      }, bare);
  };
  const shown = config?.loaded?.shown;
  return {
    versions: {
      sallyport: ownVersion(),
      node: process.version,
      system: `${platform()} ${release()} ${arch()}`,
    },
    outcomes: outcomes.map(({ name, verdict, says, fix, details, ms }) => ({
      name,
      verdict,
      ms,
      ...cleaned({ says, ...(fix !== undefined && { fix }), details: [...(details ?? [])] }, clean),
    })),
    config: shown === undefined ? null : cleanedValue(withoutUsers(JSON.parse(JSON.stringify(shown))), clean),
  };
}

/** In the order of what they stand for: the token, the home, the folder of the user. */
const STANDINS = ['[token]', '[home]', '~'];

function cleaned(value: JsonObject, clean: (text: string) => string): JsonObject {
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [clean(key), cleanedValue(each, clean)]),
  );
}

function cleanedValue(value: JsonValue, clean: (text: string) => string): JsonValue {
  if (typeof value === 'string') return clean(value);
  if (Array.isArray(value)) return value.map((each) => cleanedValue(each, clean));
  return isObject(value) ? cleaned(value, clean) : value;
}

/** Under `auth.basic` the keys are names of people. */
function withoutUsers(shown: JsonValue): JsonValue {
  if (!isObject(shown) || !isObject(shown['auth']) || !isObject(shown['auth']['basic'])) return shown;
  const { basic, ...auth } = shown['auth'];
  const count = isObject(basic) ? Object.keys(basic).length : 0;
  return { ...shown, auth: { ...auth, basic: `(${count} users)` } };
}
