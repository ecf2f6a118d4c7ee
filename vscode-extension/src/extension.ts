// The start: puts the parts together and ends them again.
import * as os from 'node:os';
import * as vscode from 'vscode';
import { converse } from './client';
import { registerCommands } from './commands';
import { locate, type Places } from './locate';
import { notify } from './notices';
import { Server } from './server';
import { launchSettings } from './settings';
import { Status } from './status';
import { Trace } from './trace';

let server: Server | undefined;

export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel('Forge', { log: true });
  const status = new Status();
  const trace = new Trace(log);
  const running = new Server({
    find: () => locate(places(context)),
    converse: (process, fail) =>
      converse(process, fail, { log, trace: trace.channel, progress: (task, ended) => status.progress(task, ended) }),
    launch: () => ({ arguments: launchSettings().arguments, folder: workspaceFolders()[0] }),
    show: (state) => {
      status.show(state);
      void notify(state, context.extension.id);
    },
    log: (line) => log.info(line),
  });
  server = running;
  const restart = () => running.restart();
  context.subscriptions.push(
    log,
    status,
    trace,
    ...registerCommands({ restartServer: restart, showLog: () => log.show() }),
    vscode.workspace.onDidGrantWorkspaceTrust(restart),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('forge.server')) void restart();
    }),
  );
  void restart();
}

export async function deactivate(): Promise<void> {
  await server?.stop();
}

function places(context: vscode.ExtensionContext): Places {
  return {
    setting: launchSettings().path,
    home: os.homedir(),
    extensionFolder: context.extensionPath,
    searchPath: process.env['PATH'] ?? '',
    workspaceFolders: workspaceFolders(),
    trusted: vscode.workspace.isTrusted,
  };
}

function workspaceFolders(): string[] {
  const folders = vscode.workspace.workspaceFolders ?? [];
  return folders.filter(({ uri }) => uri.scheme === 'file').map(({ uri }) => uri.fsPath);
}
