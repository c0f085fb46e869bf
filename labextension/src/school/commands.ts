/** Commands: one that opens any area, one for each area, and those of the panels. */

import type { JupyterFrontEnd } from '@jupyterlab/application';
import { type ICommandPalette, MainAreaWidget, WidgetTracker } from '@jupyterlab/apputils';
import type { ILauncher } from '@jupyterlab/launcher';

import type { IArea } from '../panel/area';
import { AREAS, findArea } from '../panel/areas';
import { CATEGORY, COMMAND_PREFIX } from '../tokens';
import { LabPanel } from './lab-panel';
import { OPEN, type School } from './school';

export type PanelTracker = WidgetTracker<MainAreaWidget<LabPanel>>;

/** Return the command that opens this area. */
export function openCommand(area: IArea): string {
  return `${COMMAND_PREFIX}open-${area.id}`;
}

/** Add the command that opens a panel; Lab's restorer needs it before anybody's rights are known. */
export function addOpenCommand(app: JupyterFrontEnd, school: School): PanelTracker {
  const tracker: PanelTracker = new WidgetTracker({ namespace: 'growth-admin' });
  app.commands.addCommand(OPEN, {
    label: args => `Open ${findArea(String(args.area))?.label ?? 'an area of the school'}`,
    isVisible: () => false,
    execute: async args => {
      const area = findArea(String(args.area));
      if (!area) {
        return;
      }
      const widget =
        tracker.find(open => open.content.area.id === area.id) ?? create(area, app, school);
      if (!widget.isAttached) {
        app.shell.add(widget, 'main');
        await tracker.add(widget);
      }
      app.shell.activateById(widget.id);
      if (args.filter) {
        widget.content.setFilter(String(args.filter));
      }
    }
  });
  return tracker;
}

function create(area: IArea, app: JupyterFrontEnd, school: School): MainAreaWidget<LabPanel> {
  const content = new LabPanel(area, school);
  content.actions.onChanged = () => app.commands.notifyCommandChanged();
  const widget = new MainAreaWidget({ content });
  widget.id = `${content.id}-main`;
  widget.toolbar.hide();
  return widget;
}

/** Add what this user may open: commands, palette entries and launcher cards. */
export function addAreaCommands(
  app: JupyterFrontEnd,
  areas: readonly IArea[],
  tracker: PanelTracker,
  palette: ICommandPalette | null,
  launcher: ILauncher | null
): void {
  for (const area of areas) {
    const open = openCommand(area);
    app.commands.addCommand(open, {
      label: args => (args.isLauncher ? area.label : `Open ${area.label}`),
      caption: area.caption,
      icon: args => (args.isPalette ? undefined : area.icon),
      execute: () => app.commands.execute(OPEN, { area: area.id })
    });
    palette?.addItem({ command: open, category: CATEGORY, args: { isPalette: true } });
    launcher?.add({
      command: open,
      category: CATEGORY,
      args: { isLauncher: true },
      rank: AREAS.indexOf(area)
    });
    area.commands.forEach(({ id, label }) => {
      addPanelCommand(app, tracker, id, label);
      palette?.addItem({ command: COMMAND_PREFIX + id, category: CATEGORY });
    });
  }
}

/** A command that stands in a panel: it acts on the panel in front. */
function addPanelCommand(
  app: JupyterFrontEnd,
  tracker: PanelTracker,
  id: string,
  label: string
): void {
  const action = (): ReturnType<LabPanel['actions']['get']> =>
    tracker.currentWidget?.content.actions.get(id);
  app.commands.addCommand(COMMAND_PREFIX + id, {
    label,
    caption: () => action()?.reason ?? '',
    isEnabled: () => action()?.isEnabled ?? false,
    execute: () => action()?.execute()
  });
}
