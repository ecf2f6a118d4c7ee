// What the menus' `when` clauses ask about, under `forge.` in the editor's context.
import * as vscode from 'vscode';
import type { ServerState } from './server';

/** Commands that the server runs, where it says that it can; the language client registers them. */
export const serverCommands = {
  checkWorkspace: 'forge.checkWorkspace',
  refreshPatch: 'forge.refreshPatch',
  syncMirrors: 'forge.syncMirrors',
  showStatus: 'forge.showStatus',
} as const;

export function setPresent(): void {
  set('present', true);
}

export function setServer(state: ServerState): void {
  set('server', state.kind);
  if (state.kind !== 'running') setCommands([]);
}

/** `forge.can.NAME` for each command that the server announced. */
export function setCommands(announced: readonly string[]): void {
  for (const [name, command] of Object.entries(serverCommands)) set(`can.${name}`, announced.includes(command));
}

function set(key: string, value: unknown): void {
  void vscode.commands.executeCommand('setContext', `forge.${key}`, value);
}
