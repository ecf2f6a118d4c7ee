import assert from 'node:assert/strict';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { test, type TestContext } from 'node:test';
import { Backoff } from '../src/backoff';
import type { Located } from '../src/locate';
import { Server, type ServerState } from '../src/server';
import { rpcConversation } from './support/rpc';
import { programs, temporaryFolder, writeServer } from './support/stand-ins';

/** A server under test: every state it showed, the processes it started, and a way to wait for a state. */
class Stage {
  readonly states: ServerState[] = [];
  readonly processes: ChildProcessWithoutNullStreams[] = [];
  readonly log: string[] = [];
  readonly server: Server;
  located: Located;
  /** In the place of the conversation's own end. */
  close: (() => Promise<void>) | undefined;
  private watchers: (() => void)[] = [];

  constructor(context: TestContext, program: string, crashes = 2) {
    this.located = { server: { path: writeServer(temporaryFolder(), program), version: '0.1.0' } };
    this.server = new Server(
      {
        find: () => Promise.resolve(this.located),
        converse: (process, fail) => {
          this.processes.push(process);
          const conversation = rpcConversation(process, fail);
          return { ...conversation, close: () => (this.close ?? conversation.close)() };
        },
        launch: () => ({ arguments: [], folder: undefined }),
        show: (state) => {
          this.states.push(state);
          for (const watcher of this.watchers) watcher();
        },
        log: (line) => this.log.push(line),
      },
      { initialize: 1_500, close: 300, backoff: new Backoff(crashes, 60_000, 10) },
    );
    context.after(() => this.server.stop());
  }

  get kinds(): string[] {
    return this.states.map((state) => state.kind);
  }

  /** Resolves when `kind` is shown for the `times`-th time. */
  async shown(kind: ServerState['kind'], times = 1): Promise<void> {
    while (this.kinds.filter((shown) => shown === kind).length < times) {
      await new Promise<void>((resolve) => this.watchers.push(resolve));
    }
  }

  process(index: number): ChildProcessWithoutNullStreams {
    const process = this.processes[index];
    assert.ok(process);
    return process;
  }
}

function hasEnded(process: ChildProcessWithoutNullStreams): boolean {
  return process.exitCode !== null || process.signalCode !== null;
}

test('a good server runs, and ends when asked to', async (context) => {
  const stage = new Stage(context, programs.good);
  await stage.server.restart();
  assert.deepEqual(stage.kinds, ['starting', 'running']);
  await stage.server.stop();
  assert.deepEqual(stage.kinds, ['starting', 'running', 'stopped']);
  assert.equal(stage.process(0).exitCode, 0);
});

test('a crash leads to a new server after a pause', async (context) => {
  const stage = new Stage(context, programs.good);
  await stage.server.restart();
  stage.process(0).kill('SIGKILL');
  await stage.shown('running', 2);
  assert.deepEqual(stage.kinds, ['starting', 'running', 'waiting', 'starting', 'running']);
  assert.deepEqual(stage.states[2], { kind: 'waiting', seconds: 1, reason: 'was ended by SIGKILL' });
});

test('a server that dies at once is given up after a few attempts', async (context) => {
  const stage = new Stage(context, programs.diesAtOnce);
  await stage.server.restart();
  await stage.shown('given-up');
  assert.deepEqual(stage.kinds, ['starting', 'waiting', 'starting', 'waiting', 'starting', 'given-up']);
  assert.deepEqual(stage.states.at(-1), { kind: 'given-up', reason: 'ended with code 3' });
  assert.equal(stage.processes.length, 3);
});

test('after giving up, a restart by hand begins anew', async (context) => {
  const stage = new Stage(context, programs.diesAtOnce, 0);
  await stage.server.restart();
  await stage.shown('given-up');
  stage.located = { server: { path: writeServer(temporaryFolder(), programs.good), version: '0.1.0' } };
  await stage.server.restart();
  assert.equal(stage.kinds.at(-1), 'running');
});

test('a server that prints rubbish is ended', async (context) => {
  const stage = new Stage(context, programs.printsRubbish, 0);
  await stage.server.restart();
  const last = stage.states.at(-1);
  assert.match(last?.kind === 'given-up' ? last.reason : '', /^does not speak the protocol: /);
  await ended(stage.process(0));
});

test('a server that hangs is ended after a while', async (context) => {
  const stage = new Stage(context, programs.hangs, 0);
  await stage.server.restart();
  assert.deepEqual(stage.states.at(-1), { kind: 'given-up', reason: 'did not answer within 1.5 seconds' });
  await ended(stage.process(0));
});

test('a server that hangs does not hold up the end', async (context) => {
  const stage = new Stage(context, programs.hangs);
  const start = stage.server.restart();
  await stage.shown('starting');
  await new Promise(setImmediate);
  await stage.server.stop();
  assert.ok(stage.processes.every(hasEnded));
  await start;
  assert.equal(stage.kinds.at(-1), 'stopped');
});

test('a conversation that cannot be ended holds up nothing', async (context) => {
  const stage = new Stage(context, programs.good);
  stage.close = () => {
    throw new Error('no');
  };
  await stage.server.restart();
  await stage.server.restart();
  assert.equal(stage.kinds.at(-1), 'running');
  assert.ok(hasEnded(stage.process(0)));
});

test('restarts in quick succession leave one server', async (context) => {
  const stage = new Stage(context, programs.good);
  await Promise.all([stage.server.restart(), stage.server.restart(), stage.server.restart()]);
  await stage.shown('running');
  assert.equal(stage.processes.filter((process) => !hasEnded(process)).length, 1);
});

test('a pending restart is dropped when the server is stopped', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const stage = new Stage(context, programs.diesAtOnce, 5);
  await stage.server.restart();
  assert.equal(stage.kinds.at(-1), 'waiting');
  await stage.server.stop();
  context.mock.timers.tick(60_000);
  await new Promise(setImmediate);
  assert.equal(stage.processes.length, 1);
  assert.equal(stage.kinds.at(-1), 'stopped');
});

test('an unusable server is shown, and nothing is started', async (context) => {
  const stage = new Stage(context, programs.good);
  stage.located = { problem: { kind: 'missing', setting: '' } };
  await stage.server.restart();
  assert.deepEqual(stage.states.at(-1), { kind: 'unusable', problem: { kind: 'missing', setting: '' } });
  assert.equal(stage.processes.length, 0);
});

test('a program that vanished meanwhile counts as a crash', async (context) => {
  const stage = new Stage(context, programs.good, 0);
  stage.located = { server: { path: '/does/not/exist/forge-lsp', version: '0.1.0' } };
  await stage.server.restart();
  await stage.shown('given-up');
  const last = stage.states.at(-1);
  assert.match(last?.kind === 'given-up' ? last.reason : '', /cannot be run: .*ENOENT/);
});

async function ended(process: ChildProcessWithoutNullStreams): Promise<void> {
  if (!hasEnded(process)) await new Promise((resolve) => process.once('exit', resolve));
}
