import { ok, type OutsideCheck, skip, warn } from '../check.ts';
import { issuersOf, resourceMetadata, serverMetadata } from '../metadata.ts';

export const registration: OutsideCheck = {
  name: 'registration',
  side: 'outside',
  looksAt: 'how a client that nobody knows yet registers (CIMD, or DCR)',
  needs: ['server-metadata'],
  symptoms: [
    {
      sees: 'connector refused: a client asks for a client id and a secret',
      cause:
        'The authorization server takes neither Client ID Metadata Documents nor Dynamic Client Registration.',
      remedy:
        'auth: { server: {} } takes both; or register the client by hand, and give it its id and secret',
    },
  ],
  async look(site, signal) {
    const resource = await resourceMetadata(site, signal);
    const [issuer] = resource ? issuersOf(resource) : [];
    const metadata = issuer === undefined ? undefined : await serverMetadata(site, issuer, signal);
    if (!metadata) return skip('there is no authorization server');
    const ways = [
      ...(metadata['client_id_metadata_document_supported'] === true ? ['CIMD'] : []),
      ...(typeof metadata['registration_endpoint'] === 'string' ? ['DCR'] : []),
    ];
    return ways.length > 0
      ? ok(ways.join(' and '))
      : warn('clients have to be registered by hand', 'auth: { server: {} }   takes CIMD and DCR');
  },
};
