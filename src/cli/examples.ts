/** A command line and what it does. */
export type Example = readonly [line: string, what: string];

/** Shown below the help of a command and in docs/cli.md. By command path; every command has some; a test looks. */
export const EXAMPLES: ReadonlyMap<string, readonly Example[]> = new Map<string, readonly Example[]>([
  [
    'sallyport',
    [
      ['sallyport up', 'serve ./sallyport.yaml, or the built-in net server'],
      ['sallyport up -- npx -y @modelcontextprotocol/server-everything stdio', 'serve one command'],
      ['sallyport tools', 'list what it offers'],
    ],
  ],
  [
    'up',
    [
      ['sallyport up', 'serve ./sallyport.yaml, or the built-in net server'],
      ['sallyport up --config ~/.cursor/mcp.json', "serve the servers of another client's file as it is"],
      ['sallyport up -- npx -y @modelcontextprotocol/server-everything stdio', 'serve one command'],
      ['sallyport up --listen 127.0.0.1:0 --json', 'take a free port and say on stdout which'],
    ],
  ],
  [
    'validate',
    [
      ['sallyport validate', 'check ./sallyport.yaml'],
      ['sallyport validate mcp.json --json', 'every mistake with its place, for programs'],
    ],
  ],
  [
    'connect-client',
    [
      ['sallyport connect-client', 'which clients there are, and where their files lie'],
      ['sallyport connect-client cursor --write', "put it into Cursor's file"],
      ['sallyport connect-client claude-ai --url https://mcp.example.com/mcp', 'what to type there'],
    ],
  ],
  [
    'import',
    [
      ['sallyport import cursor', 'what would change in ./sallyport.yaml'],
      ['sallyport import ~/my-project/.mcp.json --write', "a project's file"],
    ],
  ],
  [
    'doctor',
    [
      ['sallyport doctor', 'this machine: config, files, keys, and every server once'],
      ['sallyport doctor --public https://mcp.example.com', 'and the way that clients come'],
      ['sallyport doctor --fix --bundle support.json', 'mend what is safe, and write down the rest'],
    ],
  ],
  [
    'status',
    [
      ['sallyport status', 'a table of servers and their processes'],
      ['sallyport status --watch', 'again every two seconds'],
      ["sallyport status --json | jq '.servers[].state'", 'for programs'],
    ],
  ],
  [
    'logs',
    [
      ['sallyport logs github', 'the last 100 lines'],
      ['sallyport logs github -f -n 0', 'only what comes from now on'],
    ],
  ],
  ['restart', [['sallyport restart github', 'start it afresh, for all who use it']]],
  [
    'secret',
    [
      ['sallyport secret set github', 'type it at a prompt; a config names it ${secret:github}'],
      ['sallyport secret list', 'which there are'],
    ],
  ],
  [
    'secret set',
    [
      ['sallyport secret set github', 'type it at a prompt that does not show it'],
      ['sallyport secret set tls-key < key.pem', 'from a file'],
    ],
  ],
  ['secret list', [['sallyport secret list', 'names and dates, never a value']]],
  ['secret rm', [['sallyport secret rm github', 'forget it']]],
  [
    'token',
    [
      ['sallyport token create --name ci --scope mcp.access --expires 90d', 'make one'],
      ['sallyport token list', 'which there are'],
    ],
  ],
  [
    'token create',
    [
      ['sallyport token create --name ci --expires 90d', 'for everything, for three months'],
      ['sallyport token create --name bot --scope files.read --user alice', 'for one scope, as alice'],
      ['TOKEN=$(sallyport token create --name ci)', 'the token alone goes to stdout'],
    ],
  ],
  ['token list', [['sallyport token list', 'names, scopes and dates, never a token']]],
  ['token revoke', [['sallyport token revoke ci', 'end it']]],
  ['token rotate', [['sallyport token rotate ci', 'another one of the same rights; the old one ends']]],
  [
    'explain',
    [
      ['sallyport explain --as alice --tool files__read_file', 'may she, and by which rule?'],
      [
        `sallyport explain --client ci --scope files.read --server files --tool write --args '{"path": "/srv/x"}'`,
        'with the arguments that a condition looks at',
      ],
    ],
  ],
  ['schema', [['sallyport schema > sallyport.schema.json', 'for the editor: completion and checks']]],
  [
    'tools',
    [
      ['sallyport tools', 'of the gateway that runs here'],
      ["sallyport tools --json | jq -r '.tools[].name'", 'the names alone'],
      ['sallyport tools --url https://mcp.example.com/mcp', 'of any MCP endpoint'],
    ],
  ],
  [
    'call',
    [
      [`sallyport call fetch_page '{"url": "https://example.com"}'`, 'call a tool'],
      ['sallyport call fetch_page - < arguments.json', 'the arguments from stdin'],
      [
        `sallyport call fetch_page '{"url": "https://example.com"}' --json`,
        'the result as the server sent it',
      ],
    ],
  ],
  [
    'login',
    [
      ['sallyport login linear', 'at a server of ./sallyport.yaml'],
      ['sallyport login https://mcp.example.com/mcp', 'at any remote server, for `connect`'],
      ['sallyport login linear --forget', 'as if it had never been'],
    ],
  ],
  [
    'connect',
    [
      ['sallyport connect https://mcp.example.com/mcp', 'a remote server for a client that starts commands'],
      [`sallyport connect https://mcp.example.com/mcp --header 'X-Team: 7'`, 'with a header of your own'],
      ['sallyport connect https://old.example.com/sse --transport sse', 'a server of 2024-11-05'],
    ],
  ],
  [
    'bridge',
    [
      [`sallyport bridge --stdio "uvx mcp-server-git" --port 8000`, 'serve a command at /sse and /mcp'],
      ['sallyport bridge --streamableHttp https://mcp.example.com/mcp', 'a remote server on stdio'],
    ],
  ],
  [
    'server',
    [
      ['sallyport server --list', 'which there are'],
      ['sallyport server net', 'speak MCP on stdin and stdout, for a client that starts commands'],
      [`sallyport server net --options '{"allow": ["10.0.0.0/8"]}'`, 'the same, with options of its own'],
    ],
  ],
  ['new', [['sallyport new server weather', 'an MCP server in a minute']]],
  [
    'new server',
    [
      ['sallyport new server weather', 'in TypeScript, in ./weather'],
      ['sallyport new server weather --python', 'in Python'],
    ],
  ],
  ['audit', [['sallyport audit tail -f outcome:denied', 'watch what is refused']]],
  [
    'audit tail',
    [
      ['sallyport audit tail', 'the last 20 records'],
      ['sallyport audit tail -f outcome:denied', 'watch what is refused'],
    ],
  ],
  [
    'audit search',
    [['sallyport audit search user:alice tool:net__* since:1h pii:true', 'all words have to fit']],
  ],
  ['audit top', [['sallyport audit top user outcome:denied since:1d', 'who is refused most']]],
  ['audit export', [['sallyport audit export since:30d > audit.csv', 'for a spreadsheet']]],
  ['audit verify', [['sallyport audit verify', 'ends with 1 when a record was changed, moved or taken out']]],
  ['audit report', [['sallyport audit report since:7d > week.md', 'a page on the last week']]],
  ['access', [['sallyport access errors --since 1d', 'what went wrong since yesterday']]],
  [
    'access tail',
    [
      ['sallyport access tail -f', 'watch what comes in'],
      ['sallyport access tail --status 5xx --since 1d --json', 'what failed, for programs'],
    ],
  ],
  [
    'access top',
    [
      ['sallyport access top user --status 429', 'who is turned away most often'],
      ['sallyport access top path --file /var/log/nginx/access.json', "the same of nginx's log"],
    ],
  ],
  ['access slow', [['sallyport access slow user --over 500ms', 'who waits longest']]],
  ['access errors', [['sallyport access errors client --since 2h', 'whose requests fail']]],
  ['pii', [['sallyport pii scan notes.txt', 'what is where']]],
  [
    'pii scan',
    [
      ['sallyport pii scan notes.txt', 'what is where'],
      ['sallyport pii scan < lines.jsonl', '{"id", "text"} in, {"id", "entities"} out'],
    ],
  ],
  [
    'pii mask',
    [
      ['sallyport pii mask app.log --types EMAIL_ADDRESS,PHONE_NUMBER', 'hide addresses and numbers'],
      ['sallyport pii mask --keep 4 < orders.jsonl', 'the last four characters stay'],
    ],
  ],
  [
    'pii encrypt',
    [
      ['sallyport pii encrypt notes.txt > notes.enc', 'with the keys in ./pii-keys.json'],
      ['sallyport pii encrypt notes.txt --fernet-key key.txt', "for Python's cryptography"],
    ],
  ],
  ['pii decrypt', [['sallyport pii decrypt notes.enc', 'the values are back']]],
  [
    'pii rewrap',
    [
      ['sallyport pii rewrap --rotate', 'a new key encrypts from now on'],
      ['sallyport pii rewrap notes.enc > notes.new', 'with the newest key'],
      ['sallyport pii rewrap old.txt --fernet-key key.txt', 'take in Fernet tokens'],
    ],
  ],
  ['pii eval', [['sallyport pii eval labelled.jsonl', 'precision and recall by type']]],
  ['pins', [['sallyport pins diff', 'what changed since somebody looked']]],
  ['pins list', [['sallyport pins list', 'what is pinned, and what waits']]],
  ['pins diff', [['sallyport pins diff files', 'what one server changed']]],
  [
    'pins accept',
    [
      ['sallyport pins accept files', 'agree to everything that this server says now'],
      ['sallyport pins accept files read_file', 'agree to one tool'],
    ],
  ],
  [
    'user',
    [
      ['sallyport user add alice', 'type the password at a prompt that does not show it'],
      ['sallyport user disable alice', 'their sessions and tokens end as well'],
    ],
  ],
  [
    'user add',
    [
      ['sallyport user add alice --email alice@example.com --role dev', 'what rules and servers know of her'],
      ['sallyport user add bob < password.txt', 'from a file'],
    ],
  ],
  ['user list', [['sallyport user list', 'who can log in']]],
  ['user passwd', [['sallyport user passwd alice', 'her sessions and tokens end']]],
  [
    'user disable',
    [
      ['sallyport user disable alice', 'from now on'],
      ['sallyport user disable alice --undo', 'she can log in again'],
    ],
  ],
  ['client', [['sallyport client create --name ci', 'a machine that logs in as itself']]],
  [
    'client create',
    [
      [
        'sallyport client create --name ci --grant client_credentials --scope mcp.access --json',
        'id and secret, for programs',
      ],
      [
        'sallyport client create --name desk --grant authorization_code --public --redirect http://127.0.0.1/callback',
        'for people, on any port',
      ],
    ],
  ],
  ['client list', [['sallyport client list', 'those that were made, and those that registered themselves']]],
  ['client revoke', [['sallyport client revoke client_8Jk…', 'with every token that it holds']]],
  [
    'auth',
    [
      ['sallyport auth --listen 127.0.0.1:8081', 'beside a gateway on this machine'],
      [
        'sallyport auth --issuer https://login.example.com --resource https://mcp.example.com',
        'behind a proxy, for a gateway elsewhere',
      ],
    ],
  ],
  [
    'deploy',
    [
      ['sallyport deploy nginx --out nginx', 'a reverse proxy for the publicUrl of the config'],
      ['sallyport deploy nginx --out nginx --diff', 'what a change of the config changes there'],
      ['sallyport deploy systemd --out units --check', 'for CI: 1 when it is out of date or wrong'],
      ['sallyport deploy compose --out stack', 'the gateway, nginx and certbot in containers'],
      ['sallyport deploy observability --out monitoring', 'alerts for Prometheus, a dashboard for Grafana'],
    ],
  ],
  [
    'backup',
    [
      ['sallyport backup', 'asks for a passphrase, and writes sallyport-DATE.backup'],
      ['sallyport backup /mnt/nightly.backup --force --passphrase-file ~/.backup-key', 'for a timer'],
    ],
  ],
  [
    'restore',
    [
      ['sallyport restore sallyport-2026-08-01.backup', 'on a new machine'],
      ['sallyport restore sallyport-2026-08-01.backup --list', 'show what is in it'],
    ],
  ],
]);
