// Runs the suite inside the extension host, once for each workspace that it is about.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { extensionFolder } from './stage.mjs';

export async function host(stage, check) {
  await check('one forge: findings, fix, hover, languages, commands', async () => {
    const root = stage.forge('candidate', { candidate: true });
    write(root, { 'elsewhere/constraints.txt': 'a===1\n', 'elsewhere/bindep.txt': 'gcc\n', 'elsewhere/0001.patch': '--- a\n' });
    await part(stage, 'forge', { folder: root });
  });
  await check('ten thousand files and no forge: the extension sleeps', async () => {
    const root = stage.path('plain');
    stage.fill(path.join(root, 'notes'), 10_000);
    await part(stage, 'none', { folder: root });
    assert.deepEqual(stage.servers(), [], 'a server runs without a forge');
  });
  await check('a file that only looks like a forge’s: no server', async () => {
    const root = stage.path('alike');
    write(root, { 'overrides/x/constraints.txt': 'a===1\n' });
    await part(stage, 'alike', { folder: root });
    assert.deepEqual(stage.servers(), [], 'a server runs without a forge');
  });
  await check('several roots in one window', async () => {
    const folders = [stage.forge('first'), stage.forge('second', { candidate: true }), stage.path('alike')];
    const names = ['first', 'second', 'plain'];
    const file = stage.path('roots.code-workspace');
    const content = {
      folders: folders.map((folder, index) => ({ path: folder, name: names[index] })),
      settings: { 'forgeTest.part': 'roots' },
    };
    writeFileSync(file, JSON.stringify(content));
    await run(stage, { workspace: file });
  });
}

/** Its own code-server: trust is a matter of the whole program. */
export async function untrusted(stage, check) {
  await check('a workspace that is not trusted does not choose the server', async () => {
    const root = stage.forge('untrusted', { candidate: true });
    const evil = stage.program('evil', `require('node:fs').writeFileSync(${JSON.stringify(stage.path('started'))}, '')`);
    await part(stage, 'untrusted', { folder: root }, { 'forge.server.path': evil });
    assert.equal(stage.exists('started'), false, 'the workspace’s own program was started');
  });
}

function part(stage, name, query, settings = {}) {
  stage.folderSettings(query.folder, { ...settings, 'forgeTest.part': name });
  return run(stage, query);
}

async function run(stage, query) {
  const at = `vscode-remote://127.0.0.1:${stage.port}${extensionFolder}`;
  const payload = [
    ['extensionDevelopmentPath', at],
    ['extensionTestsPath', `${at}/out/e2e/suite`],
    ['skipWelcome', 'true'],
  ];
  const page = await stage.browser.newPage();
  const said = [];
  try {
    const done = new Promise((resolve) => page.exposeFunction('codeAutomationExit', resolve));
    await page.exposeFunction('codeAutomationLog', (_level, words) => said.push(words.join(' ')));
    await stage.page({ ...query, payload: JSON.stringify(payload) }, page);
    const late = new Promise((resolve) => setTimeout(resolve, 180_000, 'no end after three minutes').unref());
    const code = await Promise.race([done, late]);
    assert.equal(code, 0, `the suite ended with ${code}:\n${said.join('\n')}`);
  } finally {
    await page.close();
  }
}

function write(root, files) {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    writeFileSync(path.join(root, name), text);
  }
}
