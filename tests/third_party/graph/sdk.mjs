// The whole way of a guest by the official SDK of Microsoft Graph for JavaScript, unmodified: names of the tests lead to this machine.
import assert from 'node:assert/strict';
import dns from 'node:dns';

const lookup = dns.lookup;
dns.lookup = (host, options, done) => {
  if (typeof options === 'function') [options, done] = [{}, options];
  if (!host.endsWith('.example.test')) return lookup(host, options, done);
  const found = { address: '127.0.0.1', family: 4 };
  return options.all ? done(null, [found]) : done(null, found.address, found.family);
};

const { Client, PageIterator } = await import('@microsoft/microsoft-graph-client');
const { BASE, TOKEN, APP } = process.env;

const connect = (token) =>
  Client.initWithMiddleware({
    baseUrl: `${BASE}/`,
    defaultVersion: 'v1.0',
    customHosts: new Set([new URL(BASE).hostname]),
    authProvider: { getAccessToken: async () => token },
  });
const graph = connect(TOKEN);

const refused = async (call, status, code) => {
  await assert.rejects(call, (error) => {
    assert.equal(error.statusCode, status, `${error}`);
    assert.equal(error.code, code);
    assert.ok(error.message && error.requestId, `${error.body}`);
    return true;
  });
};

// Create, twice; with a mail, a word and a language.
const invite = (address, more = {}) =>
  graph.api('/invitations').post({ invitedUserEmailAddress: address, inviteRedirectUrl: APP, ...more });
const ann = await invite('ann@partner.example', { invitedUserDisplayName: 'Ann' });
assert.equal(ann.status, 'PendingAcceptance');
assert.ok(ann.inviteRedeemUrl.startsWith(BASE));
assert.equal((await invite('ann@partner.example')).invitedUser.id, ann.invitedUser.id);
await invite('bob@partner.example', {
  sendInvitationMessage: true,
  invitedUserMessageInfo: { customizedMessageBody: 'Welcome', messageLanguage: 'fr' },
});
await refused(invite('x@partner.example', { inviteRedirectUrl: 'https://elsewhere.example' }), 400, 'BadRequest');

// List, pages, one.
const page = await graph.api('/users').filter("userType eq 'Guest'").select(['id', 'mail']).count(true).top(2).get();
assert.equal(page['@odata.count'], 3);
assert.ok(page['@odata.nextLink'].startsWith(BASE));
const seen = [];
await new PageIterator(graph, page, (user) => Boolean(seen.push(user.mail))).iterate();
assert.deepEqual(seen.sort(), ['ann@partner.example', 'bob@partner.example', 'eve@partner.example']);
const eve = await graph.api('/users/eve@partner.example').get();
assert.equal(eve.externalUserState, 'Accepted');
await refused(graph.api('/users').filter("department eq 'x'").get(), 400, 'BadRequest');

// Disable, sign out, delete, restore.
await graph.api(`/users/${eve.id}`).patch({ accountEnabled: false });
assert.equal((await graph.api(`/users/${eve.id}`).get()).accountEnabled, false);
await graph.api(`/users/${eve.id}`).patch({ accountEnabled: true });
assert.equal((await graph.api(`/users/${eve.id}/revokeSignInSessions`).post({})).value, true);
await graph.api(`/users/${eve.id}`).delete();
await refused(graph.api(`/users/${eve.id}`).get(), 404, 'Request_ResourceNotFound');
assert.equal((await graph.api(`/directory/deletedItems/${eve.id}/restore`).post({})).id, eve.id);

// Policies, networks, what they would decide, several in one.
const { value: policies } = await graph.api('/identity/conditionalAccess/policies').get();
assert.ok(policies.some((policy) => policy.displayName === 'abroad' && policy.state === 'enabled'));
const { value: locations } = await graph.api('/identity/conditionalAccess/namedLocations').get();
assert.equal(locations[0].ipRanges[0].cidrAddress, '192.0.2.0/24');
const { value: results } = await graph.api('/identity/conditionalAccess/evaluate').post({
  signInIdentity: { '@odata.type': '#microsoft.graph.userSignIn', userId: eve.id },
  signInContext: { '@odata.type': '#microsoft.graph.applicationContext', includeApplications: ['charts'] },
  signInConditions: { country: 'FR', ipAddress: '198.51.100.7' },
});
assert.ok(results.some((result) => result.displayName === 'abroad' && result.policyApplies));
const { responses } = await graph.api('/$batch').post({
  requests: [
    { id: '1', method: 'GET', url: `/users/${eve.id}` },
    { id: '2', method: 'GET', url: '/users/nobody@partner.example' },
    { id: '3', method: 'GET', url: '/users', dependsOn: ['2'] },
  ],
});
assert.deepEqual(responses.map((one) => one.status), [200, 404, 424]);
await refused(connect('ggt_wrong').api('/users').get(), 401, 'InvalidAuthenticationToken');
console.log('done');
