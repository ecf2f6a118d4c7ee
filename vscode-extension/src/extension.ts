// The start: puts the parts together and ends them again. Where there is no forge, that is all.
import * as os from 'node:os';
import * as vscode from 'vscode';
import { AuditViews } from './audit-view';
import type * as Client from './client';
import { registerCommands } from './commands';
import { Compare, compareScheme } from './compare';
import { Content, contentScheme } from './content';
import { setPresent, setServer } from './contexts';
import { Link } from './link';
import { locate, type Places } from './locate';
import { notify } from './notices';
import { Overview } from './overview';
import { PlanViews } from './plan-view';
import { isForge, isOfForge } from './presence';
import { Server } from './server';
import { launchSettings } from './settings';
import { Status } from './status';
import { Trace } from './trace';

let server: Server | undefined;

export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel('Forge', { log: true });
  const link = new Link();
  const overview = new Overview(link);
  const plans = new PlanViews(link, context.extensionUri);
  const audits = new AuditViews(link);
  const compare = new Compare(link);
  const restart = () => begin(context, log, link);
  context.subscriptions.push(
    log,
    link,
    overview,
    plans,
    audits,
    vscode.workspace.registerTextDocumentContentProvider(contentScheme, new Content(link)),
    vscode.workspace.registerTextDocumentContentProvider(compareScheme, compare),
    ...registerCommands({
      restartServer: restart,
      showLog: () => log.show(),
      extensionId: context.extension.id,
      overview,
      plans,
      audits,
      compare,
    }),
  );
  beginWithForge(context, restart).catch((error: unknown) => log.error(String(error)));
}

export async function deactivate(): Promise<void> {
  await server?.stop();
}

/** Starts the server as soon as there is a forge: in a folder of the workspace, or around an open file. */
async function beginWithForge(context: vscode.ExtensionContext, start: () => Promise<void>): Promise<void> {
  const look = async (there: Promise<boolean>[]): Promise<void> => {
    if (server !== undefined || !(await Promise.all(there)).includes(true) || server !== undefined) return;
    await start();
  };
  const documents = (opened: readonly vscode.TextDocument[]): Promise<void> =>
    look(opened.filter(({ uri }) => uri.scheme === 'file').map(({ uri }) => isOfForge(uri.fsPath)));
  context.subscriptions.push(
    vscode.workspace.onDidOpenTextDocument((document) => documents([document])),
    vscode.workspace.onDidChangeWorkspaceFolders(() => look(workspaceFolders().map(isForge))),
  );
  await look(workspaceFolders().map(isForge));
  await documents(vscode.workspace.textDocuments);
}

/** The first time, all that a forge needs is made; afterwards the server is only restarted. */
async function begin(context: vscode.ExtensionContext, log: vscode.LogOutputChannel, link: Link): Promise<void> {
  const { converse }: typeof Client = await import('./client');
  if (server !== undefined) return server.restart();
  const status = new Status();
  const trace = new Trace(log);
  const started = new Server({
    find: () => locate(places(context)),
    converse: (process, fail) =>
      converse(process, fail, { log, trace: trace.channel, link, progress: (task, ended) => status.progress(task, ended) }),
    launch: () => ({ arguments: launchSettings().arguments, folder: workspaceFolders()[0] }),
    show: (state) => {
      status.show(state);
      setServer(state);
      void notify(state);
    },
    log: (line) => log.info(line),
  });
  server = started;
  setPresent();
  const restart = () => started.restart();
  context.subscriptions.push(
    status,
    trace,
    vscode.workspace.onDidGrantWorkspaceTrust(restart),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('forge.server')) void restart();
    }),
  );
  return restart();
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
