/** In place of tags and timeline while no registry is configured. */

import * as React from 'react';

import { EmptyState } from '../ui/empty-state';

const SETTINGS: readonly [string, string][] = [
  ['ImageRegistry.image', "HOST/NAME of the school's image; or GROWTH_IMAGE_NAME at the hub"],
  ['ImageRegistry.tag', 'the tag that the hub starts servers with: deploy, unless you say so'],
  ['ImageRegistry.credential_file', 'file with the login, which admins alone can read'],
  ['ImageRegistry.api_url', 'only if the API is not at https:// and the host of the image']
];

interface ISetupViewProps {
  /** What is missing, as the server says it, and what to do. */
  what: string;
  hint: string;
}

export function SetupView({ what, hint }: ISetupViewProps): JSX.Element {
  return (
    <EmptyState
      sentence={`No registry is configured, so there is nothing to promote. ${what} ${hint}`}
      runbook="O09-promote-an-image.ipynb"
      action={
        <section className="growth-Settings" aria-label="Settings of the images">
          <p>
            Set these in <code>jupyter_server_config</code> of the image, then restart your server:
          </p>
          <dl className="growth-Facts">
            {SETTINGS.map(([name, what]) => (
              <React.Fragment key={name}>
                <dt>
                  <code>{name}</code>
                </dt>
                <dd>{what}</dd>
              </React.Fragment>
            ))}
          </dl>
        </section>
      }
    />
  );
}
