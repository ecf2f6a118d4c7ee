import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { launchSettings, serverSettings } from '../src/settings';
import { recorded } from './support/vscode';

beforeEach(() => {
  recorded.settings = {};
});

test('the server is told only what the user has set', () => {
  assert.deepEqual(serverSettings(), {});
  recorded.settings = { 'forge.codeLens': false, 'forge.rules': { 'ref-is-branch': 'off' }, 'forge.server.path': '/lsp' };
  assert.deepEqual(serverSettings(), { codeLens: false, rules: { 'ref-is-branch': 'off' } });
});

test('without settings the server is searched and gets no arguments', () => {
  assert.deepEqual(launchSettings(), { path: '', arguments: [] });
});

test('launch settings of a wrong type are passed over', () => {
  recorded.settings = { 'forge.server.path': 7, 'forge.server.arguments': ['--log-level=debug', 1] };
  assert.deepEqual(launchSettings(), { path: '', arguments: ['--log-level=debug'] });
});
