// A view of the log on which `forge.trace.server` alone decides whether messages are recorded.
// The language client would ask for the log's own level to be `trace` as well, which no user guesses.
import * as vscode from 'vscode';

export class Trace implements vscode.Disposable {
  readonly channel: vscode.LogOutputChannel;
  private readonly changed = new vscode.EventEmitter<vscode.LogLevel>();
  private readonly listener = vscode.workspace.onDidChangeConfiguration((event) => {
    if (event.affectsConfiguration('forge.trace')) this.changed.fire(level());
  });

  constructor(log: vscode.LogOutputChannel) {
    this.channel = Object.create(log, {
      logLevel: { get: level },
      onDidChangeLogLevel: { value: this.changed.event },
      trace: { value: (message: string) => log.info(message) },
    }) as vscode.LogOutputChannel;
  }

  dispose(): void {
    this.listener.dispose();
    this.changed.dispose();
  }
}

function level(): vscode.LogLevel {
  const setting = vscode.workspace.getConfiguration('forge').get('trace.server', 'off');
  return setting === 'off' ? vscode.LogLevel.Info : vscode.LogLevel.Trace;
}
