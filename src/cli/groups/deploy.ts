import { InvalidArgumentError, Option } from 'commander';
import { TARGET_NAMES } from '../../deploy/names.ts';
import type { DeployOptions } from '../commands/deploy.ts';
import type { AddCommands } from './group.ts';

/** `sallyport deploy` */
export const deployCommand: AddCommands = (program, { terminal, finish }) => {
  program
    .command('deploy')
    .summary('write what puts it online: nginx, systemd, containers, a tunnel')
    .description(
      `Writes the files of a target for this config. What was changed by hand is written over only with --force. Targets: ${TARGET_NAMES.join(', ')}.`,
    )
    .argument('<target>', 'what to write')
    .option('-c, --config <file>', 'the config (default: ./sallyport.yaml)')
    .option('--out <dir>', 'the folder to write into (default: ./deploy/TARGET)')
    .option('--dry-run', 'print the files, and write nothing')
    .option('--diff', 'print what would change, and write nothing')
    .option(
      '--check',
      'exit with 1 when a file is not as it would be written, or its program does not take it',
    )
    .option('--force', 'write over what was changed by hand')
    .option(
      '--instance <host:port>',
      'a gateway behind the proxy; may be repeated (default: where the config listens)',
      collect,
    )
    .option('--nginx-version <version>', 'that of the nginx it is for (default: that of this machine)')
    .addOption(new Option('--http-port <port>', 'of the proxy').argParser(whole).default(80))
    .addOption(new Option('--https-port <port>', 'of the proxy').argParser(whole).default(443))
    .option('--no-ipv6', 'for machines without IPv6')
    .option('--certificate <file>', "the proxy's certificate (default: where certbot puts it)")
    .option('--key <file>', 'its key')
    .option('--acme-root <dir>', 'where certbot puts its answers', '/var/www/acme')
    .option('--logs <dir>', "the folder of the proxy's log", '/var/log/nginx')
    .addOption(
      new Option('--rate <n>', 'requests of one address in a second, at the proxy')
        .argParser(whole)
        .default(50),
    )
    .addOption(
      new Option('--burst <n>', 'how many of them may come before their time').argParser(whole).default(100),
    )
    .option(
      '--allow <address>',
      'an address or network that is let in; may be repeated (default: auth.ipAllow, else all)',
      collect,
    )
    .option('--basic-auth <file>', 'passwords for the proxy to ask for, as htpasswd writes them')
    .option('--auth-request', 'let nginx ask the gateway who calls: its log then has user_email')
    .option('--base <image>', 'the image of Node to build on, with its digest')
    .option('--image <name=image>', 'nginx=… or certbot=…, with its digest; may be repeated', collect)
    .option('--program <path>', 'where sallyport is on the machine it is for', '/usr/bin/sallyport')
    .option('--config-file <path>', 'where the config is there', '/etc/sallyport/sallyport.yaml')
    .action(async (target: string, options: DeployOptions) => {
      const { deploy } = await import('../commands/deploy.ts');
      finish(await deploy(target, options, terminal));
    });
};

/** The values of an option that may be repeated. */
function collect(value: string, earlier: readonly string[] = []): string[] {
  return [...earlier, value];
}

function whole(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535 && Number(text) > 0) return Number(text);
  throw new InvalidArgumentError('It is a number from 1 to 65535.');
}
