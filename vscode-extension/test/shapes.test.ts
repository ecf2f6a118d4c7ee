import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readAudit, readComparison, readContent, readOverview, readPlan } from '../src/shapes';

test('an overview is read field by field', () => {
  const range = { start: { line: 3, character: 9 }, end: { line: 3, character: 15 } };
  const patch = { name: '0001.patch', uri: 'file:///f/p', state: 'conflict', detail: '' };
  const component = {
    name: 'nova',
    service: true,
    ref: '28.0.0',
    kind: 'tag',
    commit: 'ab',
    date: '2025-10-01T00:00:00Z',
    newest: '28.0.1',
    behind: 14,
    state: 'hint',
    uri: 'file:///f/r',
    range,
    patches: [patch],
  };
  const release = { name: '2025.2', uri: 'file:///f/r', components: [component] };
  const forge = { uri: 'file:///f', name: 'f', checked: true, unavailable: ['ovn'], releases: [release] };
  assert.deepEqual(readOverview({ forges: [forge] }), [forge]);
});

test('what a server leaves out, or has not learnt yet, is empty or unknown', () => {
  const [forge] = readOverview({ forges: [{ releases: [{ components: [{ state: 'splendid', behind: null, patches: [{}] }] }] }] });
  const component = forge?.releases[0]?.components[0];
  assert.equal(component?.state, 'unknown');
  assert.equal(component.behind, 0);
  assert.equal(component.newest, '');
  assert.deepEqual(component.range, { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } });
  assert.deepEqual(component.patches, [{ name: '', uri: '', state: 'unknown', detail: '' }]);
});

for (const rubbish of [null, undefined, 7, 'text', [], [[]], { forges: 7 }, { forges: [null, 'x', [1]] }, { nodes: {}, edges: 'x' }]) {
  test(`rubbish of the form ${JSON.stringify(rubbish)} is never an exception`, () => {
    assert.ok(Array.isArray(readOverview(rubbish)));
    assert.deepEqual(readPlan(rubbish), { nodes: [], edges: [], problems: [] });
    assert.doesNotThrow(() => readComparison(rubbish));
    assert.deepEqual(readAudit(rubbish), { html: '', verdict: '' });
    assert.equal(readContent(rubbish), undefined);
  });
}

test('an edge to a node that is not there is left out', () => {
  const nodes = [{ id: 'a' }, { id: 'b' }];
  const edges = [
    { from: 'a', to: 'b', label: 'x' },
    { from: 'a', to: 'c' },
  ];
  assert.deepEqual(readPlan({ nodes, edges }).edges, [{ from: 'a', to: 'b', label: 'x' }]);
});

test('positions are whole and not negative', () => {
  const range = { start: { line: -1, character: 1.5 }, end: { line: 1e999, character: '3' } };
  const [forge] = readOverview({ forges: [{ releases: [{ components: [{ range }] }] }] });
  assert.deepEqual(forge?.releases[0]?.components[0]?.range, { start: { line: 0, character: 1 }, end: { line: 0, character: 0 } });
});
