import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import fs from 'node:fs/promises';
import * as path from 'node:path';
import { test } from 'node:test';
import { isForge, isOfForge } from '../src/presence';
import { temporaryFolder } from './support/stand-ins';

function folder(...files: string[]): string {
  const root = temporaryFolder();
  for (const file of files) {
    mkdirSync(path.join(root, path.dirname(file)), { recursive: true });
    writeFileSync(path.join(root, file), '');
  }
  return root;
}

test('a forge is known by the refs of a release', async () => {
  assert.equal(await isForge(folder('releases/2025.2/source-refs.yaml')), true);
  assert.equal(await isForge(folder('releases/notes.md', 'releases/2025.2/notes.yaml')), false);
  assert.equal(await isForge(folder('README.md')), false);
  assert.equal(await isForge('/does/not/exist'), false);
});

test('a folder in the place of the refs, or a file in that of the releases, breaks nothing', async () => {
  assert.equal(await isForge(folder('releases')), false);
  assert.equal(await isForge(folder('releases/2025.2')), false);
});

test('a file belongs to the forge above it', async () => {
  const root = folder('a/forge/releases/2025.2/source-refs.yaml');
  const forge = path.join(root, 'a/forge');
  const inside = [
    'releases/2025.2/source-refs.yaml',
    'overrides/2025.2/constraints.txt',
    'patches/nova/2025.2/0001-x.patch',
    'images/nova/Dockerfile',
    'images/nova/bindep.txt',
    'forge.yaml',
  ];
  for (const file of inside) assert.equal(await isOfForge(path.join(forge, file)), true, file);
  for (const file of ['README.md', 'scripts/test', 'overrides/constraints.txt'])
    assert.equal(await isOfForge(path.join(forge, file)), false, file);
  assert.equal(await isOfForge(path.join(root, 'overrides/2025.2/constraints.txt')), false);
});

test('nothing is searched: the folder of releases is listed once, however large the workspace', async (context) => {
  const root = folder('releases/2025.2/source-refs.yaml', 'notes/1/1.txt', 'src/a/b/c.txt');
  const listed = context.mock.method(fs, 'readdir');
  const asked = context.mock.method(fs, 'access');
  assert.equal(await isForge(root), true);
  assert.deepEqual(listed.mock.calls.map(({ arguments: [name] }) => name), [path.join(root, 'releases')]);
  assert.equal(asked.mock.callCount(), 1);
});

test('a file that can be no forge’s costs nothing', async (context) => {
  const listed = context.mock.method(fs, 'readdir');
  assert.equal(await isOfForge('/a/b/c/notes.txt'), false);
  assert.equal(listed.mock.callCount(), 0);
});
