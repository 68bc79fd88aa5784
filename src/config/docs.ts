import { FOREIGN_SERVER_KEYS } from './foreign-keys.ts';
import { ownSchema, type JsonSchema } from './json-schema.ts';

const INTRODUCTION = `# Configuration

<!-- Written by scripts/generate-config-docs.mjs from src/config. To change it, change the schema and run the script. -->

Sallyport reads one file: the one of \`--config\`, else \`sallyport.yaml\`, \`sallyport.yml\` or \`sallyport.json\` in the working
directory. Without a file it serves the built-in \`net\` server. YAML 1.2, or JSON with comments and trailing commas.

\`\`\`yaml
listen: 127.0.0.1:8080
mcpServers:
  files:
    command: npx
    args: [-y, '@modelcontextprotocol/server-filesystem', /srv/files]
  github:
    url: https://api.githubcopilot.com/mcp/
    headers:
      Authorization: Bearer \${env:GITHUB_TOKEN}
  net:
    builtin: net
\`\`\`

\`sallyport validate\` shows every mistake in it with its place, \`sallyport schema\` prints its JSON Schema for editors.

## Files of other clients

The \`mcp.json\` of Cursor, Claude Desktop, Claude Code, VS Code, Windsurf, Cline and others is a configuration as it is:
\`sallyport up --config ~/.cursor/mcp.json\`. Servers that are switched off there (\`disabled\`, \`enabled\`, \`isActive\`) are left
out. \`servers\` is read as \`mcpServers\`, \`serverUrl\` and \`httpUrl\` as \`url\`, \`transport\` and \`transportType\` as \`type\`, and
\`type: streamable-http\` as \`http\`. A name that cannot stand in a URL is made plain: \`@21st-dev/magic\` is \`21st-dev-magic\`.

Other keys of those clients have no effect here and are passed over with a note; any key that is not known at all is a
mistake. Passed over in a server are: FOREIGN_KEYS.

## Variables

References in text values are resolved when the file is read. What they stand for is not looked through again, and is never
shown or logged.

- \`\${env:NAME}\`, or \`\${NAME}\` as in Claude Code: an environment variable. One that is not set is a mistake, unless there is
  a default: \`\${env:NAME:-default}\`.
- \`\${file:PATH}\`: what a file says, without one line break at its end. The path is relative to the configuration's folder.
  A plain name that is no file there is one of the credentials of systemd (\`$CREDENTIALS_DIRECTORY\`) or of a container
  (\`/run/secrets\`).
- \`\${secret:NAME}\`: what \`sallyport secret set NAME\` keeps, encrypted.
- \`\${userHome}\`, \`\${workspaceFolder}\` (the configuration's folder), \`\${workspaceFolderBasename}\`, \`\${pathSeparator}\` and
  \`\${/}\`, as in VS Code and Cursor.
- \`$\${\`: the characters \`\${\`.

A file of \`\${file:…}\` or \`envFile\` that others may read is a mistake: \`chmod 600\` it ([secrets.md](secrets.md)).

VS Code's \`\${input:…}\` is a mistake: a gateway has nobody to ask. Write \`\${env:NAME}\` instead.

## Names of servers

1 to 64 letters, digits, \`-\`, \`.\` and \`_\`; no \`__\`, which parts a server from its tool in \`<server>__<tool>\`, and no \`_\` at the
end. Two names must differ by more than upper and lower case.

## Reload

The file, and every file it takes a value from, is watched; \`SIGHUP\` reads it at once. Servers whose entry changed are
started anew, and the others keep their sessions. A file with mistakes is refused, and the old configuration stays. A
changed \`listen\` takes effect at the next start.

## Keys

Only \`mcpServers\` is needed.
`;

/** docs/configuration.md. */
export function configurationPage(): string {
  const { properties = {} } = ownSchema();
  const foreign = [...FOREIGN_SERVER_KEYS.keys()].map(code).join(', ');
  const sections = Object.entries(properties)
    .filter(([key]) => key !== '$schema')
    .map(([key, schema]) => section(key, schema));
  return [INTRODUCTION.replace('FOREIGN_KEYS', foreign), ...sections].join('\n');
}

function section(key: string, schema: JsonSchema): string {
  const body = key === 'mcpServers' ? servers(schema) : listOf(schema);
  return `### ${code(key)}\n\n${schema.description ?? ''}${facts(schema)}\n${body === '' ? '' : `\n${body}`}`;
}

function servers(schema: JsonSchema): string {
  const entry = schema.additionalProperties;
  const shapes = typeof entry === 'object' ? (entry.anyOf ?? []) : [];
  return shapes
    .map(
      (shape) =>
        `#### With ${(shape.required ?? []).map(code).join(', ')}\n\n${shape.description ?? ''}\n\n${listOf(shape)}`,
    )
    .join('\n');
}

/** The keys of a map, one a line. */
function listOf({ properties, required = [] }: JsonSchema): string {
  return Object.entries(properties ?? {})
    .map(([key, schema]) => {
      const need = required.includes(key) ? ' (required)' : '';
      return `- ${code(key)}${need}: ${schema.description ?? ''}${facts(schema)}\n`;
    })
    .join('');
}

/** Default, choices and examples, as sentences. */
function facts(schema: JsonSchema): string {
  const { default: preset, enum: choices, examples = [] } = schema;
  const sentences = [
    choices ? `One of ${choices.map(value).join(', ')}.` : '',
    isEmpty(preset) ? '' : `Default: ${value(preset)}.`,
    examples.length > 0 ? `Examples: ${examples.map(value).join(', ')}.` : '',
  ];
  return sentences
    .filter((sentence) => sentence !== '')
    .map((sentence) => ` ${sentence}`)
    .join('');
}

function isEmpty(preset: unknown): boolean {
  return (
    preset === undefined ||
    (typeof preset === 'object' && preset !== null && Object.keys(preset).length === 0)
  );
}

function value(data: unknown): string {
  return code(typeof data === 'string' ? data : JSON.stringify(data));
}

function code(text: string): string {
  return `\`${text}\``;
}
