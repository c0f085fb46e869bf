/** One notice as it is drawn: in the bar on top of a student's Lab, and as its author's preview. */

import type { INotice } from './watch';

/** What the buttons of a row do; a button without one is not drawn. */
export interface IRowActions {
  saveAndRestart?(): void;
  postpone?(): void;
  dismiss?(): void;
}

/** A row that can say more than it did at first. */
export interface IRow {
  node: HTMLElement;
  /** Replace what a screen reader is told: the text first, later what happens. */
  say(text: string): void;
  /** What stands beside the text and is read to nobody each second. */
  countdown(text: string): void;
  setBusy(isBusy: boolean): void;
  /** Hide the buttons while they make no sense. */
  showActions(isShown: boolean): void;
  /** Take the button for more time away. */
  dropPostpone(): void;
}

/** So many more minutes may somebody ask for at once. */
export function postponeMinutes(notice: INotice): number {
  return Math.min(10, notice.restart?.may_postpone_min ?? 0);
}

/** A preview is read to nobody: its author hears what is typed already. */
export function createRow(notice: INotice, actions: IRowActions, { isPreview = false } = {}): IRow {
  const isWarning = notice.level === 'warning';
  const node = element('div', 'growth-NoticeRow');
  node.dataset.level = isWarning ? 'warning' : 'info';
  node.dataset.notice = notice.id;
  const icon = element('span', 'growth-NoticeRow-icon', isWarning ? '\u26a0' : '\u2139');
  icon.setAttribute('aria-hidden', 'true');
  const text = element('span', 'growth-NoticeRow-text');
  if (!isPreview) {
    text.setAttribute('role', isWarning ? 'alert' : 'status');
  }
  const countdown = element('span', 'growth-NoticeRow-countdown');
  countdown.setAttribute('role', 'timer');
  countdown.setAttribute('aria-live', 'off');
  const buttons = element('span', 'growth-NoticeRow-actions');
  node.append(icon, text, countdown);
  if (notice.link.startsWith('https://')) {
    node.append(linkTo(notice.link));
  }
  node.append(buttons);
  const minutes = postponeMinutes(notice);
  if (actions.saveAndRestart) {
    const now = notice.restart?.is_stop ? 'Save all and stop now' : 'Save all and restart now';
    buttons.append(button(now, actions.saveAndRestart, 'primary'));
  }
  const postpone = actions.postpone && button(`${minutes} more minutes`, actions.postpone);
  if (postpone) {
    buttons.append(postpone);
  }
  if (actions.dismiss) {
    buttons.append(button('Dismiss', actions.dismiss));
  }
  // a live region speaks of what changes in it: it must stand in the page before its text does
  window.setTimeout(() => (text.textContent ||= notice.text));
  return {
    node,
    say: said => {
      if (text.textContent !== said) {
        text.textContent = said; // the same text again would be read again
      }
    },
    countdown: said => {
      countdown.textContent = said;
    },
    setBusy: isBusy => {
      buttons.querySelectorAll('button').forEach(found => {
        found.disabled = isBusy;
      });
    },
    showActions: isShown => {
      buttons.style.display = isShown ? '' : 'none';
    },
    dropPostpone: () => postpone?.remove()
  };
}

function element(tag: string, className: string, text = ''): HTMLElement {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

function linkTo(url: string): HTMLElement {
  const link = document.createElement('a');
  link.className = 'growth-NoticeRow-link';
  link.href = url;
  link.target = '_blank';
  link.rel = 'noopener noreferrer';
  link.title = url;
  link.textContent = 'Read more';
  return link;
}

function button(label: string, onClick: () => void, look = 'plain'): HTMLElement {
  const made = document.createElement('button');
  made.type = 'button';
  made.className = `growth-NoticeRow-button growth-mod-${look}`;
  made.textContent = label;
  // with the mouse the focus stays in the cell that is being typed in
  made.addEventListener('mousedown', event => event.preventDefault());
  made.addEventListener('click', onClick);
  return made;
}
