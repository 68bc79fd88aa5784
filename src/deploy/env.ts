import type { Config } from '../config/schema.ts';
import type { Asked, DeployFile, Deployment, Target } from './target.ts';

export const env: Target = {
  name: 'env',
  summary: 'a template of the environment, without a secret in it',
  build: buildEnv,
};

export function buildEnv(_config: Config, asked: Asked): Deployment {
  return {
    files: [envTemplate(asked, [])],
    notes: ['Copy it to .env (chmod 600), and fill it in there: what has a value is not for git.'],
  };
}

/** The variables that the configuration names, each empty. The values are for whoever runs it. */
export function envTemplate({ references }: Asked, more: readonly string[]): DeployFile {
  const { variables, secrets, credentials } = references;
  const required = variables.filter(({ required: isRequired }) => isRequired);
  const optional = variables.filter(({ required: isRequired }) => !isRequired);
  const sections = [
    ['# Of whom nothing is known but the name: fill in the values in a copy, with chmod 600.'],
    more,
    required.length > 0 ? ['# The config needs these.', ...required.map(({ name }) => `${name}=`)] : [],
    optional.length > 0
      ? ['# The config has defaults for these.', ...optional.map(({ name }) => `#${name}=`)]
      : [],
    secrets.length > 0
      ? ['# These are no variables: sallyport secret set NAME', ...secrets.map((name) => `# ${name}`)]
      : [],
    credentials.length > 0
      ? [
          '# These are files: credentials of systemd, or secrets of a container.',
          ...credentials.map((name) => `# ${name}`),
        ]
      : [],
  ];
  const text = sections
    .filter((section) => section.length > 0)
    .map((section) => `${section.join('\n')}\n`)
    .join('\n');
  return { path: '.env.example', text };
}
