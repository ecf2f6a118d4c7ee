// The extension's own commands. Those that the server runs are registered by the language client; what they are given is
// put in order here.
import * as vscode from 'vscode';
import type { AuditViews } from './audit-view';
import type { Compare } from './compare';
import { serverCommands } from './contexts';
import type { Overview } from './overview';
import type { Row } from './overview-rows';
import type { PlanViews } from './plan-view';
import type { Forge, Position } from './shapes';

export const commands = {
  restartServer: 'forge.restartServer',
  showLog: 'forge.showLog',
  showPlan: 'forge.showPlan',
  showAudit: 'forge.showAudit',
  comparePatch: 'forge.comparePatch',
  /** What the server's lens above a component runs. */
  showPatches: 'forge.showPatches',
  getStarted: 'forge.getStarted',
} as const;

export interface Actions {
  restartServer(): Promise<void>;
  showLog(): void;
  extensionId: string;
  overview: Overview;
  plans: PlanViews;
  audits: AuditViews;
  compare: Compare;
}

export function registerCommands(actions: Actions): vscode.Disposable[] {
  const register = vscode.commands.registerCommand;
  const walkthrough = `${actions.extensionId}#start`;
  return [
    register(commands.restartServer, () => actions.restartServer()),
    register(commands.showLog, () => actions.showLog()),
    register(commands.getStarted, () => vscode.commands.executeCommand('workbench.action.openWalkthrough', walkthrough)),
    register(commands.showPlan, (row?: Row) => showPlan(actions, row)),
    register(commands.showAudit, (row?: Row) => showAudit(actions, row)),
    register(commands.comparePatch, (subject?: unknown, place?: unknown) => comparePatch(actions.compare, subject, place)),
    register(commands.showPatches, (patches?: unknown) => showPatches(patches)),
  ];
}

async function showPlan(actions: Actions, row: Row | undefined): Promise<void> {
  const forge = row?.forge ?? (await pickForge(actions.overview));
  if (forge === undefined) return;
  actions.plans.show({
    root: forge.uri,
    name: forge.name,
    releases: forge.releases.map(({ name }) => name),
    release: row !== undefined && 'release' in row ? row.release.name : '',
    focus: row !== undefined && 'component' in row ? row.component.name : '',
  });
}

async function showAudit(actions: Actions, row: Row | undefined): Promise<void> {
  const forge = row?.forge ?? (await pickForge(actions.overview));
  if (forge === undefined) return;
  const release =
    row !== undefined && 'release' in row
      ? row.release.name
      : await pick('Which release is to be audited?', forge.releases.map(({ name }) => ({ label: name, value: name })));
  if (release !== undefined) await actions.audits.show(forge.uri, release);
}

/** At the given place, else where the cursor is, if it is in that patch. */
async function comparePatch(compare: Compare, subject: unknown, place: unknown): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  const patch = patchOf(subject) ?? editor?.document.uri.toString();
  if (patch === undefined) return;
  const cursor = editor?.document.uri.toString() === patch ? editor.selection.active : undefined;
  const chosen = isPosition(place) ? place : cursor;
  await compare.show(vscode.Uri.parse(patch), chosen && { line: chosen.line, character: chosen.character });
}

async function showPatches(patches: unknown): Promise<void> {
  const addresses = Array.isArray(patches) ? patches.filter((patch) => typeof patch === 'string') : [];
  const choices = addresses.map((address) => {
    const value = vscode.Uri.parse(address);
    return { label: value.path.slice(value.path.lastIndexOf('/') + 1), value };
  });
  const patch = await pick('Which patch?', choices);
  if (patch !== undefined) await vscode.commands.executeCommand('vscode.open', patch);
}

function isPosition(place: unknown): place is Position {
  return typeof place === 'object' && place !== null && 'line' in place && 'character' in place;
}

/** Undefined, with a word about it, where there is none to choose from. */
async function pickForge(overview: Overview): Promise<Forge | undefined> {
  const known = await overview.known();
  if ('trouble' in known) {
    void vscode.window.showWarningMessage(`Forge: ${known.trouble}`);
    return undefined;
  }
  if (known.forges.length === 0) void vscode.window.showInformationMessage('Forge: There is no forge in this workspace.');
  return pick('Which forge?', known.forges.map((forge) => ({ label: forge.name, description: forge.uri, value: forge })));
}

async function pick<Value>(
  question: string,
  choices: (vscode.QuickPickItem & { value: Value })[],
): Promise<Value | undefined> {
  if (choices.length < 2) return choices[0]?.value;
  return (await vscode.window.showQuickPick(choices, { placeHolder: question }))?.value;
}

/**
 * The arguments of a server's command: menus pass a file's address or a row of the tree, the palette nothing, and the
 * server wants strings. Undefined: it can't be run, and the user has been told.
 */
export function argumentsFor(command: string, given: readonly unknown[]): unknown[] | undefined {
  switch (command) {
    case serverCommands.refreshPatch: {
      const patch = patchOf(given[0]) ?? vscode.window.activeTextEditor?.document.uri.toString();
      return patch === undefined ? [] : [patch];
    }
    case serverCommands.syncMirrors: {
      // The upstreams' addresses come from the workspace, and git is run on them.
      if (!vscode.workspace.isTrusted) {
        void vscode.window.showWarningMessage('Forge: Mirrors are synchronised only in a workspace that you trust.');
        return undefined;
      }
      const root = rootOf(given[0]);
      return root === undefined ? [] : [root];
    }
    case serverCommands.checkWorkspace:
    case serverCommands.showStatus:
      return [];
    default:
      return [...given];
  }
}

function patchOf(subject: unknown): string | undefined {
  if (typeof subject === 'string') return subject;
  if (subject instanceof vscode.Uri) return subject.toString();
  return isRow(subject) && subject.kind === 'patch' ? subject.patch.uri : undefined;
}

function rootOf(subject: unknown): string | undefined {
  if (typeof subject === 'string') return subject;
  return isRow(subject) ? subject.forge.uri : undefined;
}

function isRow(subject: unknown): subject is Row {
  return typeof subject === 'object' && subject !== null && 'kind' in subject && 'forge' in subject;
}
