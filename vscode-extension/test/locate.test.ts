import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { test } from 'node:test';
import { candidates, compareVersions, explain, locate, type Places, type Problem } from '../src/locate';
import { programs, temporaryFolder, writeServer } from './support/stand-ins';

const nowhere: Places = {
  setting: '',
  home: '/home/me',
  extensionFolder: '/ext',
  searchPath: '',
  workspaceFolders: [],
  trusted: true,
};

/** Programs are waited for as long as on a busy machine, unless they never answer. */
async function problemOf(program: string, mode?: number, timeout = 20_000): Promise<Problem> {
  const setting = writeServer(temporaryFolder(), program, mode);
  const located = await locate({ ...nowhere, setting }, timeout);
  assert.ok('problem' in located, JSON.stringify(located));
  return located.problem;
}

test('the bundled server comes first, then PATH, then the build of the workspace', () => {
  const places = { ...nowhere, searchPath: '/usr/bin:/opt/bin', workspaceFolders: ['/forge', '/other'] };
  assert.deepEqual(candidates(places), [
    '/ext/server/forge-lsp',
    '/usr/bin/forge-lsp',
    '/opt/bin/forge-lsp',
    '/forge/build/bin/forge-lsp',
    '/other/build/bin/forge-lsp',
  ]);
});

test('a server in a workspace that is not trusted is left alone', () => {
  const places = { ...nowhere, workspaceFolders: ['/forge'], trusted: false };
  assert.deepEqual(candidates(places), ['/ext/server/forge-lsp']);
});

test('relative entries of PATH are not searched', () => {
  assert.deepEqual(candidates({ ...nowhere, searchPath: ':.:bin:/usr/bin' }), [
    '/ext/server/forge-lsp',
    '/usr/bin/forge-lsp',
  ]);
});

test('the setting stands alone', () => {
  assert.deepEqual(candidates({ ...nowhere, setting: '/a/forge-lsp', searchPath: '/usr/bin' }), ['/a/forge-lsp']);
  assert.deepEqual(candidates({ ...nowhere, setting: '~/bin/lsp' }), ['/home/me/bin/lsp']);
  assert.deepEqual(candidates({ ...nowhere, setting: 'build/bin/forge-lsp' }), []);
});

test('a server is found with its version', async () => {
  const folder = temporaryFolder();
  const file = writeServer(folder, programs.good);
  const located = await locate({ ...nowhere, searchPath: `/does/not/exist:${folder}` });
  assert.deepEqual(located, { server: { path: file, version: '0.1.0' } });
});

test('a folder of that name is no server', async () => {
  const folder = temporaryFolder();
  mkdirSync(path.join(folder, 'forge-lsp'));
  assert.deepEqual(await locate({ ...nowhere, searchPath: folder }), { problem: { kind: 'missing', setting: '' } });
});

test('a broken server is reported, also when a later one would do', async () => {
  const bad = temporaryFolder();
  const good = temporaryFolder();
  writeServer(bad, programs.silentVersion);
  writeServer(good, programs.good);
  const located = await locate({ ...nowhere, searchPath: `${bad}:${good}` });
  assert.equal('problem' in located && located.problem.kind, 'not-forge-lsp');
});

test('an old server is told apart', async () => {
  const problem = await problemOf(programs.old);
  assert.equal(problem.kind, 'too-old');
  assert.match(explain(problem), /is version 0\.0\.9; this extension needs 0\.1\.0/);
});

test('another program is told apart, with what it said', async () => {
  assert.match(explain(await problemOf(programs.rubbishVersion)), /it says "I am a teapot"/);
  assert.match(explain(await problemOf(programs.silentVersion)), /it ends with code 4/);
});

test('a server that hangs is not waited for', async () => {
  assert.equal((await problemOf(programs.hangingVersion, undefined, 500)).kind, 'no-answer');
});

test('a file that is not executable is told apart', { skip: process.platform === 'win32' }, async () => {
  const problem = await problemOf(programs.good, 0o644);
  assert.match(explain(problem), /cannot be run: it is not executable/);
});

test('a file whose interpreter is missing is told apart', { skip: process.platform === 'win32' }, async () => {
  const setting = path.join(temporaryFolder(), 'forge-lsp');
  writeFileSync(setting, '#!/does/not/exist\n', { mode: 0o755 });
  const located = await locate({ ...nowhere, setting });
  assert.equal('problem' in located && located.problem.kind, 'not-runnable');
});

test('a missing server is explained by what was asked for', () => {
  assert.match(explain({ kind: 'missing', setting: '' }), /was not found/);
  assert.match(explain({ kind: 'missing', setting: 'lsp' }), /`forge\.server\.path` is `lsp`/);
});

test('versions are compared by number', () => {
  assert.ok(compareVersions('0.10.0', '0.9.9') > 0);
  assert.ok(compareVersions('1.0.0', '1.0.1') < 0);
  assert.equal(compareVersions('0.1.0', '0.1.0'), 0);
});
