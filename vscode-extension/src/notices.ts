// Messages that tell what is wrong with the server, with buttons for the ways out.
import * as vscode from 'vscode';
import { commands } from './commands';
import { explain } from './locate';
import type { ServerState } from './server';

interface Way {
  title: string;
  command: string;
  argument?: string;
}

const openSettings: Way = { title: 'Open Settings', command: 'workbench.action.openSettings', argument: 'forge.server' };
/** The walkthrough's first step says how to get the server. */
const getStarted: Way = { title: 'Get Started', command: commands.getStarted };
const restart: Way = { title: 'Restart', command: commands.restartServer };
const showLog: Way = { title: 'Show Log', command: commands.showLog };

/** Speaks up only where the user has to do something; the rest is in the status bar and the log. */
export async function notify(state: ServerState): Promise<void> {
  if (state.kind === 'unusable') {
    await offer(explain(state.problem), [openSettings, getStarted]);
  } else if (state.kind === 'given-up') {
    await offer(`forge-lsp ${state.reason}, too often in a row. It is not started again by itself.`, [restart, showLog]);
  }
}

async function offer(message: string, ways: readonly Way[]): Promise<void> {
  const chosen = await vscode.window.showErrorMessage(`Forge: ${message}`, ...ways.map((way) => way.title));
  const way = ways.find(({ title }) => title === chosen);
  if (way !== undefined) await vscode.commands.executeCommand(way.command, way.argument);
}
