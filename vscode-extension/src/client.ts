// The language client for one server process: which files it is for, its settings, its log.
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { createInterface } from 'node:readline';
import * as vscode from 'vscode';
import { CloseAction, ErrorAction, LanguageClient, type LanguageClientOptions, State } from 'vscode-languageclient/node';
import type { Conversation } from './server';
import { serverSettings } from './settings';

/** Where the files of a forge lie below its root; the server decides what each of them is. */
const patterns = [
  '**/releases/*/*.{yaml,txt}',
  '**/overrides/*/constraints.txt',
  '**/patches/*/*/*',
  '**/images/*/{Dockerfile,bindep.txt}',
  '**/bindep.txt',
  '**/forge.yaml',
];

export interface ClientSurroundings {
  log: vscode.LogOutputChannel;
  trace: vscode.LogOutputChannel;
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
    open: () => client.start(),
    close: () => (client.state === State.Running ? client.dispose() : Promise.resolve()),
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

function options(fail: (reason: string) => void, surroundings: ClientSurroundings): LanguageClientOptions {
  const record = (stream: NodeJS.ReadableStream): void => {
    createInterface({ input: stream }).on('line', (line) => surroundings.log.info(line));
  };
  return {
    documentSelector: patterns.map((pattern) => ({ scheme: 'file', pattern })),
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
    synchronize: { configurationSection: 'forge' },
    middleware: {
      handleWorkDoneProgress: (token, params, next) => {
        surroundings.progress(token, params.kind === 'end');
        next(token, params);
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
