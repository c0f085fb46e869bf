/**
 * Plugins. Everybody's Lab fetches this file, so nothing heavy is imported here: what belongs to
 * organisers is fetched when the page says that this user may be one (a hint that saves work; the
 * server decides), and what belongs to a widget when a notebook shows one.
 */

import { ILayoutRestorer, JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { IEditorServices } from '@jupyterlab/codeeditor';
import { PageConfig } from '@jupyterlab/coreutils';
import { ILauncher } from '@jupyterlab/launcher';

import { NoticeWatch, type Outcome } from './notices/student/watch';
import { NAME, VERSION } from './tokens';

/** Sidebar, launcher cards, commands and panels: in organisers' Labs only. */
const school: JupyterFrontEndPlugin<void> = {
  id: `${NAME}:school`,
  description: 'The console of the school: sidebar, panels and commands for its organisers.',
  autoStart: true,
  optional: [ICommandPalette, ILauncher, ILayoutRestorer, IEditorServices],
  activate: async (app: JupyterFrontEnd, palette, launcher, restorer, editors) => {
    if (!PageConfig.getOption('growthAreas')) {
      return;
    }
    const { startSchool } = await import(/* webpackChunkName: "school" */ './school/start');
    startSchool({ app, palette, launcher, restorer, editors });
  }
};

/**
 * Views of our ipywidgets. The import is dynamic because a static one would kill the whole
 * extension where ipywidgets' manager is not installed. `activate` returns the promise, so that
 * the views are known before notebooks are restored.
 */
const widgets: JupyterFrontEndPlugin<void> = {
  id: `${NAME}:widgets`,
  description: 'Shows the panels of the school inside notebooks.',
  autoStart: true,
  optional: [IEditorServices],
  activate: async (app: JupyterFrontEnd, editors: IEditorServices | null) => {
    const base = await import('@jupyter-widgets/base').catch(() => null);
    const registry = base && (await app.resolveOptionalService(base.IJupyterWidgetRegistry));
    registry?.registerWidget({
      name: NAME,
      version: VERSION,
      exports: async () => {
        const { createExports } = await import(/* webpackChunkName: "widget" */ './widget/widget');
        return createExports(app, editors);
      }
    });
  }
};

/** Notices of the school: silent, and next to nothing to fetch, until there is one. */
const notices: JupyterFrontEndPlugin<void> = {
  id: `${NAME}:notices`,
  description: 'Shows what the organisers of the school tell: a bar, or a toast.',
  autoStart: true,
  activate: (app: JupyterFrontEnd) => {
    const key = PageConfig.getOption('growthNotices');
    if (!key) {
      return;
    }
    const watch = new NoticeWatch({
      url: `${PageConfig.getBaseUrl()}growth/api/notices/`,
      key,
      interval_ms: Number(PageConfig.getOption('growthNoticesPollMs')) || 60_000,
      onOutcome: outcome => void tell(outcome)
    });
    let board: Promise<{ onOutcome(outcome: Outcome): void }> | null = null;
    const tell = async (outcome: Outcome): Promise<void> => {
      board ??= import(/* webpackChunkName: "notices" */ './notices/student/board').then(
        ({ NoticeBoard }) => new NoticeBoard(app, watch)
      );
      (await board.catch(() => (board = null)))?.onOutcome(outcome);
    };
    void app.restored.then(() => watch.start());
  }
};

export default [school, widgets, notices];
