/** One image in full: what it is, what checks found, what can be done with it. */

import * as React from 'react';

import type { IAction } from '../panel/actions';
import type { IHost } from '../panel/host';
import { DetailsActions } from '../ui/button';
import { formatBytes } from '../ui/bytes';
import { type Fact, Facts } from '../ui/facts';
import { Icon } from '../ui/icons';
import { ProblemBanner } from '../ui/problem-banner';
import { Skeleton } from '../ui/skeleton';
import { formatCount, formatMoment, plural } from '../ui/time';
import { type IAnswer, useAnswer } from '../ui/use-answer';
import { CheckImage } from './checks/check-image';
import { ImagesClient } from './client';
import { Digest } from './digest';
import { GateRecords } from './gate-records';
import { PrePullImage } from './prepulls/prepull-image';
import type { IImage, IImageDetails } from './types';
import { type IImageRow, shortOf, spellGrowth } from './words';

interface IImageDetailsProps {
  host: IHost;
  row: IImageRow;
  /** What students get now, to compare with. */
  live: IImage | null;
  actions: readonly IAction[];
  /** A check of it has ended: what the list says of it is old. */
  onChecked(): void;
}

export function ImageDetails(props: IImageDetailsProps): JSX.Element {
  const { host, row, live, actions, onChecked } = props;
  const { answer: details, problem, ask } = useDetails(host, row);
  const onEnded = React.useCallback(() => {
    ask();
    onChecked();
  }, [ask, onChecked]);
  const facts: Fact[] = [
    ['Digest', <Digest key="digest" digest={row.digest} />],
    ['Tags', row.tags.join(', ')],
    ['Until', row.leftAt && `${formatMoment(new Date(row.leftAt))}: students had it till then`],
    ['Servers', row.servers === null ? '' : plural(row.servers, 'running server')],
    ...(row.image ? factsOf(row.image, live) : [])
  ];
  return (
    <>
      {row.problem && (
        <p className="growth-Warning">
          <Icon name="error" />
          <span>{row.problem}</span>
        </p>
      )}
      {details && details.gone.length > 0 && (
        <p className="growth-Warning" role="alert">
          <Icon name="error" />
          <span>
            {plural(details.gone.length, 'part')} of it {details.gone.length === 1 ? 'is' : 'are'}{' '}
            no more at the registry ({details.gone.slice(0, 3).map(shortOf).join(', ')}): servers
            could not start with it. Push it again.
          </span>
        </p>
      )}
      <Facts facts={facts} />
      <DetailsActions actions={actions} />
      <CheckImage host={host} digest={row.digest} onEnded={onEnded} />
      <PrePullImage host={host} digest={row.digest} />
      {problem && (
        <ProblemBanner problem={problem} doing="Reading its checks" tone="warn" onRetry={ask} />
      )}
      {details ? (
        <>
          <GateRecords gate={details.gate} results={details.results} />
          <Labels labels={details.image.labels ?? {}} />
        </>
      ) : (
        !problem && <Skeleton what="its checks" rows={3} />
      )}
    </>
  );
}

function factsOf(image: IImage, live: IImage | null): Fact[] {
  const isOther = live !== null && live.digest !== image.digest;
  const growth = isOther
    ? `, ${spellGrowth(image.size_bytes - live.size_bytes)} than what students have`
    : '';
  return [
    ['Built', image.created && formatMoment(new Date(image.created))],
    ['Version', image.version],
    ['Revision', image.revision],
    [
      'Size',
      `${formatBytes(image.size_bytes)} in ${plural(image.layers, 'layer')}, compressed${growth}`
    ],
    ['For', image.platforms.join(', ')]
  ];
}

function Labels({ labels }: { labels: Readonly<Record<string, string>> }): JSX.Element | null {
  const names = Object.keys(labels);
  if (names.length === 0) {
    return null;
  }
  return (
    <details className="growth-Labels">
      <summary>{`${formatCount(names.length)} ${names.length === 1 ? 'label' : 'labels'}`}</summary>
      <dl className="growth-Facts">
        {names.map(name => (
          <React.Fragment key={name}>
            <dt>{name}</dt>
            <dd>{labels[name]}</dd>
          </React.Fragment>
        ))}
      </dl>
    </details>
  );
}

/** Checks and missing parts; asked again when the image's checks or its place have changed. */
function useDetails({ api }: IHost, { digest, gate, isLive }: IImageRow): IAnswer<IImageDetails> {
  const load = (): Promise<IImageDetails> => new ImagesClient(api).get(digest);
  const answer = useAnswer(load, digest, [api, gate.sentence, isLive]);
  const { ask } = answer;
  React.useEffect(() => {
    api.changed.connect(ask);
    return () => {
      api.changed.disconnect(ask);
    };
  }, [api, ask]);
  return answer;
}
