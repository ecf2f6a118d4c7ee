// The status bar item: what the server is doing and how many errors it found.
import * as vscode from 'vscode';
import { commands } from './commands';
import { explain } from './locate';
import type { ServerState } from './server';

const source = 'forge-analyze';

/** Rules that say that something could not be looked at, for want of a mirror, an index or a package list. */
const notExamined = /^(?:upstream|index|distribution)-unavailable$/;

export interface Findings {
  errors: number;
  /** What could not be examined. */
  unavailable: number;
}

export interface Summary {
  text: string;
  tooltip: string;
  level: 'plain' | 'warning' | 'error';
  command: string;
}

/** The words for a state; a function of values, so that each can be tested. */
export function summarize(state: ServerState, checking: boolean, findings: Findings): Summary {
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
      return summarizeFindings(state.server.version, checking, findings);
  }
}

function summarizeFindings(version: string, checking: boolean, { errors, unavailable }: Findings): Summary {
  const count = errors === 1 ? '1 error' : `${errors} errors`;
  const offline = unavailable === 0 ? '' : ' Not all of it could be examined: mirrors, index or package lists are missing.';
  const icon = checking ? 'sync~spin' : errors > 0 ? 'error' : unavailable > 0 ? 'debug-disconnect' : 'check';
  const words = errors > 0 ? `: ${errors}` : unavailable > 0 && !checking ? ': offline' : '';
  return {
    text: `$(${icon}) Forge${words}`,
    tooltip: `${checking ? 'Checking the forge' : 'The forge is checked'}: ${count}.${offline} forge-lsp ${version}`,
    level: 'plain',
    command: errors + unavailable === 0 ? commands.showLog : 'workbench.actions.view.problems',
  };
}

export class Status implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem('forge.status', vscode.StatusBarAlignment.Left);
  private readonly listener = vscode.languages.onDidChangeDiagnostics((event) => this.count(event.uris));
  private readonly findings = new Map<string, Findings>();
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
      const ours = vscode.languages.getDiagnostics(uri).filter((diagnostic) => diagnostic.source === source);
      const unavailable = ours.filter((diagnostic) => notExamined.test(ruleOf(diagnostic))).length;
      const errors = ours.filter(({ severity }) => severity === vscode.DiagnosticSeverity.Error).length;
      if (errors + unavailable === 0) this.findings.delete(uri.toString());
      else this.findings.set(uri.toString(), { errors, unavailable });
    }
    this.render();
  }

  private render(): void {
    const findings = { errors: 0, unavailable: 0 };
    for (const { errors, unavailable } of this.findings.values()) {
      findings.errors += errors;
      findings.unavailable += unavailable;
    }
    const summary = summarize(this.state, this.tasks.size > 0, findings);
    this.item.text = summary.text;
    this.item.tooltip = summary.tooltip;
    this.item.command = summary.command;
    this.item.backgroundColor =
      summary.level === 'plain' ? undefined : new vscode.ThemeColor(`statusBarItem.${summary.level}Background`);
  }
}

function ruleOf({ code }: vscode.Diagnostic): string {
  return String(typeof code === 'object' ? code.value : code);
}
