/** Made-up scripts, revisions and starts for the tests of the start scripts' panels. */

import type {
  IEvidence,
  IPublication,
  IRevision,
  IScript,
  IStartGroup,
  IStartRow
} from '../../src/startup/types';

export function revision(number: number, over: Partial<IRevision> = {}): IRevision {
  return {
    script: 'as-user.sh',
    number,
    sha256: `sha-${number}`,
    size_bytes: 10,
    origin: 'saved',
    author: 'ada-okafor',
    reason: 'because',
    time: '2026-11-20T08:00:00Z',
    base_sha256: '',
    restored_from: null,
    lint_errors: 0,
    lint_warnings: 0,
    override_reason: '',
    ...over
  };
}

export function publication(of: number, over: Partial<IPublication> = {}): IPublication {
  return {
    script: 'as-user.sh',
    number: of,
    revision: of,
    sha256: `sha-${of}`,
    previous_sha256: '',
    author: 'ada-okafor',
    reason: 'because',
    time: '2026-11-20T09:00:00Z',
    is_noticed: false,
    skipped_steps: [],
    skip_reason: '',
    ...over
  };
}

export function evidence(
  step: IEvidence['step'],
  is_passed: boolean,
  time = '2026-11-20T08:30:00Z'
): IEvidence {
  return {
    step,
    sha256: 'sha-2',
    is_passed,
    summary: 'said',
    job_id: 'j1',
    time,
    author: 'ada-okafor'
  };
}

export function script(over: Partial<IScript> = {}): IScript {
  return {
    name: 'as-user.sh',
    path: '/home/admin/start/as-user.sh',
    is_present: true,
    live_sha256: 'sha-1',
    live_revision: 1,
    head_revision: 1,
    is_executable: true,
    problem: '',
    published: '2026-11-20T09:00:00Z',
    published_by: 'ada-okafor',
    ...over
  };
}

export function startRow(user: string, over: Partial<IStartRow> = {}): IStartRow {
  return {
    id: `${user}-1`,
    state: 'ok',
    source: 'record',
    started: '2026-11-23T08:30:00Z',
    duration_s: 3.1,
    script: '',
    exit_code: null,
    signal: null,
    error: '',
    image: 'growth-school/notebook:2026.11',
    image_digest: 'sha256:0123456789a41f',
    candidate: '',
    is_old_revision: false,
    is_rerooted: false,
    scripts: [],
    data: [],
    home: null,
    notes: [],
    user,
    server_name: '',
    nb_user: user,
    is_hub_user: true,
    starts_known: 1,
    unreadable_records: 0,
    ...over
  };
}

export function group(users: string[], named_servers: string[] = []): IStartGroup {
  return {
    id: 'g1',
    title: 'as-user.sh line 20: no host',
    state: 'failed',
    script: 'as-user.sh',
    users,
    named_servers
  };
}
