/** A mail to those who have an open invitation: text and `mailto:` links (RFC 6068). */

/** Longer links are cut by some mail programs and by Windows. */
const LONGEST_LINK = 1900;

export interface IMail {
  subject: string;
  body: string;
}

/** Return the draft; the reader gets to the page where it is accepted with one click. */
export function draftOf(organization: string, acceptUrl: string): IMail {
  return {
    subject: `Your invitation to ${organization} on GitHub`,
    body: [
      'Hello,',
      '',
      `you were invited to ${organization} on GitHub. With that account you log in to our JupyterHub, so please accept the invitation:`,
      '',
      acceptUrl,
      '',
      'It ends seven days after it was sent. If the page shows no invitation, you are logged in to GitHub with another account, or it has ended: then answer this mail.',
      ''
    ].join('\n')
  };
}

/** Return links that open a draft, each with as many readers in blind copy as a link can hold. */
export function mailLinks(emails: readonly string[], mail: IMail): string[] {
  const start = `mailto:?subject=${encodeURIComponent(mail.subject)}&body=${encodeURIComponent(
    mail.body.replaceAll('\n', '\r\n')
  )}&bcc=`;
  const links: string[] = [];
  let readers: string[] = [];
  for (const email of emails) {
    const next = [...readers, encodeURIComponent(email)];
    if (readers.length > 0 && start.length + next.join(',').length > LONGEST_LINK) {
      links.push(start + readers.join(','));
      readers = [encodeURIComponent(email)];
    } else {
      readers = next;
    }
  }
  return readers.length > 0 ? [...links, start + readers.join(',')] : links;
}
