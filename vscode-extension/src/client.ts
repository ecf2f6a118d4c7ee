// The language client for one server process: which files it is for, its settings, its log.
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { createInterface } from 'node:readline';
import * as vscode from 'vscode';
import { CloseAction, ErrorAction, LanguageClient, type LanguageClientOptions, State } from 'vscode-languageclient/node';
import { argumentsFor, commands } from './commands';
import { serverCommands, setCommands } from './contexts';
import type { Link } from './link';
import { around, patterns } from './presence';
import type { Conversation } from './server';
import { serverSettings } from './settings';

export interface ClientSurroundings {
  log: vscode.LogOutputChannel;
  trace: vscode.LogOutputChannel;
  link: Link;
  progress(task: string | number, ended: boolean): void;
}

export function converse(
  process: ChildProcessWithoutNullStreams,
  fail: (reason: string) => void,
  surroundings: ClientSurroundings,
): Conversation {
  // Detached: ending the process is not the client's business.
  const own = () => Promise.resolve({ process, detached: true });
  const client = new ForgeClient('forge', 'Forge', own, options(fail, surroundings));
  return {
    open: async () => {
      await client.start();
      setCommands(client.initializeResult?.capabilities.executeCommandProvider?.commands ?? []);
      surroundings.link.connect(client);
    },
    close: () => {
      surroundings.link.disconnect(client);
      return client.state === State.Running ? client.dispose() : Promise.resolve();
    },
  };
}

/** Writes trouble to the log only: what the user has to know is said once, by whoever runs the process. */
class ForgeClient extends LanguageClient {
  override error(message: string, data?: unknown): void {
    // Before and after the conversation its errors only follow from the process's end, which is logged elsewhere.
    if (this.state === State.Running) super.error(message, data, false);
    else this.debug(message, data, false);
  }
}

/** A status that the server does not show by itself. */
function show(status: unknown, log: vscode.LogOutputChannel): void {
  if (status === null || status === undefined) return;
  log.info(typeof status === 'string' ? status : JSON.stringify(status, undefined, 2));
  log.show();
}

function options(fail: (reason: string) => void, surroundings: ClientSurroundings): LanguageClientOptions {
  const record = (stream: NodeJS.ReadableStream): void => {
    createInterface({ input: stream }).on('line', (line) => surroundings.log.info(line));
  };
  return {
    documentSelector: patterns.map((pattern) => ({ scheme: 'file', pattern })),
    // Own methods of the server that this client knows, and a command for its lenses.
    initializationOptions: { content: true, overview: true, commands: [commands.showPatches] },
    outputChannel: surroundings.log,
    traceOutputChannel: surroundings.trace,
    stdioOptions: { stdout: record, stderr: record },
    initializationFailedHandler: () => false,
    errorHandler: {
      error: (error, message) => {
        // Without a message it was the reading that failed; a failed write is followed by the process's end.
        if (message === undefined) fail(`does not speak the protocol: ${error.message}`);
        return { action: ErrorAction.Continue, handled: true };
      },
      closed: () => ({ action: CloseAction.DoNotRestart, message: 'The connection is closed.', handled: true }),
    },
    synchronize: {
      configurationSection: 'forge',
      // The server asks for what it reads below releases/ and the like; the workflows around it are told about as well.
      fileEvents: around.map((pattern) => vscode.workspace.createFileSystemWatcher(pattern)),
    },
    middleware: {
      handleWorkDoneProgress: (token, params, next) => {
        surroundings.progress(token, params.kind === 'end');
        next(token, params);
      },
      executeCommand: async (command, given, next) => {
        const prepared = argumentsFor(command, given);
        if (prepared === undefined) return undefined;
        const result: unknown = await next(command, prepared);
        if (command === serverCommands.showStatus) show(result, surroundings.log);
        return result;
      },
      workspace: {
        configuration: async (params, token, next) => {
          const answers = await next(params, token);
          if (!Array.isArray(answers)) return answers;
          return params.items.map(({ section, scopeUri }, index) =>
            section === 'forge' ? serverSettings(scopeUri ? vscode.Uri.parse(scopeUri) : undefined) : answers[index],
          );
        },
      },
    },
  };
}
