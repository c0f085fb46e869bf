import * as React from 'react';

import { Button } from '../../ui/button';
import type { Draft } from './draft';
import { ACCEPTED } from './file';

/** A file or pasted text; the panel around it takes what is dropped. */
export function SourceStep({ draft }: { draft: Draft }): JSX.Element {
  const input = React.useRef<HTMLInputElement>(null);
  const id = React.useId();
  return (
    <div className="growth-Source">
      <div className="growth-Source-zone">
        <p>
          Drop the list here: a form’s answers, a registration system’s export, an LMS list, an old
          Classroom roster. CSV, TSV or XLSX, up to 2 MB.
        </p>
        <Button
          label="Choose a file"
          look="primary"
          isDisabled={draft.isReading}
          onClick={() => input.current?.click()}
        />
        <input
          ref={input}
          className="growth-sr"
          type="file"
          accept={ACCEPTED}
          tabIndex={-1}
          aria-label="List of people"
          onChange={event => {
            const [file] = event.target.files ?? [];
            if (file) {
              void draft.takeFile(file);
            }
            event.target.value = ''; // the same file may be chosen again after it was changed
          }}
        />
      </div>
      <div className="growth-Source-paste">
        <label htmlFor={id}>Or paste names, logins or addresses, one person a line</label>
        <textarea
          id={id}
          rows={6}
          value={draft.pasted}
          spellCheck={false}
          placeholder={'Jane Doe, jane@example.org, jane-doe\nhttps://github.com/mkoch'}
          onChange={event => draft.paste(event.target.value)}
          onKeyDown={event => {
            if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && draft.pasted.trim()) {
              event.preventDefault();
              void draft.takePasted();
            }
          }}
        />
        <Button
          label={draft.isReading ? 'Reading' : 'Read the pasted list'}
          isDisabled={!draft.pasted.trim() || draft.isReading}
          onClick={() => void draft.takePasted()}
        />
      </div>
    </div>
  );
}
