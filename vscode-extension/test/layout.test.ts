import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readPlan } from '../src/shapes';
import { layOut, related } from '../webview/layout';

function graph(edges: string) {
  const pairs = edges.split(' ').filter(Boolean).map((edge) => edge.split('>') as [string, string]);
  const ids = [...new Set(pairs.flat())];
  const plan = readPlan({ nodes: ids.map((id) => ({ id, label: id })), edges: pairs.map(([from, to]) => ({ from, to })) });
  const layout = layOut(plan.nodes, plan.edges);
  const find = (id: string) => {
    const one = layout.nodes.find(({ node }) => node.id === id);
    assert.ok(one);
    return one;
  };
  return { layout, find, columns: layout.columns.map((column) => column.map(({ node }) => node.id).sort().join('')) };
}

test('a node stands to the right of all it is built from', () => {
  assert.deepEqual(graph('a>b b>c a>c').columns, ['a', 'b', 'c']);
});

test('a source stands right before the first image that takes it', () => {
  assert.deepEqual(graph('a>b b>c s>c').columns, ['a', 'bs', 'c']);
});

test('nodes do not lie on each other', () => {
  const { layout } = graph('a>x a>y a>z b>x b>z c>y');
  const places = layout.nodes.map(({ x, y }) => `${x} ${y}`);
  assert.equal(new Set(places).size, places.length);
  for (const { x, y } of layout.nodes) assert.ok(x >= 0 && y >= 0 && x < layout.width && y < layout.height);
});

test('neighbours stand opposite each other, so that no edges cross', () => {
  const { find } = graph('a>z b>y c>x');
  const rows = ['a', 'b', 'c'].map((id) => find(id).row);
  assert.deepEqual(['z', 'y', 'x'].map((id) => find(id).row), rows);
});

test('relatives are all that a node is built from and all that is built from it', () => {
  const { find } = graph('a>b b>c a>d d>e');
  assert.deepEqual([...related(find('b'))].map(({ node }) => node.id).sort(), ['a', 'b', 'c']);
});

test('a circle does not hang, and an empty plan is a plan', () => {
  assert.deepEqual(graph('a>b b>c c>a').columns, ['a', 'b', 'c']);
  assert.deepEqual(graph('a>a').columns, ['a']);
  assert.deepEqual(layOut([], []).nodes, []);
});

test('a thousand images are laid out in a moment, and a chain of ten thousand is no recursion', () => {
  const wide = Array.from({ length: 1_000 }, (_, index) => `base>s${index} src${index}>s${index}`).join(' ');
  const begin = performance.now();
  assert.equal(graph(wide).columns.length, 2);
  assert.ok(performance.now() - begin < 2_000);
  const nodes = Array.from({ length: 10_000 }, (_, index) => ({ id: `${index}` }));
  const plan = readPlan({ nodes, edges: nodes.slice(1).map(({ id }, index) => ({ from: `${index}`, to: id })) });
  assert.equal(layOut(plan.nodes, plan.edges).columns.length, 10_000);
});
