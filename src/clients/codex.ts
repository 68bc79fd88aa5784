import { type ClientFile, underHome } from './client-file.ts';

/** The variable that the token is taken from: Codex refuses a token that stands in the file itself. */
export const CODEX_VARIABLE = 'SALLYPORT_TOKEN';

/** Codex, on the command line, in editors and in ChatGPT's desktop app (https://developers.openai.com/codex/mcp). */
export const codexFile: ClientFile = {
  id: 'codex',
  title: 'Codex',
  place: (machine) => underHome(machine, '.codex', 'config.toml'),
  syntax: 'toml',
  section: 'mcp_servers',
  entry: ({ endpoint, token }) => ({
    url: endpoint,
    ...(token !== null && { bearer_token_env_var: CODEX_VARIABLE }),
  }),
  after: ({ name, token }) =>
    token === null
      ? `Without a token Codex logs in: codex mcp login ${name}`
      : `Codex takes the token from the variable ${CODEX_VARIABLE}: set it where Codex is started.`,
};
