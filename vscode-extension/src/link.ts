// The way from the views to whichever server runs at the moment; outlives servers that are restarted.
import * as vscode from 'vscode';

/** As much of a language client as the views need. */
export interface Peer {
  sendRequest(method: string, params: object, token: vscode.CancellationToken): Promise<unknown>;
  onNotification(method: string, handler: () => void): vscode.Disposable;
}

export type Answer<Result> = { result: Result } | { trouble: string };

const methodNotFound = -32601;

export class Link implements vscode.Disposable {
  private peer: Peer | undefined;
  private readonly changed = new vscode.EventEmitter<void>();
  private readonly handlers = new Map<string, vscode.EventEmitter<void>>();
  /** A server began or ceased to answer. */
  readonly onDidChange = this.changed.event;

  get connected(): boolean {
    return this.peer !== undefined;
  }

  connect(peer: Peer): void {
    this.peer = peer;
    // The client forgets its handlers with itself.
    for (const [method, emitter] of this.handlers) peer.onNotification(method, () => emitter.fire());
    this.changed.fire();
  }

  /** Of the peer that is no longer; a newer one stays. */
  disconnect(peer: Peer): void {
    if (this.peer !== peer) return;
    this.peer = undefined;
    this.changed.fire();
  }

  /** For servers to come as well. */
  onNotification(method: string): vscode.Event<void> {
    const emitter = this.handlers.get(method) ?? new vscode.EventEmitter<void>();
    if (!this.handlers.has(method)) {
      this.handlers.set(method, emitter);
      this.peer?.onNotification(method, () => emitter.fire());
    }
    return emitter.event;
  }

  /** Never rejects: what went wrong is a sentence for the user. `read` makes a value of whatever came back. */
  async request<Result>(
    method: string,
    params: object,
    read: (answer: unknown) => Result,
    options: { token?: vscode.CancellationToken; milliseconds?: number } = {},
  ): Promise<Answer<Result>> {
    const peer = this.peer;
    if (peer === undefined) return { trouble: 'forge-lsp is not running.' };
    const milliseconds = options.milliseconds ?? 60_000;
    const source = new vscode.CancellationTokenSource();
    const cancelled = options.token?.onCancellationRequested(() => source.cancel());
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<{ trouble: string }>((resolve) => {
      timer = setTimeout(() => {
        source.cancel();
        resolve({ trouble: `forge-lsp has not answered for ${Math.round(milliseconds / 1000)} seconds.` });
      }, milliseconds);
    });
    try {
      const answered = peer.sendRequest(method, params, source.token).then((answer) => ({ result: read(answer) }));
      return await Promise.race([answered, late]);
    } catch (error) {
      return { trouble: explainFailure(method, error) };
    } finally {
      clearTimeout(timer);
      cancelled?.dispose();
      source.dispose();
    }
  }

  dispose(): void {
    this.changed.dispose();
    for (const emitter of this.handlers.values()) emitter.dispose();
  }
}

export function explainFailure(method: string, error: unknown): string {
  if (typeof error === 'object' && error !== null && 'code' in error && error.code === methodNotFound)
    return `This forge-lsp does not know \`${method}\`: it is older than the extension. Update it.`;
  return `forge-lsp: ${error instanceof Error ? error.message : String(error)}`;
}
