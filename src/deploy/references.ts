import type { References } from './target.ts';

const REFERENCE = /\$\$\{|\$\{([^}]*)\}/g;
const VARIABLE = /^(?:env:)?([A-Za-z_]\w*)(:-)?/;

/** What a configuration refers to, by the text of its file. Names only; each once, in the order of the alphabet. */
export function referencesOf(text: string): References {
  const variables = new Map<string, boolean>();
  const secrets = new Set<string>();
  const credentials = new Set<string>();
  for (const [, reference = ''] of text.matchAll(REFERENCE)) {
    const [, kind, name = ''] = /^(secret|file):(.*)$/.exec(reference) ?? [];
    if (kind === 'secret') secrets.add(name);
    else if (kind === 'file') {
      if (/^[\w.-]+$/.test(name)) credentials.add(name);
    } else {
      const [, variable, byDefault] = VARIABLE.exec(reference) ?? [];
      if (variable === undefined || NOT_OF_THE_ENVIRONMENT.test(reference)) continue;
      variables.set(variable, (variables.get(variable) ?? false) || byDefault === undefined);
    }
  }
  return {
    variables: [...variables]
      .map(([name, required]) => ({ name, required }))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    secrets: [...secrets].toSorted(),
    credentials: [...credentials].toSorted(),
  };
}

/** What editors put in place, and what only a call knows. */
const NOT_OF_THE_ENVIRONMENT =
  /^(?:userHome|workspaceFolder|workspaceFolderBasename|pathSeparator|principal\.|header:)/;
