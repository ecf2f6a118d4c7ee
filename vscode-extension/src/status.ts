// The status bar item: what the server is doing and how many errors it found.
import * as vscode from 'vscode';
import { commands } from './commands';
import { explain } from './locate';
import type { ServerState } from './server';

const source = 'forge-analyze';

export interface Summary {
  text: string;
  tooltip: string;
  level: 'plain' | 'warning' | 'error';
  command: string;
}

/** The words for a state; a function of values, so that each can be tested. */
export function summarize(state: ServerState, checking: boolean, errors: number): Summary {
  const calm = { level: 'plain', command: commands.showLog } as const;
  switch (state.kind) {
    case 'stopped':
      return { ...calm, text: '$(circle-slash) Forge', tooltip: 'The language server is stopped.' };
    case 'starting':
      return { ...calm, text: '$(sync~spin) Forge', tooltip: 'The language server is starting.' };
    case 'waiting':
      return {
        ...calm,
        text: '$(warning) Forge',
        tooltip: `forge-lsp ${state.reason}. It is started again in ${state.seconds} s.`,
        level: 'warning',
      };
    case 'unusable':
      return { ...calm, text: '$(error) Forge', tooltip: explain(state.problem), level: 'error' };
    case 'given-up':
      return {
        ...calm,
        text: '$(error) Forge',
        tooltip: `forge-lsp ${state.reason}, too often in a row. Run "Forge: Restart Server" to try again.`,
        level: 'error',
      };
    case 'running':
      return summarizeFindings(state.server.version, checking, errors);
  }
}

function summarizeFindings(version: string, checking: boolean, errors: number): Summary {
  const count = errors === 1 ? '1 error' : `${errors} errors`;
  const icon = checking ? '$(sync~spin)' : errors === 0 ? '$(check)' : '$(error)';
  return {
    text: errors === 0 ? `${icon} Forge` : `${icon} Forge: ${errors}`,
    tooltip: `${checking ? 'Checking the forge' : 'The forge is checked'}: ${count}. forge-lsp ${version}`,
    level: 'plain',
    command: errors === 0 ? commands.showLog : 'workbench.actions.view.problems',
  };
}

export class Status implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem('forge.status', vscode.StatusBarAlignment.Left);
  private readonly listener = vscode.languages.onDidChangeDiagnostics((event) => this.count(event.uris));
  private readonly errors = new Map<string, number>();
  private readonly tasks = new Set<string | number>();
  private state: ServerState = { kind: 'stopped' };

  constructor() {
    this.item.name = 'Forge';
    this.render();
    this.item.show();
  }

  show(state: ServerState): void {
    this.state = state;
    this.tasks.clear();
    this.render();
  }

  /** The server says that it began or ended some work. */
  progress(task: string | number, ended: boolean): void {
    if (ended) this.tasks.delete(task);
    else this.tasks.add(task);
    this.render();
  }

  dispose(): void {
    this.listener.dispose();
    this.item.dispose();
  }

  /** Looks at the changed files only; a workspace may have thousands. */
  private count(changed: readonly vscode.Uri[]): void {
    for (const uri of changed) {
      const errors = vscode.languages.getDiagnostics(uri).filter(isOurError).length;
      if (errors === 0) this.errors.delete(uri.toString());
      else this.errors.set(uri.toString(), errors);
    }
    this.render();
  }

  private render(): void {
    const errors = [...this.errors.values()].reduce((sum, count) => sum + count, 0);
    const summary = summarize(this.state, this.tasks.size > 0, errors);
    this.item.text = summary.text;
    this.item.tooltip = summary.tooltip;
    this.item.command = summary.command;
    this.item.backgroundColor =
      summary.level === 'plain' ? undefined : new vscode.ThemeColor(`statusBarItem.${summary.level}Background`);
  }
}

function isOurError(diagnostic: vscode.Diagnostic): boolean {
  return diagnostic.source === source && diagnostic.severity === vscode.DiagnosticSeverity.Error;
}
