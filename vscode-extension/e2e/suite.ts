// Runs inside the extension host of a real VS Code, with the editor's own interface. Which part is run is named by the
// workspace's setting `forgeTest.part`; a throw fails it.
import assert from 'node:assert/strict';
import * as vscode from 'vscode';

const id = 'c5c3.forge-analyze';
const patience = 60_000;

export async function run(): Promise<void> {
  const part = vscode.workspace.getConfiguration('forgeTest').get<string>('part', '');
  const test = parts[part];
  assert.ok(test, `there is no part ${part}`);
  await test();
}

const parts: Record<string, () => Promise<void>> = {
  /** One folder: the candidate, with its five mistakes. */
  forge: async () => {
    const refs = file('releases/2025.2/source-refs.yaml');
    const document = await vscode.workspace.openTextDocument(refs);
    await vscode.window.showTextDocument(document);
    const [mistake] = await found(refs, 'ref-not-found', 1);
    assert.equal(document.getText(mistake?.range), '"3.02"');
    assert.ok(typeof mistake?.code === 'object' && mistake.code.target.toString().includes('ref-not-found'));

    const range = mistake?.range ?? new vscode.Range(0, 0, 0, 0);
    const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>('vscode.executeCodeActionProvider', refs, range);
    const fix = actions.find(({ isPreferred }) => isPreferred);
    assert.ok(fix?.edit, `no preferred fix with an edit among ${actions.map(({ title }) => title).join(', ')}`);
    assert.ok(await vscode.workspace.applyEdit(fix.edit));
    assert.match(document.getText(), /courier: "3\.0\.2"/);
    await found(refs, 'ref-not-found', 0);

    const at = document.positionAt(document.getText().indexOf('4.0.2'));
    const hovers = await vscode.commands.executeCommand<vscode.Hover[]>('vscode.executeHoverProvider', refs, at);
    assert.ok(hovers.length > 0, 'no hover on a ref');

    await found(file('patches/almanac/2025.2/0001-count-a-window-that-starts-this-very-moment.patch'), 'patch-does-not-apply', 1);
    assert.deepEqual(await languages(), {
      'releases/2025.2/upper-constraints.txt': 'forge-constraints',
      'overrides/2025.2/constraints.txt': 'forge-constraints',
      'images/courier/bindep.txt': 'forge-bindep',
      'images/courier/Dockerfile': 'dockerfile',
      'patches/almanac/2025.2/0002-add-the-days-on-which-no-window-may-open.patch': 'forge-patch',
      'releases/2025.2/source-refs.yaml': 'yaml',
      // Of the same names, and no forge's.
      'elsewhere/constraints.txt': 'plaintext',
      'elsewhere/bindep.txt': 'plaintext',
      'elsewhere/0001.patch': 'diff',
    });

    const all = await vscode.commands.getCommands(true);
    const own = ['restartServer', 'showLog', 'showPlan', 'showAudit', 'comparePatch', 'showPatches', 'getStarted'];
    for (const command of [...own, 'checkWorkspace', 'refreshPatch', 'syncMirrors', 'showStatus'])
      assert.ok(all.includes(`forge.${command}`), `forge.${command} is not there`);
    await vscode.commands.executeCommand('forge.checkWorkspace');
    await upstreamFile();
  },

  /** A folder that is no forge, with ten thousand files: nothing is awake. */
  none: async () => {
    // Long after the editor has looked for what wakes an extension up: this suite itself starts behind that.
    await vscode.workspace.openTextDocument(file('notes/1/1.txt'));
    assert.equal(vscode.extensions.getExtension(id)?.isActive, false);
  },

  /** Woken up by a file that only looks like a forge's: no server, nothing to see. */
  alike: async () => {
    const lookalike = await vscode.workspace.openTextDocument(file('overrides/x/constraints.txt'));
    assert.equal(lookalike.languageId, 'forge-constraints');
    await vscode.extensions.getExtension(id)?.activate();
    assert.deepEqual(vscode.languages.getDiagnostics(lookalike.uri), []);
  },

  /** Two forges and a folder that is none, in one window. */
  roots: async () => {
    for (const folder of vscode.workspace.workspaceFolders ?? []) {
      const refs = vscode.Uri.joinPath(folder.uri, 'releases/2025.2/source-refs.yaml');
      if (folder.name === 'plain') continue;
      await vscode.workspace.openTextDocument(refs);
      await found(refs, 'ref-not-found', folder.name === 'second' ? 1 : 0);
    }
  },

  /** A workspace that is not trusted: its own settings for the server count for nothing, and it works all the same. */
  untrusted: async () => {
    assert.equal(vscode.workspace.isTrusted, false);
    assert.doesNotMatch(vscode.workspace.getConfiguration('forge.server').get<string>('path', ''), /evil/);
    const refs = file('releases/2025.2/source-refs.yaml');
    await vscode.workspace.openTextDocument(refs);
    await found(refs, 'ref-not-found', 1);
  },
};

/** From a patch to the file that it changes, as the upstream has it: a read-only document. */
async function upstreamFile(): Promise<void> {
  const uri = file('patches/almanac/2025.2/0001-count-a-window-that-starts-this-very-moment.patch');
  const patch = await vscode.workspace.openTextDocument(uri);
  const at = patch.positionAt(patch.getText().indexOf('+++ b/almanac') + '+++ b/alm'.length);
  const places = await vscode.commands.executeCommand<(vscode.Location | vscode.LocationLink)[]>(
    'vscode.executeDefinitionProvider',
    uri,
    at,
  );
  const targets = places.map((place) => ('targetUri' in place ? place.targetUri : place.uri));
  const target = targets.find(({ scheme }) => scheme === 'forge');
  assert.ok(target, `no document of the upstream among ${targets.join(', ')}`);
  const upstream = await vscode.workspace.openTextDocument(target);
  assert.match(upstream.getText(), /def next_window/);
  assert.equal(upstream.languageId, 'python');
  assert.equal(vscode.workspace.fs.isWritableFileSystem(target.scheme), undefined);
}

function file(path: string): vscode.Uri {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  assert.ok(folder);
  return vscode.Uri.joinPath(folder.uri, path);
}

/** Waits until the file has just so many findings of that rule. */
async function found(uri: vscode.Uri, rule: string, count: number): Promise<vscode.Diagnostic[]> {
  const look = (): vscode.Diagnostic[] =>
    vscode.languages
      .getDiagnostics(uri)
      .filter(({ source, code }) => source === 'forge-analyze' && (typeof code === 'object' ? code.value : code) === rule);
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => {
      listener.dispose();
      reject(new Error(`${look().length} times ${rule} instead of ${count} in ${uri.path}`));
    }, patience);
    const check = (): void => {
      if (look().length !== count) return;
      clearTimeout(late);
      listener.dispose();
      resolve(look());
    };
    const listener = vscode.languages.onDidChangeDiagnostics(check);
    check();
  });
}

async function languages(): Promise<Record<string, string>> {
  const names = [
    'releases/2025.2/upper-constraints.txt',
    'overrides/2025.2/constraints.txt',
    'images/courier/bindep.txt',
    'images/courier/Dockerfile',
    'patches/almanac/2025.2/0002-add-the-days-on-which-no-window-may-open.patch',
    'releases/2025.2/source-refs.yaml',
    'elsewhere/constraints.txt',
    'elsewhere/bindep.txt',
    'elsewhere/0001.patch',
  ];
  const entries = names.map(async (name) => [name, (await vscode.workspace.openTextDocument(file(name))).languageId]);
  return Object.fromEntries(await Promise.all(entries)) as Record<string, string>;
}
