import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { Compare, titleOf, wordsOf } from '../src/compare';
import { Link } from '../src/link';
import { readComparison } from '../src/shapes';
import { recorded, Uri } from './support/vscode';

const answer = {
  title: 'a/windows.py in almanac at 4.0.2',
  path: 'a/windows.py',
  ref: '4.0.2',
  expected: { text: 'one\n', line: 10 },
  found: { text: 'two\n', line: 12 },
  upstream: { commit: 'bbdd722361aa', subject: 'Rewrite', date: '2026-01-12T00:00:00Z', tag: '4.0.2' },
  reason: 'expected `one`, found `two`',
  applies: false,
};
const patch = Uri.parse('file:///f/p.patch') as never;

/** What the server answers, in turn. */
function linked(...answers: unknown[]) {
  const asked: unknown[] = [];
  const link = new Link();
  link.connect({
    sendRequest: (_method, params) => {
      asked.push(params);
      return Promise.resolve(answers.length > 1 ? answers.shift() : answers[0]);
    },
    onNotification: () => ({ dispose: () => undefined }),
  });
  return { compare: new Compare(link), asked };
}

beforeEach(() => {
  recorded.executed = [];
  recorded.messages = [];
  recorded.documents.clear();
  recorded.diagnostics.clear();
});

test('both sides are documents of their own, under the name of the file', async () => {
  const { compare } = linked(answer);
  await compare.show(patch, { line: 18, character: 0 });
  const [command, expected, found, title] = recorded.executed[0] as [string, Uri, Uri, string];
  assert.equal(command, 'vscode.diff');
  assert.match(expected.toString(), /^forge-compare:\/1\/expected\/a\/windows\.py$/);
  assert.equal(compare.provideTextDocumentContent(expected as never), 'one\n');
  assert.equal(compare.provideTextDocumentContent(found as never), 'two\n');
  assert.equal(title, 'windows.py: expected by the patch ↔ found in 4.0.2, from line 12');
  assert.match(recorded.messages[0]?.text ?? '', /Changed upstream by bbdd722361, 2026-01-12, 4\.0\.2: Rewrite$/);
});

test('without a place the patch’s own problem is asked about', async () => {
  recorded.diagnostics.set('file:///f/p.patch', [
    { source: 'yaml', severity: 0, code: 'patch-does-not-apply', line: 1 },
    { source: 'forge-analyze', severity: 2, code: 'patch-order-ambiguous', line: 3 },
    { source: 'forge-analyze', severity: 0, code: { value: 'patch-does-not-apply' }, line: 18 },
  ]);
  const { compare, asked } = linked(answer);
  await compare.show(patch, undefined);
  assert.deepEqual(asked, [{ textDocument: { uri: 'file:///f/p.patch' }, position: { line: 18, character: 0 } }]);
});

test('a place without a hunk leads to the first hunk', async () => {
  recorded.documents.set('file:///f/p.patch', 'Subject: x\n---\n@@ -1 +1 @@\n');
  const { compare, asked } = linked(null, answer);
  await compare.show(patch, { line: 0, character: 0 });
  assert.deepEqual(asked.map((params) => (params as { position: object }).position), [
    { line: 0, character: 0 },
    { line: 2, character: 0 },
  ]);
});

test('nothing to compare is told', async () => {
  recorded.documents.set('file:///f/p.patch', '');
  await linked(null).compare.show(patch, undefined);
  assert.match(recorded.messages[0]?.text ?? '', /no hunk in this patch/);
  assert.deepEqual(recorded.executed, []);
});

test('old comparisons make room', async () => {
  const { compare } = linked(answer);
  for (let index = 0; index < 30; ++index) await compare.show(patch, { line: 1, character: 0 });
  const [, first] = recorded.executed[0] as [string, Uri];
  const [, last] = recorded.executed.at(-1) as [string, Uri];
  assert.match(compare.provideTextDocumentContent(first as never), /is gone/);
  assert.equal(compare.provideTextDocumentContent(last as never), 'one\n');
});

test('words for a hunk that applies, and for one that nobody knows about', () => {
  const read = (more: object) => {
    const comparison = readComparison({ ...answer, ...more });
    assert.ok(comparison);
    return comparison;
  };
  assert.match(wordsOf(read({ applies: true })), /^This hunk applies/);
  assert.equal(
    wordsOf(read({ upstream: null, reason: '' })),
    'This hunk does not apply. No upstream commit is known that changed these lines.',
  );
  assert.match(titleOf(read({ path: 'setup.cfg' })), /^setup\.cfg:/);
});
