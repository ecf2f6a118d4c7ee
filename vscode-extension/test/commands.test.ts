import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { argumentsFor } from '../src/commands';
import type { Row } from '../src/overview-rows';
import { readOverview } from '../src/shapes';
import { recorded, Uri, window, workspace } from './support/vscode';

const [forge] = readOverview({ forges: [{ uri: 'file:///f', releases: [{ components: [{ patches: [{ uri: 'file:///f/p.patch' }] }] }] }] });
const release = forge?.releases[0];
const component = release?.components[0];
const patch = component?.patches[0];

beforeEach(() => {
  workspace.isTrusted = true;
  window.activeTextEditor = undefined;
  recorded.messages = [];
});

test('a patch to refresh comes from a menu, from the tree, from a lens or from the editor', () => {
  const uri = Uri.parse('file:///f/a.patch');
  assert.deepEqual(argumentsFor('forge.refreshPatch', [uri, { groupId: 0 }]), ['file:///f/a.patch']);
  assert.deepEqual(argumentsFor('forge.refreshPatch', ['file:///f/b.patch']), ['file:///f/b.patch']);
  const row = { kind: 'patch', forge, release, component, patch } as Row;
  assert.deepEqual(argumentsFor('forge.refreshPatch', [row]), ['file:///f/p.patch']);
  assert.deepEqual(argumentsFor('forge.refreshPatch', []), []);
  window.activeTextEditor = { document: { uri } };
  assert.deepEqual(argumentsFor('forge.refreshPatch', []), ['file:///f/a.patch']);
});

test('the network is used only in a workspace that is trusted', () => {
  assert.deepEqual(argumentsFor('forge.syncMirrors', [{ kind: 'forge', forge }]), ['file:///f']);
  assert.deepEqual(argumentsFor('forge.syncMirrors', []), []);
  workspace.isTrusted = false;
  assert.equal(argumentsFor('forge.syncMirrors', []), undefined);
  assert.match(recorded.messages[0]?.text ?? '', /only in a workspace that you trust/);
});

test('what the editor adds is kept from commands that take nothing, and given to others as it is', () => {
  assert.deepEqual(argumentsFor('forge.checkWorkspace', [{ some: 'thing' }]), []);
  assert.deepEqual(argumentsFor('forge.ofALens', ['a', { line: 1 }]), ['a', { line: 1 }]);
});
