import assert from 'node:assert/strict';
import { test } from 'node:test';
import { children, idOf, look, type Row, roots } from '../src/overview-rows';
import { readOverview } from '../src/shapes';

const conflict = { name: '0001-a.patch', uri: 'file:///f/a', state: 'conflict' };
const moved = { name: '0002-b.patch', uri: 'file:///f/b', state: 'applies', detail: 'offset +12' };
const nova = { name: 'nova', service: true, ref: '28.0.0', kind: 'tag', newest: '28.0.1', state: 'ok', patches: [conflict, moved] };
const lantern = { name: 'oslo.lantern', ref: '82a973490bc821932a8301cd83dafa0775643c5c', kind: 'commit', state: 'unknown' };
const forge = { uri: 'file:///f', name: 'f', checked: true, releases: [{ name: '2025.2', components: [nova, lantern] }] };

function only(rows: readonly Row[]): Row {
  const [row] = rows;
  assert.ok(row);
  return row;
}

const release = only(roots(readOverview({ forges: [forge] })));
const component = only(children(release));

test('one forge needs no row of its own, two do', () => {
  assert.equal(release.kind, 'release');
  const two = roots(readOverview({ forges: [forge, { ...forge, uri: 'file:///g', name: 'g' }] }));
  assert.deepEqual(two.map((row) => look(row).label), ['f', 'g']);
  assert.deepEqual(roots([]), []);
});

test('a patch that does not apply makes its component and its release red', () => {
  assert.equal(look(component).icon, 'error');
  assert.equal(look(component).context, 'component.error');
  assert.equal(look(component).description, '28.0.0 → 28.0.1');
  assert.equal(look(release).icon, 'error');
  assert.equal(look(release).description, '2 components, 1 with errors');
});

test('patches say how they stand, and which actions fit', () => {
  const looks = children(component).map(look);
  assert.deepEqual(
    looks.map(({ description, context }) => ({ description, context })),
    [
      { description: 'does not apply', context: 'patch.conflict' },
      { description: 'offset +12', context: 'patch.offset' },
    ],
  );
});

test('a library that could not be examined is neither well nor wrong', () => {
  const [, row] = children(release);
  assert.ok(row);
  assert.equal(look(row).icon, 'question');
  assert.equal(look(row).description, '82a973490b');
  assert.match(look(row).tooltip, /a library: no image of its own/);
  assert.match(look(row).tooltip, /is there a mirror\?/);
});

test('rows keep their names when the overview is asked for again', () => {
  const again = only(roots(readOverview({ forges: [forge] })));
  assert.equal(idOf(again), idOf(release));
  const all = [release, ...children(release), ...children(component)].map(idOf);
  assert.equal(new Set(all).size, all.length);
});
