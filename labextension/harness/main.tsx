/** Every piece in its states, with names and texts that try to break it. */

import '../style/panels.css';

import {
  CodeMirrorEditorFactory,
  CodeMirrorMimeTypeService,
  EditorExtensionRegistry,
  EditorLanguageRegistry,
  EditorThemeRegistry
} from '@jupyterlab/codemirror';
import * as React from 'react';
import { createRoot } from 'react-dom/client';

import { Problem } from '../src/api/problem';
import { Button } from '../src/ui/button';
import { DiffView } from '../src/ui/diff-view';
import { EmptyState } from '../src/ui/empty-state';
import { MiddleText } from '../src/ui/middle-text';
import { ProblemBanner } from '../src/ui/problem-banner';
import { ScriptEditor } from '../src/ui/script-editor';
import { Skeleton } from '../src/ui/skeleton';
import { StateBadge, type Tone } from '../src/ui/state-badge';
import { Table } from '../src/ui/table/table';
import { Track } from '../src/ui/track';
import { DatasetsPage } from './datasets';
import { ImagesPage } from './images';
import { PeerPage } from './peer';
import { RosterPage } from './roster';
import { ServersPage } from './servers';

const SCRIPT = `#!/bin/bash
# Pull the notebooks of the day.
cd "$HOME"
rm -f "$HOME"/*.ipynb
for name in one two three; do
  echo "export PATH=/nfs/bin:$PATH" >> ~/.bashrc
done
gitpuller https://git.example/school main work
`;

function makeEditors() {
  const languages = new EditorLanguageRegistry();
  EditorLanguageRegistry.getDefaultLanguages().forEach(item => languages.addLanguage(item));
  const themes = new EditorThemeRegistry();
  EditorThemeRegistry.getDefaultThemes().forEach(item => themes.addTheme(item));
  const extensions = new EditorExtensionRegistry();
  EditorExtensionRegistry.getDefaultExtensions({ themes }).forEach(item =>
    extensions.addExtension(item)
  );
  return {
    factoryService: new CodeMirrorEditorFactory({ extensions, languages }),
    mimeTypeService: new CodeMirrorMimeTypeService(languages)
  };
}

const editors = makeEditors();
const NAMES = ['jane-doe', '<img src=x onerror=alert(1)>', `${'x'.repeat(30)}-the-end1`, '42'];
const ROWS = Array.from({ length: 1000 }, (_, index) => ({
  user: index < NAMES.length ? NAMES[index] : `student-${index}`,
  took_s: index % 7 === 3 ? null : index / 10,
  when: new Date(Date.now() - index * 97_000).toISOString()
}));
const TONES: Tone[] = ['ok', 'error', 'warn', 'info', 'busy', 'idle'];
const PROBLEM = new Problem({
  status: 409,
  title: 'as-user.sh was changed by maria-de-los-angeles',
  detail: 'She saved r32 two minutes ago: <b>"pull twice"</b>.',
  hint: 'Compare both texts, then save again.',
  errors: [{ field: 'base', message: 'r31 is no longer the newest' }]
});

function Box({
  title,
  height,
  children
}: React.PropsWithChildren<{ title: string; height?: number }>) {
  return (
    <section>
      <h2>{title}</h2>
      <div className="box" style={{ height }}>
        <div className="growth-Panel">
          <div className="growth-Area">{children}</div>
        </div>
      </div>
    </section>
  );
}

