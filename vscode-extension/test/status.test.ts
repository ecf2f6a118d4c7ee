import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Status, summarize } from '../src/status';
import { recorded } from './support/vscode';

const none = { errors: 0, unavailable: 0 };
const running = { kind: 'running', server: { path: '/forge-lsp', version: '0.1.0' } } as const;

test('a checked forge without errors leads to the log', () => {
  const summary = summarize(running, false, none);
  assert.equal(summary.text, '$(check) Forge');
  assert.equal(summary.tooltip, 'The forge is checked: 0 errors. forge-lsp 0.1.0');
  assert.equal(summary.command, 'forge.showLog');
});

test('errors are counted and lead to the Problems panel', () => {
  const summary = summarize(running, false, { errors: 1, unavailable: 0 });
  assert.equal(summary.text, '$(error) Forge: 1');
  assert.match(summary.tooltip, /1 error\./);
  assert.equal(summary.command, 'workbench.actions.view.problems');
});

test('while checking, the last count stays', () => {
  assert.equal(summarize(running, true, { errors: 2, unavailable: 0 }).text, '$(sync~spin) Forge: 2');
});

test('what could not be examined is offline, unless there are errors', () => {
  const offline = summarize(running, false, { errors: 0, unavailable: 2 });
  assert.equal(offline.text, '$(debug-disconnect) Forge: offline');
  assert.match(offline.tooltip, /Not all of it could be examined/);
  assert.equal(offline.command, 'workbench.actions.view.problems');
  const both = summarize(running, false, { errors: 1, unavailable: 2 });
  assert.equal(both.text, '$(error) Forge: 1');
  assert.match(both.tooltip, /Not all of it could be examined/);
  assert.equal(summarize(running, true, { errors: 0, unavailable: 2 }).text, '$(sync~spin) Forge');
});

test('trouble with the server is coloured and explained', () => {
  const waiting = summarize({ kind: 'waiting', seconds: 4, reason: 'ended with code 3' }, false, none);
  assert.equal(waiting.level, 'warning');
  assert.match(waiting.tooltip, /ended with code 3\. It is started again in 4 s/);
  assert.equal(summarize({ kind: 'given-up', reason: 'ended with code 3' }, false, none).level, 'error');
  const missing = summarize({ kind: 'unusable', problem: { kind: 'missing', setting: '' } }, false, none);
  assert.match(missing.tooltip, /was not found/);
});

test('the item follows findings, work and crashes', () => {
  const status = new Status();
  const item = recorded.items.at(-1);
  assert.ok(item);
  assert.equal(item.text, '$(circle-slash) Forge');
  status.show(running);
  recorded.diagnostics.set('file:///a', [
    { source: 'forge-analyze', severity: 0 },
    { source: 'forge-analyze', severity: 1 },
    { source: 'yaml', severity: 0 },
  ]);
  recorded.diagnosticsChanged({ uris: ['file:///a'] });
  assert.equal(item.text, '$(error) Forge: 1');
  status.progress('t', false);
  assert.equal(item.text, '$(sync~spin) Forge: 1');
  status.progress('t', true);
  recorded.diagnostics.clear();
  recorded.diagnosticsChanged({ uris: ['file:///a'] });
  assert.equal(item.text, '$(check) Forge');
  status.progress('never ended', false);
  status.show({ kind: 'waiting', seconds: 1, reason: 'ended with code 1' });
  assert.equal(item.backgroundColor?.id, 'statusBarItem.warningBackground');
  status.show(running);
  assert.equal(item.text, '$(check) Forge');
  assert.equal(item.backgroundColor, undefined);
});
