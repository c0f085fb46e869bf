/** One pull request: where it is, what it would change now, and what may be done with it. */

import * as React from 'react';

import { Problem } from '../../api/problem';
import type { IReceipt } from '../../api/types';
import type { IHost } from '../../panel/host';
import { Button } from '../../ui/button';
import { type Fact, Facts } from '../../ui/facts';
import { ProblemBanner } from '../../ui/problem-banner';
import { ReasonField } from '../../ui/reason-field';
import { Skeleton } from '../../ui/skeleton';
import { formatMoment } from '../../ui/time';
import { useAnswer } from '../../ui/use-answer';
import { type IProposal, type IProposalDetails, PackagesClient } from './client';
import { UnifiedDiff } from './unified-diff';

interface IProposalDetailsProps {
  host: IHost;
  proposal: IProposal;
  onChanged(receipt?: IReceipt): void;
}

export function ProposalDetails(props: IProposalDetailsProps): JSX.Element {
  const { host, proposal } = props;
  const { api } = host;
  const { number, commit, state } = proposal;
  const load = (): Promise<IProposalDetails> => new PackagesClient(api).getProposal(number);
  const { answer: details, problem, ask } = useAnswer(load, number, [api, commit, state]);
  const facts: Fact[] = [
    [
      'At GitHub',
      <a key="link" href={proposal.link} target="_blank" rel="noopener noreferrer">
        Pull request #{proposal.number}
      </a>
    ],
    ['Branch', proposal.branch],
    ['What', proposal.title],
    ['Why', proposal.reason],
    ['Who', proposal.author],
    ['When', formatMoment(new Date(proposal.time))]
  ];
  return (
    <>
      <Facts facts={facts} />
      {problem && (
        <ProblemBanner
          problem={problem}
          doing="Reading the pull request"
          tone="warn"
          onRetry={ask}
        />
      )}
      {details?.problem && (
        <p className="growth-Notice" role="status">
          {details.problem} {details.hint}
        </p>
      )}
      {details?.files.map(file => (
        <UnifiedDiff key={file.file} file={file} />
      ))}
      {details?.files.length === 0 && <p>It changes none of the lists, nor the Dockerfile.</p>}
      {!details && !problem && <Skeleton what="what it would change" rows={3} />}
      {details && proposal.state === 'open' && <Choices {...props} details={details} ask={ask} />}
    </>
  );
}

interface IChoicesProps extends IProposalDetailsProps {
  details: IProposalDetails;
  ask(): void;
}

/** Merge what was looked at, or give it up with a reason. */
function Choices({ host, proposal, details, onChanged, ask }: IChoicesProps): JSX.Element {
  const [isLeaving, setLeaving] = React.useState(false);
  const [reason, setReason] = React.useState('');
  const [isBusy, setBusy] = React.useState(false);
  const [problem, setProblem] = React.useState<Problem | null>(null);
  const client = new PackagesClient(host.api);
  const run = async (work: () => Promise<IReceipt | undefined>): Promise<void> => {
    setBusy(true);
    setProblem(null);
    try {
      onChanged(await work());
    } catch (error) {
      setProblem(Problem.from(error));
      ask();
    }
    setBusy(false);
  };
  const merge = async (): Promise<IReceipt> => (await client.merge(details.proposal)).receipt;
  const withdraw = async (): Promise<undefined> => {
    await client.withdraw(proposal.number, reason.trim());
  };
  const doing = isLeaving ? 'Withdrawing the pull request' : 'Merging the pull request';
  return (
    <>
      {problem && <ProblemBanner problem={problem} doing={doing} />}
      {isLeaving && (
        <ReasonField
          label="Why it is withdrawn"
          hint="the package is not needed after all"
          value={reason}
          onChange={setReason}
          isFocusedFirst
        />
      )}
      <div className="growth-Details-actions">
        {isLeaving ? (
          <>
            <Button
              label={`Withdraw #${proposal.number}`}
              look="danger"
              isDisabled={isBusy || !reason.trim()}
              title={reason.trim() ? undefined : 'Say why first; it stays in the audit trail'}
              onClick={() => void run(withdraw)}
            />
            <Button label="Leave it open" onClick={() => setLeaving(false)} />
          </>
        ) : (
          <>
            <Button
              label={`Merge #${proposal.number}`}
              look="primary"
              isDisabled={isBusy || Boolean(details.problem)}
              title={details.problem || 'Just what is shown here; the image is built after that'}
              onClick={() => void run(merge)}
            />
            <Button label="Withdraw it" isDisabled={isBusy} onClick={() => setLeaving(true)} />
          </>
        )}
      </div>
    </>
  );
}
