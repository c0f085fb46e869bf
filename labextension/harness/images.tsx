/** Images over a registry in memory: `?page=images`, `&state=many|empty|running|down|login|setup|forced|fetched`; `images-cell`. */

import * as React from 'react';

import type { IJob } from '../src/api/types';
import type { IImageTag } from '../src/images/types';
import type { IHost } from '../src/panel/host';
import { ImagesPanel } from '../src/images/panel';
import type { IRefusal } from '../tests/fake-api';
import { makeHost } from '../tests/host';
import { build, failedBuild, revision, runningBuild } from '../tests/images/fake-builds';
import { ADA, FakeRegistry } from '../tests/images/fake-registry';
import { FAILED, image, MISSING, move, NEXT, NOW, OLD, PASSED, tag } from '../tests/images/samples';
import { runningJob } from '../tests/jobs';
import { PanelPage } from './page';

const LONG = `git-${'feature-for-the-second-week-'.repeat(4)}of-november`.slice(0, 128);
const MARKUP = '<img src=x onerror=alert(1)>';

const digestOf = (index: number): string =>
  `sha256:${(index + 1).toString(16).padStart(4, '0').repeat(16)}`;

function version(index: number): IImageTag {
  const digest = digestOf(index);
  return tag(index % 9 === 4 ? `${LONG.slice(0, 120)}-${index}` : `git-${index}`, digest, {
    gate: index % 5 === 1 ? MISSING : index % 11 === 3 ? FAILED : PASSED,
    image: image(digest, {
      created: new Date(Date.UTC(2026, 8, 1) + index * 9 * 3_600_000).toISOString(),
      size_bytes: 900_000_000 + index * 3_000_000 + (index % 7) * 40_000_000
    })
  });
}

const DOWN: IRefusal = {
  status: 503,
  title: 'The image registry does not answer',
  detail: 'The registry registry.example gave no usable answer (ConnectionError).',
  hint: 'Nothing was changed. Try again in a minute; if it lasts, look at the registry. Servers that run go on; new ones start only where the image is on the node already.'
};
const LOGIN: IRefusal = {
  status: 502,
  title: 'The image registry refused',
  detail: 'The registry registry.example does not take our login. It says: UNAUTHORIZED',
  hint: 'An admin must look at ImageRegistry.credential_file: is it there, is it that of this registry, has the password or token run out?'
};
const SETUP: IRefusal = {
  status: 501,
  title: 'A part is missing',
  detail: "The school's image is not set.",
  hint: 'Set ImageRegistry.image to HOST/NAME, for example registry.example.org/school/notebook.'
};

/** Lines of a builder that talks much, with colours, markup and one line that is very long. */
function logOf(lines: number): string {
  return Array.from({ length: lines }, (_, index) => {
    if (index % 800 === 0) {
      return `STEP ${index / 800 + 1}/13: RUN pip install --requirement /tmp/pip-${index}.txt`;
    }
    return index % 97 === 5
      ? `\u001b[33mWARNING\u001b[0m ${MARKUP} ${'very-long-name-'.repeat(30)}`
      : `\u001b[32mCollecting\u001b[0m package-${index} (from -r /tmp/pip.txt (line ${index % 90}))`;
  }).join('\n');
}

function fillBuilds(fake: FakeRegistry, state: string): void {
  const { source } = fake;
  if (state === 'empty') {
    Object.assign(source, { builds: [], revisions: [] });
    return;
  }
  if (state === 'setup') {
    source.builder = '';
    source.problem = 'There is no buildah and no Podman on this server: no image is built here.';
    source.hint = 'Install buildah or podman where organisers work.';
  }
  const count = state === 'many' ? 300 : 9;
  source.builds = Array.from({ length: count }, (_, index) => {
    const number = count - index;
    const over = {
      time: new Date(Date.now() - (index + 1) * 7_000_000).toISOString(),
      author: number % 4 === 1 ? 'maria-de-los-angeles-fernandez-garcia1' : 'ada-okafor',
      reason: number % 5 === 2 ? `${MARKUP} ${LONG}` : 'packages for the next week'
    };
    if (number % 6 === 2) {
      return { ...failedBuild(number), ...over };
    }
    const checks = number % 7 === 3 ? { is_smoke_passed: false } : {};
    return number % 11 === 8
      ? build(number, {
          ...over,
          state: 'cancelled',
          stage: 'checking',
          digest: '',
          packages: 0,
          size_bytes: null
        })
      : build(number, { ...over, ...checks });
  });
  source.builds.forEach(one => source.logs.set(one.job_id ?? '', logOf(10_000)));
  if (state === 'running') {
    source.builds = [runningBuild(count + 1), ...source.builds];
    const grow = (lines: number): void => {
      source.logs.set(`job-${count + 1}`, logOf(lines));
      window.setTimeout(() => grow(lines + 40), 1000);
    };
    grow(200);
  }
  source.details = {
    ...source.details,
    packages: Array.from({ length: 700 }, (_, index) => ({
      kind: 'pip' as const,
      name: index % 50 === 7 ? `${'long-name-'.repeat(8)}${index}` : `package-${index}`,
      version: `1.${index}`,
      license: ['BSD-3-Clause', 'MIT', '', 'Apache-2.0'][index % 4]
    })),
    licenses: ['BSD-3-Clause', 'MIT', '', 'Apache-2.0'].map(license => ({ license, packages: 175 }))
  };
  source.revisions = Array.from({ length: count }, (_, index) =>
    revision(count - index, {
      origin: (['saved', 'restored', 'by-hand'] as const)[index % 3],
      override_reason: index % 5 === 1 ? 'the package comes out tonight' : '',
      summary: index % 4 === 3 ? `Add pip ${LONG}` : 'Add pip scipy ==1.17.1',
      time: new Date(Date.now() - (index + 1) * 7_200_000).toISOString()
    })
  );
}

