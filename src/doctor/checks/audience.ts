import { fail, type InsideCheck, ok, skip, warn } from '../check.ts';

export const audience: InsideCheck = {
  name: 'audience',
  side: 'inside',
  looksAt: 'whether tokens have to be for this gateway',
  needs: ['config'],
  symptoms: [
    {
      sees: 'a token that was issued for another service is taken; or a right one is refused as being for somebody else',
      cause: 'The audience of an issuer is missing in the config, or is not the address of the endpoint.',
      remedy:
        'set audience: to the public address of the endpoint, https://HOST/mcp, in auth.issuers and auth.introspection',
    },
  ],
  async look({ config }) {
    const { auth, publicUrl } = config?.loaded?.config ?? {};
    const asked = auth?.introspection;
    const issuers = auth?.issuers ?? [];
    if (!asked && issuers.length === 0) return skip('no other issuer is trusted');
    const own = `${publicUrl ?? 'https://HOST'}/mcp`;
    // > MCP servers MUST validate that access tokens were issued specifically for them as the intended audience
    // > (basic/authorization, "Token Handling")
    if (asked && asked.audience === undefined)
      return fail(
        `auth.introspection has no audience: any token that ${asked.issuer} calls active is taken, whomever it is for`,
        `auth: { introspection: { audience: '${own}' } }`,
      );
    const others = [...issuers, ...(asked ? [asked] : [])].filter(
      (each) => !each.audience?.some((value) => publicUrl === undefined || value.startsWith(publicUrl)),
    );
    const [other] = others;
    if (other)
      return warn(
        `the audience for ${other.issuer} is ${other.audience?.join(', ') ?? 'missing'}, and clients ask for tokens for ${own}`,
        `add '${own}' to its audience`,
      );
    return ok('every token has to be for this gateway');
  },
};
