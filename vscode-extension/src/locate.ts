// Finds forge-lsp and makes sure that it is one this extension can talk to.
import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import * as path from 'node:path';

/** The oldest server whose settings and messages this extension knows. */
export const minimumVersion = '0.1.0';

const executable = process.platform === 'win32' ? 'forge-lsp.exe' : 'forge-lsp';
const versionTimeout = 5_000;

/** Where to look, all of it passed in so that nothing here reads the world by itself. */
export interface Places {
  /** `forge.server.path`; empty when not set. */
  setting: string;
  home: string;
  extensionFolder: string;
  /** The PATH variable. */
  searchPath: string;
  workspaceFolders: readonly string[];
  /** A server that lies in a workspace is a program of that workspace: only a trusted one may start it. */
  trusted: boolean;
}

export interface FoundServer {
  path: string;
  version: string;
}

export type Problem =
  | { kind: 'missing'; setting: string }
  | { kind: 'not-runnable'; path: string; detail: string }
  | { kind: 'not-forge-lsp'; path: string; detail: string }
  | { kind: 'no-answer'; path: string }
  | { kind: 'too-old'; path: string; version: string };

export type Located = { server: FoundServer } | { problem: Problem };

/** The first candidate that exists decides: a broken one is reported and not silently passed over. */
export async function locate(places: Places, timeout = versionTimeout): Promise<Located> {
  for (const candidate of candidates(places)) {
    if (await isFile(candidate)) return examine(candidate, timeout);
  }
  return { problem: { kind: 'missing', setting: places.setting } };
}

/** Full paths in the order in which they are tried. */
export function candidates(places: Places): string[] {
  if (places.setting !== '') {
    const full = expandHome(places.setting, places.home);
    return path.isAbsolute(full) ? [full] : [];
  }
  // Relative entries of PATH would mean the folder that happens to be open.
  const searched = places.searchPath.split(path.delimiter).filter((folder) => path.isAbsolute(folder));
  const built = places.trusted ? places.workspaceFolders.map((folder) => path.join(folder, 'build', 'bin')) : [];
  const folders = [path.join(places.extensionFolder, 'server'), ...searched, ...built];
  return folders.map((folder) => path.join(folder, executable));
}

/** A sentence for the user: what is wrong and the way out. */
export function explain(problem: Problem): string {
  switch (problem.kind) {
    case 'missing':
      return problem.setting === ''
        ? 'The language server `forge-lsp` was not found. Build or install it, or set `forge.server.path`.'
        : `\`forge.server.path\` is \`${problem.setting}\`, which is not the full path of a file. Correct or empty the setting.`;
    case 'not-runnable':
      return `\`${problem.path}\` cannot be run: ${problem.detail}. Install \`forge-lsp\` again, or set \`forge.server.path\`.`;
    case 'not-forge-lsp':
      return `\`${problem.path}\` does not answer \`--version\` as forge-lsp does: ${problem.detail}. Set \`forge.server.path\` to \`forge-lsp\`.`;
    case 'no-answer':
      return `\`${problem.path}\` does not answer \`--version\`. Install \`forge-lsp\` again, or set \`forge.server.path\`.`;
    case 'too-old':
      return `\`${problem.path}\` is version ${problem.version}; this extension needs ${minimumVersion} or newer. Update it, or set \`forge.server.path\`.`;
  }
}

/** Compares two versions of the form `1.2.3`: negative, zero or positive. */
export function compareVersions(left: string, right: string): number {
  const numbers = right.split('.').map(Number);
  for (const [index, number] of left.split('.').map(Number).entries()) {
    const difference = number - (numbers[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

async function examine(file: string, timeout: number): Promise<Located> {
  try {
    await access(file, constants.X_OK);
  } catch {
    return { problem: { kind: 'not-runnable', path: file, detail: 'it is not executable' } };
  }
  const answer = await askVersion(file, timeout);
  return typeof answer === 'string' ? judge(file, answer) : { problem: answer };
}

function askVersion(file: string, timeout: number): Promise<string | Problem> {
  const options = { timeout, maxBuffer: 64 * 1024, killSignal: 'SIGKILL', windowsHide: true } as const;
  return new Promise((resolve) => {
    const child = execFile(file, ['--version'], options, (error, output) => {
      const version = /^forge-lsp (\d+\.\d+\.\d+)/m.exec(output)?.[1];
      if (version !== undefined) resolve(version);
      else if (child.pid === undefined) resolve({ kind: 'not-runnable', path: file, detail: error?.message ?? '' });
      else if (error?.killed && error.code === null) resolve({ kind: 'no-answer', path: file });
      else resolve({ kind: 'not-forge-lsp', path: file, detail: shorten(output, error?.code) });
    });
  });
}

function judge(file: string, version: string): Located {
  if (compareVersions(version, minimumVersion) < 0) return { problem: { kind: 'too-old', path: file, version } };
  return { server: { path: file, version } };
}

function shorten(output: string, code: number | string | null | undefined): string {
  const line = output.trim().split('\n', 1)[0] ?? '';
  if (line === '') return code === undefined || code === null ? 'it says nothing' : `it ends with code ${code}`;
  return `it says "${line.slice(0, 60)}"`;
}

function expandHome(file: string, home: string): string {
  return file.startsWith('~/') ? path.join(home, file.slice(2)) : file;
}

async function isFile(file: string): Promise<boolean> {
  try {
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}
