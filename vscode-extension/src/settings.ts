// Reads the settings under `forge`.
import * as vscode from 'vscode';

/** The keys that the server knows; the others are for this extension alone. */
const serverKeys = [
  'codeLens',
  'inlayHints',
  'upstream',
  'upstreams',
  'target',
  'profiles',
  'registry',
  'index',
  'rules',
] as const;

export interface LaunchSettings {
  path: string;
  arguments: string[];
}

export function launchSettings(): LaunchSettings {
  const settings = vscode.workspace.getConfiguration('forge.server');
  const path: unknown = settings.get('path');
  const given: unknown = settings.get('arguments');
  return {
    path: typeof path === 'string' ? path.trim() : '',
    arguments: Array.isArray(given) ? given.filter((item) => typeof item === 'string') : [],
  };
}

/** What the user has set, and nothing else: a default sent along would hide what forge.yaml says. */
export function serverSettings(scope?: vscode.Uri): Record<string, unknown> {
  const settings = vscode.workspace.getConfiguration('forge', scope);
  const set = serverKeys.filter((key) => isSet(settings.inspect(key)));
  return Object.fromEntries(set.map((key) => [key, settings.get(key)]));
}

function isSet(found: ReturnType<vscode.WorkspaceConfiguration['inspect']>): boolean {
  return (found?.workspaceFolderValue ?? found?.workspaceValue ?? found?.globalValue) !== undefined;
}
