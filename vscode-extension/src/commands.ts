// The extension's own commands. Those that the server offers are registered by the language client.
import * as vscode from 'vscode';

export const commands = {
  restartServer: 'forge.restartServer',
  showLog: 'forge.showLog',
} as const;

export interface Actions {
  restartServer(): Promise<void>;
  showLog(): void;
}

export function registerCommands(actions: Actions): vscode.Disposable[] {
  return [
    vscode.commands.registerCommand(commands.restartServer, () => actions.restartServer()),
    vscode.commands.registerCommand(commands.showLog, () => actions.showLog()),
  ];
}
