import * as React from 'react';

export interface ITab {
  id: string;
  label: string;
  /** Shown behind the label: a count, for example. */
  note?: string;
  render(): React.ReactNode;
}

export interface ITabsProps {
  label: string;
  tabs: readonly ITab[];
  current: string;
  onChange(id: string): void;
}

/** Tabs after the ARIA pattern: arrows move and select, Home and End go to the ends. */
export function Tabs({ label, tabs, current, onChange }: ITabsProps): JSX.Element {
  const prefix = React.useId();
  const index = Math.max(
    0,
    tabs.findIndex(tab => tab.id === current)
  );
  const shown = tabs[index];
  const strip = React.useRef<HTMLDivElement>(null);
  const goTo = (next: number): void => {
    const tab = tabs[(next + tabs.length) % tabs.length];
    onChange(tab.id);
    strip.current?.querySelector<HTMLElement>(`[data-tab="${CSS.escape(tab.id)}"]`)?.focus();
  };
  const moves: Record<string, number> = {
    ArrowRight: index + 1,
    ArrowLeft: index - 1,
    Home: 0,
    End: tabs.length - 1
  };
  return (
    <div className="growth-Tabs">
      <div
        ref={strip}
        role="tablist"
        aria-label={label}
        className="growth-Tabs-strip"
        onKeyDown={event => {
          if (event.key in moves) {
            event.preventDefault();
            goTo(moves[event.key]);
          }
        }}
      >
        {tabs.map(tab => (
          <button
            key={tab.id}
            type="button"
            role="tab"
            id={`${prefix}-${tab.id}`}
            data-tab={tab.id}
            aria-selected={tab === shown}
            aria-controls={`${prefix}-panel`}
            tabIndex={tab === shown ? 0 : -1}
            onClick={() => onChange(tab.id)}
          >
            {tab.label}
            {tab.note && <span className="growth-Tabs-note">{tab.note}</span>}
          </button>
        ))}
      </div>
      <div
        className="growth-Tabs-panel"
        role="tabpanel"
        id={`${prefix}-panel`}
        aria-labelledby={shown && `${prefix}-${shown.id}`}
      >
        {shown?.render()}
      </div>
    </div>
  );
}
