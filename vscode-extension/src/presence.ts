// Whether there is a forge at all. In a folder that is none, nothing is started and nothing is shown; nothing is searched
// either: a folder is asked for `releases/*/source-refs.yaml`, a file for the nearest such folder above it.
import type { Dirent } from 'node:fs';
import { access, readdir } from 'node:fs/promises';
import * as path from 'node:path';

/** Around a forge: what builds it, and what keeps it up to date. */
export const around = [
  '**/.github/**/*.{yaml,yml,sh}',
  '**/{renovate.json,renovate.json5,.renovaterc,.renovaterc.json}',
] as const;

/** Files of a forge by their place; the server decides what each of them is. */
export const patterns = [
  '**/releases/*/*.{yaml,txt}',
  '**/overrides/*/constraints.txt',
  '**/patches/*/*/*',
  '**/images/*/{Dockerfile,*.txt}',
  '**/bindep.txt',
  '**/forge.yaml',
  ...around,
] as const;

const places =
  /[\\/](?:releases[\\/][^\\/]+[\\/][^\\/]+\.(?:yaml|txt)|overrides[\\/][^\\/]+[\\/]constraints\.txt|patches[\\/][^\\/]+[\\/][^\\/]+[\\/][^\\/]+|images[\\/][^\\/]+[\\/](?:Dockerfile|[^\\/]+\.txt)|bindep\.txt|forge\.yaml)$/;

const mostReleases = 200;
const mostFolders = 64;

export async function isForge(folder: string): Promise<boolean> {
  const releases = path.join(folder, 'releases');
  for (const entry of (await entries(releases)).slice(0, mostReleases)) {
    if (entry.isFile()) continue;
    if (await exists(path.join(releases, entry.name, 'source-refs.yaml'))) return true;
  }
  return false;
}

/** Whether the file has its place in a forge, and that forge exists. */
export async function isOfForge(file: string): Promise<boolean> {
  if (!places.test(file)) return false;
  let folder = path.dirname(file);
  for (let above = 0; above < mostFolders; ++above) {
    if (await isForge(folder)) return true;
    const parent = path.dirname(folder);
    if (parent === folder) return false;
    folder = parent;
  }
  return false;
}

async function entries(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

async function exists(file: string): Promise<boolean> {
  try {
    await access(file);
    return true;
  } catch {
    return false;
  }
}
