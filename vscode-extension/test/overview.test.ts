import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Link, type Peer } from '../src/link';
import { Overview } from '../src/overview';
import { recorded } from './support/vscode';

function server(...answers: (() => Promise<unknown>)[]) {
  let asked = 0;
  let handler: () => void = () => undefined;
  const peer: Peer = {
    sendRequest: () => {
      asked += 1;
      return (answers.length > 1 ? answers.shift() : answers[0])?.() ?? Promise.resolve();
    },
    onNotification: (_method, given) => {
      handler = given;
      return { dispose: () => undefined };
    },
  };
  return { peer, asked: () => asked, changed: () => handler() };
}

function forge(...releases: string[]) {
  return () => Promise.resolve({ forges: [{ uri: 'file:///f', releases: releases.map((name) => ({ name })) }] });
}

async function labels(overview: Overview): Promise<unknown[]> {
  return (await overview.getChildren()).map((row) => overview.getTreeItem(row).label);
}

test('the view follows servers that go and come', async () => {
  const link = new Link();
  const overview = new Overview(link);
  assert.deepEqual(await labels(overview), []);
  assert.equal(recorded.view?.message, '');
  const first = server(forge('2025.1'));
  link.connect(first.peer);
  assert.deepEqual(await labels(overview), ['2025.1']);
  link.disconnect(first.peer);
  assert.deepEqual(await labels(overview), []);
  link.connect(server(forge('2025.2')).peer);
  assert.deepEqual(await labels(overview), ['2025.2']);
});

test('the server is asked once, and again when it says that something is different', async () => {
  const link = new Link();
  const overview = new Overview(link);
  const one = server(forge('a'), forge('a', 'b'));
  link.connect(one.peer);
  await Promise.all([labels(overview), labels(overview)]);
  await labels(overview);
  assert.equal(one.asked(), 1);
  let refreshed = 0;
  overview.onDidChangeTreeData(() => (refreshed += 1));
  one.changed();
  assert.equal(refreshed, 1);
  assert.deepEqual(await labels(overview), ['a', 'b']);
});

test('a change while the server is being asked leads to another question', async () => {
  const link = new Link();
  const overview = new Overview(link);
  let answer: (value: unknown) => void = () => undefined;
  const one = server(() => new Promise((resolve) => (answer = resolve)), forge('new'));
  link.connect(one.peer);
  const early = labels(overview);
  one.changed();
  answer({ forges: [] });
  await early;
  assert.deepEqual(await labels(overview), ['new']);
  assert.equal(one.asked(), 2);
});

test('a server that does not know the method, and one without upstreams, are told above the view', async () => {
  const link = new Link();
  const overview = new Overview(link);
  link.connect(server(() => Promise.reject(Object.assign(new Error(), { code: -32601 }))).peer);
  assert.deepEqual(await labels(overview), []);
  assert.match(recorded.view?.message ?? '', /does not know `forge\/overview`/);
  link.connect(server(() => Promise.resolve({ forges: [{ unavailable: ['ovs', 'ovn'], releases: [{ name: 'r' }] }] })).peer);
  await labels(overview);
  assert.match(recorded.view?.message ?? '', /are not there: ovn, ovs\./);
});
