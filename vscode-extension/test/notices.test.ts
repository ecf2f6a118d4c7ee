import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { notify } from '../src/notices';
import { recorded } from './support/vscode';

beforeEach(() => {
  recorded.messages = [];
  recorded.executed = [];
  recorded.press = undefined;
});

const missing = { kind: 'unusable', problem: { kind: 'missing', setting: '' } } as const;

test('a missing server is told with the ways out', async () => {
  await notify(missing);
  assert.deepEqual(recorded.messages, [
    {
      text: 'Forge: The language server `forge-lsp` was not found. Build or install it, or set `forge.server.path`.',
      buttons: ['Open Settings', 'Get Started'],
    },
  ]);
  assert.deepEqual(recorded.executed, []);
});

test('the buttons lead where they say', async () => {
  recorded.press = 'Open Settings';
  await notify(missing);
  recorded.press = 'Get Started';
  await notify(missing);
  recorded.press = 'Restart';
  await notify({ kind: 'given-up', reason: 'ended with code 3' });
  assert.deepEqual(recorded.executed, [
    ['workbench.action.openSettings', 'forge.server'],
    ['forge.getStarted', undefined],
    ['forge.restartServer', undefined],
  ]);
});

test('a single crash is left to the status bar', async () => {
  await notify({ kind: 'waiting', seconds: 1, reason: 'ended with code 3' });
  await notify({ kind: 'stopped' });
  assert.deepEqual(recorded.messages, []);
});
