import { act, cleanup, fireEvent, render, screen } from '@testing-library/react';
import * as React from 'react';

import { Checks } from '../../src/startup/checks';
import { StartupClient } from '../../src/startup/client';
import { DraftStore } from '../../src/startup/drafts';
import { Linter } from '../../src/startup/linter';
import { PublishDialog } from '../../src/startup/publish-dialog';
import { ScriptModel } from '../../src/startup/script-model';
import { Groups } from '../../src/startup/starts/groups';
import { FakeServer, FakeStorage, finding } from './fake-server';
import { group } from './samples';

// jsdom has the element, but not its methods.
HTMLDialogElement.prototype.showModal = function () {
  this.open = true;
};
HTMLDialogElement.prototype.close = function () {
  this.open = false;
};

afterEach(cleanup);

async function opened(): Promise<{ server: FakeServer; model: ScriptModel }> {
  const server = new FakeServer();
  // The same text as the live one: then no differ is drawn, which is not what is tested here.
  server.saveAs('eve', server.texts.get('sha-1') ?? '');
  const drafts = new DraftStore('ada', 'as-user.sh', new FakeStorage());
  const model = new ScriptModel(new StartupClient(server.api), 'as-user.sh', drafts);
  await model.load();
  return { server, model };
}

describe('PublishDialog', () => {
  it('wants to know why steps are skipped before it makes anything live', async () => {
    const { server, model } = await opened();
    render(<PublishDialog model={model} missing={['canary']} onClose={jest.fn()} />);
    const button = screen.getByRole('button', { name: 'Make r2 live', hidden: true });
    expect(button.getAttribute('aria-disabled')).toBe('true');
    fireEvent.click(button);
    expect(server.requests.some(request => request.includes('publications'))).toBe(false);
    fireEvent.change(screen.getByLabelText(/Why the canary may be skipped/), {
      target: { value: 'the exam begins' }
    });
    expect(button.getAttribute('aria-disabled')).toBe('false');
    await act(async () => void fireEvent.click(button));
    expect(server.requests).toContain('POST startup/scripts/as-user.sh/publications');
    // The fake school refuses it: the dialog stays and says so, with what was typed.
    expect(screen.getByRole('alert', { hidden: true }).textContent).toContain('Make r2 live');
    model.dispose();
  });
});

describe('Checks', () => {
  it('draws findings as text, and a click goes to the line', () => {
    const linter = new Linter(async () => []);
    linter.accept([finding({ line: 12, message: '<img src=x onerror=alert(1)>' })]);
    const onGoTo = jest.fn();
    const { container } = render(<Checks linter={linter} onGoTo={onGoTo} />);
    expect(container.querySelector('img')).toBeNull();
    fireEvent.click(screen.getByRole('button', { name: /line 12.*<img src=x/ }));
    expect(onGoTo).toHaveBeenCalledWith(12);
    linter.dispose();
  });
});

describe('Groups', () => {
  it('open the starts with the same fault, and name who has it', () => {
    const onChoose = jest.fn();
    const onFind = jest.fn();
    const fault = group(['jane-doe', 'liam'], ['ada/canary']);
    render(
      <Groups
        groups={[fault]}
        chosen={null}
        onChoose={onChoose}
        onFind={onFind}
        restart={keys => ({
          id: 'starts-restart',
          label: `Restart these ${keys.length}`,
          isEnabled: true,
          execute: jest.fn()
        })}
      />
    );
    expect(screen.getByText('Restart these 3')).toBeTruthy();
    fireEvent.click(screen.getByText('Open these 3'));
    expect(onChoose).toHaveBeenCalledWith(fault);
    fireEvent.click(screen.getByRole('button', { name: /as-user.sh line 20/ }));
    fireEvent.click(screen.getByText('ada/canary'));
    expect(onFind).toHaveBeenCalledWith('ada/canary');
  });
});
