import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Link, type Peer } from '../src/link';
import { CancellationTokenSource } from './support/vscode';

/** A server that answers as it is told, and can be heard of. */
function peer(answer: () => Promise<unknown>) {
  const handlers = new Map<string, () => void>();
  const asked: unknown[] = [];
  const own: Peer = {
    sendRequest: (method, params) => {
      asked.push([method, params]);
      return answer();
    },
    onNotification: (method, handler) => {
      handlers.set(method, handler);
      return { dispose: () => undefined };
    },
  };
  return { own, asked, say: (method: string) => handlers.get(method)?.() };
}

const asIs = (answer: unknown): unknown => answer;

test('an answer is read, whatever it is', async () => {
  const link = new Link();
  const server = peer(() => Promise.resolve(7));
  link.connect(server.own);
  assert.deepEqual(await link.request('forge/plan', { uri: 'x' }, (answer) => [answer]), { result: [7] });
  assert.deepEqual(server.asked, [['forge/plan', { uri: 'x' }]]);
});

test('without a server the answer says so', async () => {
  const link = new Link();
  assert.deepEqual(await link.request('forge/plan', {}, asIs), { trouble: 'forge-lsp is not running.' });
});

test('a server that does not know the method is older, and that is said', async () => {
  const link = new Link();
  link.connect(peer(() => Promise.reject(Object.assign(new Error('Unknown'), { code: -32601 }))).own);
  const answer = await link.request('forge/plan', {}, asIs);
  assert.match('trouble' in answer ? answer.trouble : '', /does not know `forge\/plan`: it is older/);
});

test('another failure is passed on in the server’s words', async () => {
  const link = new Link();
  link.connect(peer(() => Promise.reject(new Error('no such release'))).own);
  assert.deepEqual(await link.request('forge/audit', {}, asIs), { trouble: 'forge-lsp: no such release' });
});

test('a server that never answers is not waited for', async () => {
  const link = new Link();
  link.connect(peer(() => new Promise(() => undefined)).own);
  const answer = await link.request('forge/overview', {}, asIs, { milliseconds: 20 });
  assert.deepEqual(answer, { trouble: 'forge-lsp has not answered for 0 seconds.' });
});

test('the user’s cancellation reaches the server', async () => {
  const link = new Link();
  const source = new CancellationTokenSource();
  let seen = false;
  link.connect({
    sendRequest: (_method, _params, token) =>
      new Promise((_resolve, reject) => {
        token.onCancellationRequested(() => {
          seen = true;
          reject(new Error('cancelled'));
        });
      }),
    onNotification: () => ({ dispose: () => undefined }),
  });
  const answer = link.request('forge/audit', {}, asIs, { token: source.token as never });
  source.cancel();
  assert.deepEqual(await answer, { trouble: 'forge-lsp: cancelled' });
  assert.ok(seen);
});

test('whoever listens hears every server that comes, and no old one ends a newer', () => {
  const link = new Link();
  let heard = 0;
  let changes = 0;
  link.onDidChange(() => (changes += 1));
  link.onNotification('forge/overviewChanged')(() => (heard += 1));
  const [first, second] = [peer(() => Promise.resolve()), peer(() => Promise.resolve())];
  link.connect(first.own);
  first.say('forge/overviewChanged');
  link.connect(second.own);
  link.disconnect(first.own);
  assert.ok(link.connected);
  second.say('forge/overviewChanged');
  assert.equal(heard, 2);
  link.disconnect(second.own);
  assert.ok(!link.connected);
  assert.equal(changes, 3);
});
