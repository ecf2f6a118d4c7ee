// The protocol with a server process, without an editor.
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import {
  createMessageConnection,
  type MessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-jsonrpc/node';
import type { Conversation } from '../../src/server';

export interface RpcConversation extends Conversation {
  connection: MessageConnection;
}

export function rpcConversation(
  child: ChildProcessWithoutNullStreams,
  fail: (reason: string) => void,
  initialize: object = {},
): RpcConversation {
  const reader = new StreamMessageReader(child.stdout);
  const connection = createMessageConnection(reader, new StreamMessageWriter(child.stdin), quiet);
  connection.onError(([error]) => fail(`does not speak the protocol: ${error.message}`));
  connection.listen();
  return {
    connection,
    async open() {
      await connection.sendRequest('initialize', { processId: process.pid, rootUri: null, capabilities: {}, ...initialize });
      await connection.sendNotification('initialized', {});
    },
    async close() {
      await connection.sendRequest('shutdown');
      await connection.sendNotification('exit');
    },
  };
}

const quiet = { error: () => undefined, warn: () => undefined, info: () => undefined, log: () => undefined };
