/** The image's source and its builds in memory: what the routes below images/ and jobs/ answer. */

import type { IBuild, IBuildDetails, IBuildList, IBuildPlan } from '../../src/images/builds/client';
import type { IPackageLists, IRevision } from '../../src/images/packages/client';
import type { IAsked } from '../fake-api';
import { digestOf } from './samples';

export function build(number: number, over: Partial<IBuild> = {}): IBuild {
  const revision = over.revision ?? number;
  return {
    number,
    tag: `r${revision}-b${number}`,
    revision,
    author: 'ada-okafor',
    reason: 'scipy for Tuesday',
    time: '2026-11-28T08:00:00Z',
    job_id: `job-${number}`,
    state: 'succeeded',
    problem: '',
    hint: '',
    stage: null,
    failed_step: '',
    progress: null,
    is_cancel_asked: false,
    digest: digestOf(String(number % 10)),
    size_bytes: 1_400_000_000 + number * 1_000_000,
    python_version: '3.13.1',
    packages: 412,
    is_smoke_passed: true,
    took_s: 242,
    link: '',
    ...over
  };
}

export const FAILED_STEP = 'STEP 4/9: RUN pip install --requirement /tmp/pip.txt';

export function failedBuild(number: number): IBuild {
  return build(number, {
    state: 'failed',
    stage: 'building',
    failed_step: FAILED_STEP,
    problem: 'The build failed with exit code 1: ERROR: No matching distribution for ghost==1',
    hint: "The job's log has all that was said. Mend the source, or take the last change back.",
    digest: '',
    size_bytes: null,
    packages: 0,
    is_smoke_passed: null,
    took_s: 61
  });
}

export function runningBuild(number: number): IBuild {
  return build(number, {
    state: 'running',
    stage: 'building',
    time: new Date(Date.now() - 83_000).toISOString(),
    progress: {
      done: 4,
      total: 9,
      unit: 'steps',
      message: 'building',
      rate_per_s: null,
      eta_s: null,
      counts: {}
    },
    digest: '',
    size_bytes: null,
    packages: 0,
    is_smoke_passed: null,
    took_s: null
  });
}

export function revision(number: number, over: Partial<IRevision> = {}): IRevision {
  return {
    number,
    sha256: {},
    author: 'ada-okafor',
    reason: 'for Tuesday',
    time: '2026-11-27T08:00:00Z',
    origin: 'saved',
    summary: 'Add pip scipy ==1.17.1',
    restored_from: null,
    override_reason: '',
    state: 'done',
    process: '',
    commit: '',
    link: '',
    ...over
  };
}

const DETAILS: Omit<IBuildDetails, 'build'> = {
  compared_with: 1,
  changes: [
    { kind: 'pip', name: 'scipy', before: '', after: '1.17.1' },
    { kind: 'pip', name: 'astropy', before: '8.0.1', after: '8.0.2' },
    { kind: 'apt', name: 'gfortran', before: '13', after: '' }
  ],
  size_change_bytes: 120_000_000,
  packages: [
    { kind: 'pip', name: 'scipy', version: '1.17.1', license: 'BSD-3-Clause' },
    { kind: 'pip', name: 'astropy', version: '8.0.2', license: 'BSD-3-Clause' },
    { kind: 'apt', name: 'git', version: '2.47', license: '' }
  ],
  licenses: [
    { license: 'BSD-3-Clause', packages: 2 },
    { license: '', packages: 1 }
  ],
  checks: [
    { check: 'import scipy', state: 'passed', seconds: 0.4, detail: '' },
    { check: 'import lightkurve', state: 'failed', seconds: 0.1, detail: 'ModuleNotFoundError' }
  ],
  smoke_detail: '41 checks passed'
};

const NOTHING: Omit<IBuildDetails, 'build'> = {
  compared_with: 1,
  changes: [],
  size_change_bytes: null,
  packages: [],
  licenses: [],
  checks: [],
  smoke_detail: ''
};

export class FakeBuilds {
  builds: IBuild[] = [build(2), build(1)];
  builder = 'buildah version 1.42.1';
  problem = '';
  hint = '';
  leftOut = 0;
  notes: string[] = [];
  details = DETAILS;
  revisions: IRevision[] = [
    revision(3, { summary: 'Add pip lightkurve ==2.5', reason: 'for Friday' }),
    revision(2),
    revision(1, { origin: 'initial', summary: '', reason: 'as it was found' })
  ];
  /** The revision that a branch was set back to. */
  setBackTo = 0;
  /** Text of the log of each job. */
  readonly logs = new Map<string, string>();

  get current(): number {
    return this.setBackTo || (this.revisions[0]?.number ?? 0);
  }

