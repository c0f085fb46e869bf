/** Images, moves and plans as the server sends them. */

import type { IGate, IImage, IImagePlan, IImageTag, IMove } from '../../src/images/types';

export const digestOf = (mark: string): string => `sha256:${mark.repeat(64).slice(0, 64)}`;
export const [OLD, NOW, NEXT] = ['0a', '1b', '2c'].map(digestOf);
export const NAME = 'registry.example/school/notebook';

export const PASSED: IGate = {
  state: 'passed',
  missing: [],
  failed: [],
  sentence: 'Smoke and canary passed.'
};
export const MISSING: IGate = {
  state: 'missing',
  missing: ['smoke', 'canary'],
  failed: [],
  sentence: 'Smoke and canary were not run.'
};
export const FAILED: IGate = {
  state: 'failed',
  missing: [],
  failed: ['smoke'],
  sentence: 'Smoke failed: astropy cannot be imported.'
};

export function image(digest: string, over: Partial<IImage> = {}): IImage {
  return {
    digest,
    media_type: 'application/vnd.oci.image.manifest.v1+json',
    created: '2026-11-20T08:00:00Z',
    revision: digest.slice(7, 47),
    version: '',
    labels: { 'org.opencontainers.image.revision': digest.slice(7, 47) },
    platforms: ['linux/amd64'],
    size_bytes: 1_400_000_000,
    layers: 12,
    images: [],
    ...over
  };
}

export function tag(name: string, digest: string, over: Partial<IImageTag> = {}): IImageTag {
  return {
    name,
    digest,
    is_live: false,
    image: image(digest),
    gate: PASSED,
    problem: '',
    ...over
  };
}

export function move(number: number, to: string, over: Partial<IMove> = {}): IMove {
  return {
    number,
    tag: 'deploy',
    action: 'promote',
    from_digest: OLD,
    to_digest: to,
    time: '2026-11-23T07:00:00Z',
    author: 'ada-okafor',
    reason: 'packages for week 4',
    gate: 'passed',
    force_reason: '',
    state: 'done',
    ended: '2026-11-23T07:00:01Z',
    end_digest: to,
    detail: '',
    ...over
  };
}

export function planTo(to: string, from: string, over: Partial<IImagePlan> = {}): IImagePlan {
  const gate = over.gate ?? PASSED;
  return {
    id: `plan-${from.slice(7, 11)}-${to.slice(7, 11)}-${gate.state}`,
    action: 'promote',
    title: `Let deploy name ${to.slice(0, 19)} instead of ${from.slice(0, 19)}`,
    warnings: [],
    items: [{ target: 'deploy', action: 'promote', detail: 'from one to the other' }],
    confirm_number: null,
    tag: 'deploy',
    from_digest: from,
    to_digest: to,
    gate,
    needs_force: gate.state !== 'passed',
    is_possible: to !== from,
    gone: [],
    image: image(to),
    servers: 14,
    ...over
  };
}
