import type { Config } from '../config/schema.ts';
import type { Asked, Deployment, Target } from './target.ts';

/** A gateway that has said nothing for so long hangs. */
const WATCHDOG_SECONDS = 60;

export const systemd: Target = {
  name: 'systemd',
  summary: 'a unit with a user of its own and little else',
  build: buildSystemd,
  proofs: [
    {
      program: 'systemd-analyze',
      // The program may be another machine's, and what is wrong with a unit is not that it is not installed here.
      stage: (files) =>
        files.map(({ path, text }) => ({
          path,
          text: text.replace(/^ExecStart=\S+/m, 'ExecStart=/bin/true'),
        })),
      args: (_files, folder) => ['verify', '--man=no', `${folder}/sallyport.service`],
      accepts: (printed) => !/sallyport\.service/.test(printed),
    },
    {
      program: 'systemd-analyze',
      args: (_files, folder) => [
        'security',
        '--offline=true',
        '--threshold=25',
        '--no-pager',
        `${folder}/sallyport.service`,
      ],
    },
  ],
};

/**
 * A unit that starts the gateway as a user of its own, and the line for sysusers.d that makes this user. It is not one
 * that exists only while it runs (`DynamicUser`): somebody has to make tokens as the same user.
 *
 * Not here: `MemoryDenyWriteExecute`, since the JavaScript engine makes machine code while it runs; and
 * `RestrictNamespaces` where a server has a sandbox or a container, which are made of namespaces.
 */
export function buildSystemd(config: Config, asked: Asked): Deployment {
  const { references } = asked;
  const isContained = config.servers.some(
    (server) => server.kind === 'container' || (server.kind === 'stdio' && server.sandbox !== undefined),
  );
  const privileged = config.listen.port < 1024 || (config.listen.tls?.redirect?.port ?? 1024) < 1024;
  const capabilities = privileged ? 'CAP_NET_BIND_SERVICE' : '';
  const credentials = references.credentials.map(
    (name) => `LoadCredential=${name}:/etc/sallyport/credentials/${name}`,
  );
  // What the servers may take is theirs to need: they run below the gateway, and share its limits.
  const text = `[Unit]
Description=Sallyport, a gateway for MCP servers
Documentation=man:sallyport(1)
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=300
StartLimitBurst=10

[Service]
# Ready is said when every server is ready or has failed, and from then on that it lives.
Type=notify
# It is said by systemd-notify, which the gateway starts.
NotifyAccess=all
WatchdogSec=${WATCHDOG_SECONDS}
TimeoutStartSec=${seconds(config.timeouts.startMs) + 30}
TimeoutStopSec=${seconds(config.timeouts.drainMs + config.timeouts.stopMs) + 10}
ExecStart=${asked.program} up --json --config ${asked.configFile}
# The line on standard output is for programs, and has the token in it. The log is on standard error.
StandardOutput=null
ExecReload=/bin/kill -HUP $MAINPID
Restart=on-failure
RestartSec=2
KillMode=mixed

# Who it is, and what it may write to.
User=sallyport
Group=sallyport
StateDirectory=sallyport
StateDirectoryMode=0700
CacheDirectory=sallyport
CacheDirectoryMode=0700
Environment=SALLYPORT_HOME=/var/lib/sallyport
Environment=HOME=/var/cache/sallyport
Environment=NODE_ENV=production
EnvironmentFile=-/etc/sallyport/env
${credentials.length > 0 ? `${credentials.join('\n')}\n` : ''}WorkingDirectory=/var/lib/sallyport
UMask=0077

NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
PrivateMounts=yes
${capabilities ? '' : 'PrivateUsers=yes\n'}ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
${isContained ? '' : 'ProcSubset=pid\nRestrictNamespaces=yes\n'}LockPersonality=yes
RemoveIPC=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX${isContained ? ' AF_NETLINK' : ''}
SystemCallArchitectures=native
SystemCallFilter=@system-service${isContained ? ' @mount' : ''}
SystemCallFilter=~@privileged @resources${isContained ? '' : ' @mount'}
${isContained ? 'SystemCallFilter=@mount @setuid\n' : ''}# Whoever tries one of the others hears no, and goes on.
SystemCallErrorNumber=EPERM
CapabilityBoundingSet=${capabilities}
AmbientCapabilities=${capabilities}
LimitNOFILE=65536
TasksMax=4096

[Install]
WantedBy=multi-user.target
`;
  return {
    files: [
      { path: 'sallyport.service', text },
      { path: 'sysusers.conf', text: 'u sallyport - "Sallyport" /var/lib/sallyport\n' },
    ],
    notes: notesOf(config, asked, isContained),
  };
}

function notesOf(config: Config, { references }: Asked, isContained: boolean): string[] {
  return [
    ...(isContained
      ? ['A server has a container or a sandbox: namespaces are allowed, and an engine needs its own rights.']
      : []),
    ...references.secrets.map(
      (name) => `The secret ${name} is set as the service: see deploy.md, "Secrets of the service".`,
    ),
    ...references.credentials.map(
      (name) => `\${file:${name}} is read from /etc/sallyport/credentials/${name} (root, 0600).`,
    ),
    ...(config.servers.some(({ kind }) => kind === 'stdio')
      ? [
          'Local servers see nothing of /home, and write to /var/lib/sallyport, /var/cache/sallyport and /tmp only.',
        ]
      : []),
  ];
}

function seconds(ms: number): number {
  return Math.ceil(ms / 1000);
}