function Page(): JSX.Element {
  const [text, setText] = React.useState(SCRIPT);
  const [selection, setSelection] = React.useState<readonly string[]>([]);
  return (
    <>
      <Box title="States, buttons, names" height={150}>
        <div>
          {TONES.map(tone => (
            <React.Fragment key={tone}>
              <StateBadge tone={tone} word={tone} />{' '}
            </React.Fragment>
          ))}
        </div>
        <div className="growth-Toolbar">
          <Button label="Make live" look="primary" onClick={() => undefined} />
          <Button label="Stop 43 servers" look="danger" onClick={() => undefined} />
          <Button label="Rehearse" onClick={() => undefined} />
          <Button label="Cannot now" isDisabled onClick={() => undefined} />
          <Button label="Copy details" look="link" onClick={() => undefined} />
        </div>
        <div style={{ width: 180 }}>
          <MiddleText text={NAMES[2]} />
        </div>
      </Box>
      <Box title="Track" height={80}>
        <Track
          label="From a text to every start"
          steps={[
            {
              id: 'lint',
              label: 'Lint',
              state: 'done',
              note: '3 warnings',
              onSelect: () => undefined
            },
            { id: 'rehearse', label: 'Rehearse', state: 'skipped', note: 'exam in 10 minutes' },
            { id: 'canary', label: 'Canary', state: 'current', onSelect: () => undefined },
            { id: 'publish', label: 'Make live', state: 'next' }
          ]}
        />
      </Box>
      <Box title="Editor with findings" height={240}>
        <ScriptEditor
          path="as-user.sh"
          text={text}
          onChange={setText}
          editors={editors}
          findings={[
            {
              line: 4,
              severity: 'error',
              rule: 'deletes-home',
              message: 'deletes students’ notebooks at every start',
              hint: 'use gitpuller, which keeps what they changed'
            },
            {
              line: 6,
              severity: 'warning',
              rule: 'grows',
              message: 'grows .bashrc',
              hint: 'test first'
            }
          ]}
        />
      </Box>
      <Box title="Differences" height={260}>
        <DiffView
          before={SCRIPT}
          after={SCRIPT.replace('rm -f', 'ls -l').replace('two three', 'two')}
          beforeLabel="live r31"
          afterLabel="yours"
          path="as-user.sh"
        />
      </Box>
      <Box title="Problem, empty, loading" height={420}>
        <ProblemBanner problem={PROBLEM} doing="Saving as-user.sh" onRetry={() => undefined} />
        <EmptyState
          sentence="No start was recorded yet."
          action={<Button label="Start your canary" onClick={() => undefined} />}
          runbook="T01-what-did-every-start-do.ipynb"
        />
        <Skeleton what="starts" />
      </Box>
      <Box title="1,000 rows" height={400}>
        <Table
          label="Starts"
          noun={['start', 'starts']}
          rows={ROWS}
          columns={COLUMNS}
          rowKey={keyOf}
          selection={selection}
          onSelection={setSelection}
          details={row => <p>{row.user}</p>}
        />
      </Box>
    </>
  );
}

type Row = (typeof ROWS)[number];
const keyOf = (row: Row): string => row.user;
const COLUMNS = [
  { id: 'user', label: 'User', kind: 'name' as const, value: (row: Row) => row.user },
  { id: 'took', label: 'Took (s)', kind: 'number' as const, value: (row: Row) => row.took_s },
  { id: 'when', label: 'When', kind: 'time' as const, value: (row: Row) => row.when, priority: 1 }
];

function pageOf(page: string | null, state: string): JSX.Element {
  if (page === 'roster' || page === 'roster-cell') {
    return <RosterPage state={state} place={page === 'roster' ? 'lab' : 'notebook'} />;
  }
  if (page === 'images' || page === 'images-cell') {
    return <ImagesPage state={state} place={page === 'images' ? 'lab' : 'notebook'} />;
  }
  if (page === 'servers' || page === 'servers-cell') {
    return <ServersPage state={state} place={page === 'servers' ? 'lab' : 'notebook'} />;
  }
  if (page === 'peer') {
    return <PeerPage />;
  }
  return page ? <DatasetsPage page={page} state={state} /> : <Page />;
}

const query = new URLSearchParams(location.search);
createRoot(document.getElementById('root') as HTMLElement).render(
  pageOf(query.get('page'), query.get('state') ?? '')
);
