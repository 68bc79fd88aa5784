import { loadApart } from '../../config/apart.ts';
import { ConfigError, renderDiagnostics } from '../../config/diagnose.ts';
import { findConfig } from '../../config/find.ts';
import type { Config } from '../../config/schema.ts';
import { isObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { Principal } from '../../core/principal.ts';
import { type Decision, decide } from '../../policy/authorize.ts';
import { compileRules, type Target } from '../../policy/rule.ts';
import { unqualify } from '../../router/naming.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { errorMessage, Failure } from '../failure.ts';
import type { Terminal } from '../terminal.ts';

export interface ExplainOptions {
  readonly config?: string;
  readonly as?: string;
  readonly role?: string;
  readonly client?: string;
  readonly scope?: string;
  readonly server?: string;
  readonly tool?: string;
  readonly args?: string;
  readonly prompt?: string;
  readonly resource?: string;
  readonly json?: boolean;
}

/** `sallyport explain`: the same decision that a gateway makes, with its reason. */
export async function explain(options: ExplainOptions, terminal: Terminal): Promise<ExitCode> {
  const file = options.config ?? (await findConfig(terminal.cwd));
  if (file === undefined)
    throw new Failure(EXIT.USAGE, 'there is no sallyport.yaml here', ['--config FILE   names another one']);
  try {
    const { config } = await loadApart(file, { env: terminal.env, cwd: terminal.cwd });
    return await answer(config, options, terminal);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    terminal.stderr.write(renderDiagnostics(error.diagnostics, { color: terminal.color }));
    return EXIT.FAILED;
  }
}

async function answer(config: Config, options: ExplainOptions, terminal: Terminal): Promise<ExitCode> {
  const target = targetOf(config, options);
  if (!config.rules) {
    terminal.stderr.write('There are no rules: everybody who is let in may do everything.\n');
    if (options.json) terminal.stdout.write(`${JSON.stringify({ allowed: true, rule: null })}\n`);
    return EXIT.OK;
  }
  const { compileCondition } = await import('../../policy/condition.ts');
  const decision = decide(compileRules(config.rules, compileCondition), principalOf(options), target);
  const needs = 'needs' in decision ? decision.needs : undefined;
  if (options.json)
    terminal.stdout.write(
      `${JSON.stringify({ allowed: decision.allowed, rule: decision.rule?.name ?? null, ...(needs && { needs }) })}\n`,
    );
  else terminal.stdout.write(`${sentence(decision)}\n`);
  return decision.allowed ? EXIT.OK : EXIT.FAILED;
}

function sentence(decision: Decision): string {
  if (decision.allowed) return `Allowed by ${decision.rule.name}.`;
  if ('needs' in decision)
    return `Not with this token: ${decision.rule.name} would allow it to one for ${decision.needs.join(' ')}.`;
  return decision.rule ? `Denied by ${decision.rule.name}.` : 'Denied: no rule allows it.';
}

function principalOf({ as, role, client, scope }: ExplainOptions): Principal {
  return {
    id: 'explain',
    via: 'none',
    user: as,
    email: as?.includes('@') ? as.toLowerCase() : undefined,
    roles: words(role),
    clientId: client,
    scopes: words(scope),
  };
}

function targetOf(config: Config, options: ExplainOptions): Target {
  const { tool, prompt, resource } = options;
  const given = [tool, prompt, resource].filter((name) => name !== undefined);
  if (given.length > 1) throw new Failure(EXIT.USAGE, 'one of --tool, --prompt and --resource at a time');
  const named = tool ?? prompt;
  const qualified = named === undefined || options.server !== undefined ? undefined : unqualify(named);
  const isQualified = qualified && config.servers.some(({ name }) => name === qualified.server);
  const [only, second] = config.servers;
  const server = options.server ?? (isQualified ? qualified.server : second ? undefined : only?.name);
  if (server === undefined)
    throw new Failure(EXIT.USAGE, 'which server?', [
      `--server NAME   one of ${config.servers.map(({ name }) => name).join(', ')}`,
    ]);
  const name = isQualified ? qualified.name : named;
  if (tool !== undefined) return { server, kind: 'tool', name, args: argumentsOf(options.args) };
  if (prompt !== undefined) return { server, kind: 'prompt', name };
  if (resource !== undefined) return { server, kind: 'resource', name: resource };
  return { server, kind: 'server' };
}

function argumentsOf(text = '{}'): JsonObject {
  try {
    const value = JSON.parse(text) as JsonValue;
    if (isObject(value)) return value;
  } catch (error) {
    throw new Failure(EXIT.USAGE, `--args is not JSON: ${errorMessage(error)}`);
  }
  throw new Failure(EXIT.USAGE, '--args is not a JSON object');
}

function words(text: string | undefined): string[] | undefined {
  return text?.split(/\s+/).filter((word) => word !== '');
}
