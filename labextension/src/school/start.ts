/** Wires the console of the school into an organiser's Lab. */

import type { ILayoutRestorer, JupyterFrontEnd } from '@jupyterlab/application';
import type { ICommandPalette } from '@jupyterlab/apputils';
import type { IEditorServices } from '@jupyterlab/codeeditor';
import type { ILauncher } from '@jupyterlab/launcher';

import { openAreas } from '../panel/areas';
import { CATEGORY, COMMAND_PREFIX } from '../tokens';
import { addAreaCommands, addOpenCommand } from './commands';
import { OPEN, schoolOf } from './school';
import { SchoolSidebar } from './sidebar-widget';

export interface ILabParts {
  app: JupyterFrontEnd;
  palette: ICommandPalette | null;
  launcher: ILauncher | null;
  restorer: ILayoutRestorer | null;
  editors: IEditorServices | null;
}

/** Add the sidebar and the commands; taken back if the server opens no area to this user. */
export function startSchool({ app, palette, launcher, restorer, editors }: ILabParts): void {
  const school = schoolOf(app, editors);
  const tracker = addOpenCommand(app, school);
  const sidebar = new SchoolSidebar(school);
  restorer?.add(sidebar, sidebar.id);
  app.shell.add(sidebar, 'left', { rank: 150 });
  void restorer?.restore(tracker, {
    command: OPEN,
    args: widget => ({ area: widget.content.area.id }),
    name: widget => widget.content.area.id,
    when: school.getMe().catch(() => undefined)
  });
  const showSidebar = `${COMMAND_PREFIX}show-sidebar`;
  void school.known.then(known => {
    if (known.areas.length === 0) {
      sidebar.dispose();
      return;
    }
    app.commands.addCommand(showSidebar, {
      label: 'Show the school sidebar',
      execute: () => app.shell.activateById(sidebar.id)
    });
    palette?.addItem({ command: showSidebar, category: CATEGORY });
    addAreaCommands(app, openAreas(known), tracker, palette, launcher);
  });
}
