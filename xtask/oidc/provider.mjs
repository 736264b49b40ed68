// A provider of identities for tests, on loopback and on a port of its own choosing. It believes whoever
// says who they are. The first line of its output is its issuer.

import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';

import { Provider } from 'oidc-provider';

const people = {
  ada: { email: 'ada@example.org', email_verified: true, groups: ['hanok-admins', 'staff'] },
  bob: { email: 'bob@example.org', email_verified: true, groups: ['staff'] },
  eve: { email: 'eve@example.org', email_verified: true, groups: ['visitors'] },
};

async function findAccount(_, id) {
  const person = people[id];
  const picture = 'http://169.254.169.254/latest/meta-data';
  return person && {
    accountId: id,
    claims: async () => ({ sub: id, preferred_username: id, picture, ...person }),
  };
}

// What was asked for is granted without a question.
async function consent(provider, details) {
  const { params, session } = details;
  const grant = new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  grant.addOIDCScope(params.scope);
  return { consent: { grantId: await grant.save() } };
}

const configuration = {
  clients: [{
    client_id: 'hanok',
    client_secret: 'of no worth & with : odd % letters',
    // A native client may come back to any port of loopback.
    application_type: 'native',
    redirect_uris: ['http://127.0.0.1/auth/oidc/callback'],
  }],
  claims: {
    openid: ['sub'],
    profile: ['preferred_username', 'picture'],
    email: ['email', 'email_verified'],
    groups: ['groups'],
  },
  scopes: ['openid', 'profile', 'email', 'groups'],
  conformIdTokenClaims: false,
  cookies: { keys: [randomBytes(32).toString('hex')] },
  features: { devInteractions: { enabled: false } },
  findAccount,
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  pkce: { required: () => true },
  ttl: { AuthorizationCode: 60, Grant: 600, Interaction: 600, Session: 600 },
};

const server = createServer();
server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, configuration);
  const answer = provider.callback();
  // The form of the sign-in is sent back with the person as `login`.
  server.on('request', async (request, response) => {
    const url = new URL(request.url, issuer);
    if (!url.pathname.startsWith('/interaction/')) return answer(request, response);
    try {
      const details = await provider.interactionDetails(request, response);
      const login = url.searchParams.get('login');
      if (details.prompt.name === 'login' && !login) {
        response.setHeader('content-type', 'text/html');
        return response.end('<form><input name="login"><button>Sign in</button></form>');
      }
      const refused = { error: 'access_denied' };
      const signedIn = people[login] ? { login: { accountId: login } } : refused;
      const consents = details.prompt.name === 'consent';
      const result = consents ? await consent(provider, details) : signedIn;
      await provider.interactionFinished(request, response, result);
    } catch (error) {
      response.statusCode = 400;
      response.end(String(error));
    }
  });
  console.log(issuer);
});
