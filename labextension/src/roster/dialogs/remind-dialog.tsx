import * as React from 'react';

import { Button } from '../../ui/button';
import { useCopy } from '../../ui/copy';
import { Dialog } from '../../ui/dialog';
import { plural } from '../../ui/time';
import { emailsOf, type IRoster } from '../model';
import type { IPerson } from '../types';
import { callOf } from '../words';
import { draftOf, mailLinks } from './mail';

interface IRemindDialogProps {
  people: readonly IPerson[];
  roster: IRoster;
  onClose(): void;
}

/** A mail to those who have not accepted: opened in the mail program, or copied into another. */
export function RemindDialog({ people, roster, onClose }: IRemindDialogProps): JSX.Element {
  const emails = emailsOf(people);
  const [mail, setMail] = React.useState(() => draftOf(roster.organization, roster.accept_url));
  const [areCopied, copyAddresses] = useCopy();
  const [isCopied, copyText] = useCopy();
  const links = mailLinks(emails, mail);
  const who = people.length === 1 ? callOf(people[0]) : plural(people.length, 'person', 'people');
  return (
    <Dialog
      title={`Remind ${who} of the invitation`}
      onClose={onClose}
      footer={
        <>
          <Button
            label={areCopied ? 'Copied' : `Copy ${plural(emails.length, 'address', 'addresses')}`}
            onClick={() => copyAddresses(emails.join(', '))}
          />
          <Button
            label={isCopied ? 'Copied' : 'Copy text'}
            onClick={() => copyText(`${mail.subject}\n\n${mail.body}`)}
          />
          {links.map((link, index) => (
            <a
              key={index}
              className={`growth-Button growth-mod-${index === 0 ? 'primary' : 'plain'}`}
              href={link}
              title="Opens your mail program with everybody in blind copy; it sends nothing"
            >
              {links.length === 1
                ? 'Open a mail draft'
                : `Open draft ${index + 1} of ${links.length}`}
            </a>
          ))}
        </>
      }
    >
      <p className="growth-Dialog-note">
        GitHub sends no reminder. This opens a draft in your mail program; nobody sees the others’
        addresses.
      </p>
      <div className="growth-Mail">
        <label>
          Subject
          <input
            type="text"
            value={mail.subject}
            onChange={event => setMail({ ...mail, subject: event.target.value })}
          />
        </label>
        <label>
          Text
          <textarea
            rows={10}
            value={mail.body}
            onChange={event => setMail({ ...mail, body: event.target.value })}
          />
        </label>
      </div>
    </Dialog>
  );
}
