/** Images over a registry in memory: `?page=images`, `&state=many|empty|down|login|setup|forced`; `images-cell`. */

import * as React from 'react';

import type { IImageTag } from '../src/images/types';
import type { IHost } from '../src/panel/host';
import { ImagesPanel } from '../src/images/panel';
import type { IRefusal } from '../tests/fake-api';
import { ADA, FakeRegistry } from '../tests/images/fake-registry';
import { FAILED, image, MISSING, move, NEXT, NOW, OLD, PASSED, tag } from '../tests/images/samples';
import { makeHost, PanelPage } from './page';

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
  if (state === 'gone') {
    fake.gone = [OLD];
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