  /** Return the answer, or undefined for what is none of ours. */
  answer({ method, path, query, body }: IAsked): unknown {
    const said = (body ?? {}) as Record<string, string>;
    const number = Number(/^images\/builds\/(\d+)/.exec(path)?.[1]);
    if (path === 'images/builds') {
      return method === 'POST' ? this._begin(said) : this._list();
    }
    if (path === 'images/builds/plans') {
      return this._plan();
    }
    if (path.endsWith('/sbom')) {
      return { document: { bomFormat: 'CycloneDX', specVersion: '1.6', components: [] } };
    }
    if (number) {
      const found = this.builds.find(one => one.number === number);
      return { build: found, ...(found?.state === 'succeeded' ? this.details : NOTHING) };
    }
    if (path.startsWith('jobs/')) {
      return this._job(path, query);
    }
    return path.startsWith('images/packages') ? this._packages(method, path, said) : undefined;
  }

  private _list(): IBuildList {
    return {
      builds: this.builds,
      builder: this.builder,
      problem: this.problem,
      hint: this.hint,
      left_out: this.leftOut,
      notes: this.notes
    };
  }

  private _plan(): IBuildPlan {
    const head = this.current;
    const last = this.builds.find(({ state }) => state === 'succeeded') ?? null;
    const tag = `r${head}-b${(this.builds[0]?.number ?? 0) + 1}`;
    return {
      id: `build-${tag}`,
      action: 'build',
      title: `Build r${head} of the image as ${tag}`,
      warnings: [],
      items: this.revisions
        .filter(one => !last || one.number > last.revision)
        .map(one => ({
          target: `r${one.number}`,
          action: 'build',
          detail: `${one.summary} (${one.author}: ${one.reason})`
        })),
      confirm_number: null,
      tag,
      revision: head,
      builder: this.builder,
      last
    };
  }

  private _begin({ reason }: Record<string, string>): unknown {
    const number = (this.builds[0]?.number ?? 0) + 1;
    const head = this.current;
    this.builds = [
      {
        ...runningBuild(number),
        revision: head,
        tag: `r${head}-b${number}`,
        reason,
        author: 'ada'
      },
      ...this.builds
    ];
    return jobOf(this.builds[0]);
  }

  private _job(path: string, query: string): unknown {
    const [, id, what] = path.split('/');
    const found = this.builds.find(one => one.job_id === id);
    if (what === 'log') {
      const offset = Number(/offset=(\d+)/.exec(query)?.[1] ?? 0);
      const text = (this.logs.get(id) ?? '').slice(offset);
      const is_complete = found?.state !== 'running';
      return { text, next_offset: offset + text.length, is_complete };
    }
    if (what === 'cancellations' && found) {
      this.builds = this.builds.map(one =>
        one === found ? { ...one, is_cancel_asked: true } : one
      );
    }
    return found && jobOf(found);
  }

  private _packages(method: string, path: string, said: Record<string, string>): unknown {
    const number = Number(/revisions\/(\d+)$/.exec(path)?.[1]);
    const unified =
      '--- a/packages/pip.txt\n+++ b/packages/pip.txt\n@@ -1 +1,2 @@\n astropy\n+scipy\n';
    const files = [{ file: 'pip', path: 'packages/pip.txt', before_sha256: '', unified }];
    if (number) {
      return {
        revision: this.revisions.find(one => one.number === number),
        texts: { pip: `of r${number}\n` },
        files
      };
    }
    switch (path) {
      case 'images/packages':
        return this._lists();
      case 'images/packages/plans':
        return this._change(files);
      case 'images/packages/restorations':
        return this._restore(said);
      default:
        return method === 'GET' ? { revisions: this.revisions } : undefined;
    }
  }

  private _lists(): IPackageLists {
    return {
      folder: '/home/admin/image',
      source: 'folder',
      link: '',
      commit: '',
      revision: this.current,
      files: [],
      packages: [
        { list: 'pip', name: 'astropy', version: '8.0.1', spec: '==8.0.1', line: 2, remark: '' }
      ],
      findings: [],
      python_version: '3.13',
      notes: []
    };
  }

  private _change(files: unknown[]): unknown {
    return {
      id: 'change',
      action: 'save',
      title: 'Remove pip lightkurve',
      warnings: ['scipy 1.17.1 and astropy 8.0.2 cannot be installed together.'],
      items: [],
      confirm_number: null,
      base_revision: this.current,
      files,
      texts: {},
      packages: [],
      resolutions: [
        {
          list: 'pip',
          state: 'conflict',
          sentence: 'scipy 1.17.1 and astropy 8.0.2 cannot be installed together.',
          detail: 'scipy needs numpy>=3',
          python_version: '3.13',
          packages: {}
        }
      ],
      findings: [],
      needs_override: true,
      notes: []
    };
  }

  private _restore(said: Record<string, string>): unknown {
    const head = this.current + 1;
    const summary = `As in r${said.revision}`;
    this.revisions = [
      revision(head, { origin: 'restored', summary, reason: said.reason, author: 'ada' }),
      ...this.revisions
    ];
    const title = `r${head} is saved. Students get it after a build and a promotion.`;
    return { revision: this.revisions[0], receipt: { plan_id: '', title, items: [], undo: null } };
  }
}

function jobOf({ number, tag, job_id: id, state }: IBuild): unknown {
  return {
    id,
    kind: 'images.build',
    title: `Build ${tag}`,
    subject: `images/builds/${number}`,
    state
  };
}