/** One that goes on, one that failed on a node whose words are long, and one that is over. */
const PREPULLS: IJob[] = [
  prepull(NEXT, {
    progress: {
      done: 3,
      total: 5,
      unit: 'nodes',
      message: `node-4: ErrImagePull: ${MARKUP} dial tcp: i/o timeout`,
      rate_per_s: null,
      eta_s: null
    }
  }),
  prepull(NOW, {
    state: 'failed',
    ended: new Date(Date.now() - 300_000).toISOString(),
    problem: {
      title: 'The request failed',
      detail: '1 of 3 nodes did not get it. node-3: ErrImagePull',
      hint: 'Servers that start there try to fetch it themselves. Mend what the node says, then pre-pull again: nodes that have it are done at once.'
    },
    receipt: {
      title: `1 of 3 nodes did not get ${NOW.slice(0, 19)}`,
      items: ['node-1', 'node-2', `node-3-${'of-a-very-long-name-'.repeat(6)}`].map(
        (target, index) => ({
          target,
          action: 'pre-pull',
          result: index === 2 ? 'failed' : 'done',
          detail: index === 2 ? `ErrImagePull: ${MARKUP} ${'no-route-to-registry-'.repeat(12)}` : ''
        })
      )
    }
  }),
  prepull(OLD, {
    state: 'succeeded',
    ended: new Date(Date.now() - 86_000_000).toISOString(),
    receipt: {
      title: `5 nodes have ${OLD.slice(0, 19)}`,
      items: Array.from({ length: 5 }, (_, index) => ({
        target: `node-${index + 1}`,
        action: 'pre-pull',
        result: 'done',
        detail: ''
      }))
    }
  })
];

function prepull(digest: string, over: Partial<IJob>): IJob {
  return runningJob({
    id: `prepull-${digest.slice(7, 11)}`,
    kind: 'images.prepull',
    area: 'images',
    title: 'Pre-pull the image git-42',
    subject: `images/tags/${digest}`,
    created: new Date(Date.now() - 400_000).toISOString(),
    created_by: 'maria-de-los-angeles-fernandez-garcia1',
    ...over
  });
}

function makeRegistry(state: string): FakeRegistry {
  const fake = new FakeRegistry();
  fake.results = [
    ['canary', true, 'a server was ready after 14 s; notebook 3 ran'],
    ['smoke', false, 'ModuleNotFoundError: No module named lightkurve'],
    ['smoke', true, '41 imports']
  ].map(([check, is_passed, detail], index) => ({
    id: String(index),
    digest: NEXT,
    check: check as 'smoke',
    is_passed: Boolean(is_passed),
    time: new Date(Date.now() - (3 - index) * 3_600_000).toISOString(),
    author: 'maria-de-los-angeles-fernandez-garcia1',
    detail: String(detail),
    job_id: ''
  }));
  fake.tags = [tag(LONG, digestOf(500), { gate: MISSING }), ...fake.tags];
  fake.tags.push(tag(`bad-${MARKUP}`, digestOf(501), { image: null, problem: 'It is gone.' }));
  if (state === 'many') {
    fake.tags = [...Array.from({ length: 195 }, (_, index) => version(195 - index)), ...fake.tags];
    fake.leftOut = 800;
    fake.moves = Array.from({ length: 200 }, (_, index) =>
      move(200 - index, digestOf(200 - index), {
        from_digest: digestOf(199 - index),
        time: new Date(Date.now() - index * 86_000_000).toISOString(),
        ended: new Date(Date.now() - index * 86_000_000 + 1000).toISOString(),
        state: (['done', 'done', 'not-moved', 'unclear'] as const)[index % 4],
        action: (['promote', 'roll-back', 'found'] as const)[index % 3],
        author: index % 3 === 2 ? '' : 'ada-okafor',
        reason: index % 5 === 3 ? MARKUP : 'packages for the next week'
      })
    );
  }
  if (state === 'forced') {
    const reason = 'class begins in 10 minutes, and only a font was added';
    fake.moves = [move(3, NOW, { gate: 'missing', force_reason: reason }), ...fake.moves];
    fake.tags = fake.tags.map(row => (row.digest === NEXT ? { ...row, gate: MISSING } : row));
  }
  if (state === 'empty') {
    Object.assign(fake, { tags: [], moves: [], usage: [], live: '' });
    fake.notes = ['There is no tag deploy yet: promote an image, and there is.'];
  }
  fillBuilds(fake, state);
  if (state === 'gone') {
    fake.gone = [OLD];
  }
  if (state === 'fetched') {
    fake.jobs = PREPULLS;
  }
  const refusal = { down: DOWN, login: LOGIN, setup: SETUP }[state];
  if (refusal) {
    fake.refusals.set('GET images', refusal);
  }
  return fake;
}

export function ImagesPage({
  state,
  place
}: {
  state: string;
  place: IHost['place'];
}): JSX.Element {
  const host = React.useMemo(() => makeHost(makeRegistry(state).api, ADA, place), [state, place]);
  return (
    <PanelPage place={place}>
      <ImagesPanel host={host} />
    </PanelPage>
  );
}
