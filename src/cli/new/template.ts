/** A file of a new server: where, in its folder, and what is in it. */
export type NewFile = readonly [path: string, text: string];

/** How a server in some language is begun. */
export interface Template {
  /** The files of a server with this name. */
  files(name: string): readonly NewFile[];
  /** How the server is started in its folder, as the config says it. */
  readonly command: string;
  readonly args: readonly string[];
  /** What to do before it can start, a command each. */
  readonly prepare: readonly string[];
  readonly test: string;
}

/** The config beside the server: `sallyport up` in the folder serves it. */
export function configOf(name: string, { command, args }: Template): NewFile {
  return [
    'sallyport.yaml',
    `# \`sallyport up\` in this folder serves what is here. All settings: \`sallyport schema\`.
listen: 127.0.0.1:8080

mcpServers:
  ${name}:
    command: ${command}
    args: [${args.join(', ')}]
`,
  ];
}

/** The page beside the server. */
export function readmeOf(name: string, template: Template, main: string): NewFile {
  return [
    'README.md',
    `# ${name}

An MCP server with one tool, \`count_words\`, in [${main}](${main}). Change it, or put others beside it.

\`\`\`sh
${[...template.prepare, template.test].join('\n')}
\`\`\`

## Online

\`sallyport.yaml\` has its entry, so this serves it with a token, at http://127.0.0.1:8080/mcp:

\`\`\`sh
sallyport up
sallyport call count_words '{"text": "one two three"}'
\`\`\`

In the config of a gateway that runs elsewhere, its entry needs the folder:

\`\`\`yaml
mcpServers:
  ${name}:
    command: ${template.command}
    args: [${template.args.join(', ')}]
    cwd: /path/to/${name}
\`\`\`

## In a container

\`\`\`sh
docker build -t ${name} .
\`\`\`

\`\`\`yaml
mcpServers:
  ${name}:
    container: { image: ${name} }
\`\`\`
`,
  ];
}
