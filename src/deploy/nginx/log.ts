import { block, literal } from './text.ts';

/**
 * The access log: one line of JSON with the fields of the gateway's own (`accessLog` in the config). `$request_uri` and
 * `$uri` are both not it: the one has the query, in which tokens have been put, the other is decoded.
 * @param user the variable that has the email address of the user, where one is known
 */
export function logFormat(user: string | undefined): string[] {
  const fields: readonly (readonly [name: string, value: string])[] = [
    ['time', '"$time_iso8601"'],
    ['client_ip', '"$remote_addr"'],
    ['user_email', user === undefined ? 'null' : `"${user}"`],
    ['method', '"$request_method"'],
    ['uri', '"$sallyport_path"'],
    ['status', '$status'],
    ['bytes', '$bytes_sent'],
    ['request_time', '$request_time'],
    ['user_agent', '"$http_user_agent"'],
  ];
  const format = fields.map(([name, value]) => `"${name}":${value}`);
  return [
    ...block('map $request_uri $sallyport_path', [
      '"~^(?<sallyport_before>[^?]*)" $sallyport_before;',
      'default "";',
    ]),
    `log_format sallyport escape=json ${literal(`{${format.join(',')}}`)};`,
  ];
}
