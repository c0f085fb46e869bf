import { ServerConnection } from '@jupyterlab/services';

import { GrowthApi } from '../src/api/client';
import { Problem } from '../src/api/problem';

/** A client whose server answers every request with the same reply, and what it was asked. */
function apiThat(reply: () => Response): { api: GrowthApi; asked: Request[] } {
  const asked: Request[] = [];
  const fetch = async (input: RequestInfo, init?: RequestInit): Promise<Response> => {
    asked.push(new Request(input, init));
    return reply();
  };
  const settings = ServerConnection.makeSettings({ baseUrl: 'http://hub/user/ada/', fetch });
  return { api: new GrowthApi(settings), asked };
}

const STALE = {
  type: 'urn:growth-admin:problem:stale_plan',
  title: 'The plan is stale',
  status: 409,
  detail: 'Since it was shown, 2 servers stopped.',
  hint: 'Plan again.',
  errors: [{ field: 'servers', message: 'jane-doe is stopped' }],
  message: 'Since it was shown, 2 servers stopped.',
  context: { plan: { id: 'p2' } }
};

/** The address without the time that JupyterLab's client adds against caches. */
const addressOf = (request: Request): string => request.url.replace(/[?&]\d+$/, '');

async function rejection(promise: Promise<unknown>): Promise<Problem> {
  const reason: unknown = await promise.then(
    () => undefined,
    error => error
  );
  expect(reason).toBeInstanceOf(Problem);
  return reason as Problem;
}

describe('GrowthApi', () => {
  it('test_request_when_the_server_refuses_then_the_problem_says_what_and_what_next', async () => {
    const { api } = apiThat(() => new Response(JSON.stringify(STALE), { status: 409 }));
    const problem = await rejection(api.listServers());
    expect(problem.title).toBe('The plan is stale');
    expect(problem.hint).toBe('Plan again.');
    expect(problem.errors).toEqual([{ field: 'servers', message: 'jane-doe is stopped' }]);
    expect(problem.context).toEqual({ plan: { id: 'p2' } });
    expect(problem.isConflict).toBe(true);
    expect(problem.toText()).toContain('jane-doe is stopped');
  });

  it('test_request_when_a_proxy_answers_with_html_then_there_is_still_a_problem', async () => {
    const { api } = apiThat(
      () => new Response('<html>Bad gateway</html>', { status: 502, statusText: 'Bad Gateway' })
    );
    const problem = await rejection(api.getMe());
    expect(problem.status).toBe(502);
    expect(problem.title).toBe('Bad Gateway');
    expect(problem.hint).not.toBe('');
    expect(problem.detail).not.toContain('<html>');
  });

  it('test_request_when_the_hub_answers_for_a_server_that_is_gone_then_it_says_what_to_do', async () => {
    const message = 'JupyterHub server no longer running at /user/ada/growth/api/me.';
    const reply = JSON.stringify({ status: 424, message });
    const { api } = apiThat(
      () => new Response(reply, { status: 424, statusText: 'Failed Dependency' })
    );
    const problem = await rejection(api.getMe());
    expect(problem.title).toBe('Your server is not running');
    expect(problem.hint).toContain('Start it again');
  });

  it('test_request_when_the_network_is_gone_then_the_problem_is_of_the_network', async () => {
    const { api } = apiThat(() => {
      throw new TypeError('Failed to fetch');
    });
    const problem = await rejection(api.getMe());
    expect(problem.isNetwork).toBe(true);
    expect(problem.title).toBe('Your server did not answer');
  });

  it('test_request_when_given_a_query_and_a_body_then_both_are_encoded', async () => {
    const { api, asked } = apiThat(() => new Response('{"entries": [], "is_truncated": false}'));
    await api.listAuditEntries({ user: 'a&b c', limit: 5, area: '' });
    expect(addressOf(asked[0])).toBe(
      'http://hub/user/ada/growth/api/audit/entries?user=a%26b+c&limit=5'
    );
    await api.applyServers('p1', 'stop', [{ user: 'jane', server_name: '' }]);
    expect(asked[1].method).toBe('POST');
    expect(await asked[1].json()).toEqual({
      plan_id: 'p1',
      action: 'stop',
      servers: [{ user: 'jane', server_name: '' }]
    });
  });

  it('test_dismiss_job_when_the_reply_is_empty_then_it_resolves', async () => {
    const { api, asked } = apiThat(() => new Response(null, { status: 204 }));
    await expect(api.dismissJob('a/b')).resolves.toBeUndefined();
    expect(addressOf(asked[0])).toBe('http://hub/user/ada/growth/api/jobs/a%2Fb');
  });
});
