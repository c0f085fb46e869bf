// A roster's day with GitHub's own JavaScript client. Reads {api, control, org, token, people} from
// the environment, prints what it saw as JSON. Run with labextension as the working folder, where
// @octokit/rest is installed.
import { Octokit } from '@octokit/rest';

const { api, control, org, token, people } = JSON.parse(process.env.ROSTER);
const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const octokit = new Octokit({ auth: token, baseUrl: api, log: quiet });
const team_slug = 'students';

async function outside(method, path, body = {}) {
  const headers = { 'X-Growth-Control': 'octokit', 'Content-Type': 'application/json' };
  const reply = await fetch(`${control}/${path}`, { method, headers, body: JSON.stringify(body) });
  if (!reply.ok) {
    throw new Error(`${path}: ${await reply.text()}`);
  }
}

async function refused(call) {
  try {
    await call;
  } catch (error) {
    const { status, response } = error;
    return { status, message: response.data.message, errors: response.data.errors ?? [] };
  }
  return { status: 0 };
}

const seen = {};
const [first, second, third] = people;

// invite, pending, accept
const put = await octokit.rest.teams.addOrUpdateMembershipForUserInOrg({
  org, team_slug, username: first.login, role: 'member'
});
seen.put = put.data.state;
const pending = await octokit.paginate(octokit.rest.orgs.listPendingInvitations, { org });
seen.pending = pending.map(one => [one.login, one.team_count]);
await outside('POST', `accept/${org}/${first.login}`);
const membership = await octokit.rest.teams.getMembershipForUserInOrg({
  org, team_slug, username: first.login
});
seen.accepted = membership.data.state;

// paging, and asking again for what is known
const members = await octokit.paginate(octokit.rest.teams.listMembersInOrg, {
  org, team_slug, per_page: 100
});
seen.members = members.length;
const list = { org, team_slug, per_page: 100, page: 2 };
const page = await octokit.rest.teams.listMembersInOrg(list);
const known = { headers: { 'if-none-match': page.headers.etag } };
seen.unchanged = (await octokit.rest.teams.listMembersInOrg({ ...list, ...known }).catch(e => e)).status;

// expired, and invited again by number with the team
await octokit.rest.teams.addOrUpdateMembershipForUserInOrg({
  org, team_slug, username: second.login, role: 'member'
});
await outside('POST', 'clock', { days: 8 });
const failed = await octokit.paginate(octokit.rest.orgs.listFailedInvitations, { org });
seen.expired = failed.map(one => [one.login, one.failed_reason]);
await octokit.rest.orgs.cancelInvitation({ org, invitation_id: failed[0].id });
const team = await octokit.rest.teams.getByName({ org, team_slug });
const again = await octokit.rest.orgs.createInvitation({
  org, invitee_id: second.id, role: 'direct_member', team_ids: [team.data.id]
});
seen.again = [again.status, again.data.team_count];

// removed
await octokit.rest.teams.removeMembershipForUserInOrg({ org, team_slug, username: first.login });
await octokit.rest.orgs.removeMembershipForUser({ org, username: first.login });
seen.gone = (await refused(
  octokit.rest.orgs.getMembershipForUser({ org, username: first.login })
)).status;

// the limit on invitations, and the limit on requests
await outside('PATCH', `organizations/${org}`, { invitation_limit: 1 });
const over = await refused(
  octokit.rest.teams.addOrUpdateMembershipForUserInOrg({
    org, team_slug, username: third.login, role: 'member'
  })
);
seen.over = [over.status, over.errors[0]?.message];
await outside('POST', 'faults', { name: 'secondary' });
seen.secondary = (await refused(octokit.rest.users.getAuthenticated())).status;
seen.me = (await octokit.rest.users.getAuthenticated()).data.login;

console.log(JSON.stringify(seen));
