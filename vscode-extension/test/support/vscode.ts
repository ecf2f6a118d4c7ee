// Stands in for the editor's API in unit tests: only what the tested files use, with everything said and done recorded.

export const recorded = {
  /** Settings by full name, as a user wrote them. */
  settings: {} as Record<string, unknown>,
  messages: [] as { text: string; buttons: string[] }[],
  /** The button that the next message gets pressed. */
  press: undefined as string | undefined,
  executed: [] as unknown[][],
  diagnostics: new Map<string, Reported[]>(),
  /** Texts by address. */
  documents: new Map<string, string>(),
  items: [] as StatusBarItem[],
  view: undefined as TreeView | undefined,
  diagnosticsChanged: (_event: { uris: string[] }): void => undefined,
};

interface Reported {
  source: string;
  severity: number;
  code?: string | { value: string };
  line?: number;
}

interface TreeView {
  visible: boolean;
  message: string;
  onDidChangeVisibility(): { dispose(): void };
  dispose(): void;
}

interface StatusBarItem {
  text: string;
  tooltip: string;
  command: string;
  backgroundColor: ThemeColor | undefined;
  show(): void;
  dispose(): void;
}

export class ThemeColor {
  constructor(readonly id: string) {}
}

export class Uri {
  private constructor(private readonly text: string) {}

  static parse(text: string): Uri {
    return new Uri(text);
  }

  static from({ scheme, path }: { scheme: string; path: string }): Uri {
    return new Uri(`${scheme}:${path}`);
  }

  toString(): string {
    return this.text;
  }
}

export class EventEmitter<Event> {
  private readonly listeners = new Set<(event: Event) => void>();

  readonly event = (listener: (event: Event) => void) => {
    this.listeners.add(listener);
    return { dispose: () => this.listeners.delete(listener) };
  };

  fire(event: Event): void {
    for (const listener of this.listeners) listener(event);
  }

  dispose(): void {
    this.listeners.clear();
  }
}

export class CancellationTokenSource {
  private readonly emitter = new EventEmitter<void>();
  readonly token = { isCancellationRequested: false, onCancellationRequested: this.emitter.event };

  cancel(): void {
    this.token.isCancellationRequested = true;
    this.emitter.fire();
  }

  dispose(): void {
    this.emitter.dispose();
  }
}

export class ThemeIcon {
  constructor(
    readonly id: string,
    readonly color?: ThemeColor,
  ) {}
}

export class TreeItem {
  constructor(
    readonly label: string,
    readonly collapsibleState: number,
  ) {}
}

export class Range {
  readonly numbers: number[];

  constructor(...numbers: number[]) {
    this.numbers = numbers;
  }
}

export const TreeItemCollapsibleState = { None: 0, Collapsed: 1, Expanded: 2 };
export const StatusBarAlignment = { Left: 1, Right: 2 };
export const DiagnosticSeverity = { Error: 0, Warning: 1, Information: 2, Hint: 3 };

export const workspace = {
  isTrusted: true,
  openTextDocument(uri: Uri) {
    const lines = (recorded.documents.get(uri.toString()) ?? '').split('\n');
    return Promise.resolve({ lineCount: lines.length, lineAt: (line: number) => ({ text: lines[line] ?? '' }) });
  },
  getConfiguration(section: string) {
    const full = (key: string): string => `${section}.${key}`;
    return {
      get: (key: string, otherwise?: unknown) => recorded.settings[full(key)] ?? otherwise,
      inspect: (key: string) => ({ key: full(key), defaultValue: '', globalValue: recorded.settings[full(key)] }),
    };
  },
};

function say(text: string, ...buttons: string[]): Promise<string | undefined> {
  recorded.messages.push({ text, buttons });
  return Promise.resolve(recorded.press);
}

export const window = {
  activeTextEditor: undefined as { document: { uri: Uri } } | undefined,
  createTreeView() {
    recorded.view = { visible: true, message: '', onDidChangeVisibility: () => ({ dispose() {} }), dispose() {} };
    return recorded.view;
  },
  showErrorMessage: say,
  showWarningMessage: say,
  showInformationMessage: say,
  createStatusBarItem(): StatusBarItem {
    const item = { text: '', tooltip: '', command: '', backgroundColor: undefined, show() {}, dispose() {} };
    recorded.items.push(item);
    return item;
  },
};

export const languages = {
  onDidChangeDiagnostics(listener: (event: { uris: string[] }) => void) {
    recorded.diagnosticsChanged = listener;
    return { dispose: () => undefined };
  },
  getDiagnostics: (uri: string | Uri) =>
    (recorded.diagnostics.get(uri.toString()) ?? []).map(({ line = 0, ...rest }) => ({
      ...rest,
      range: { start: { line, character: 0 }, end: { line, character: 0 } },
    })),
};

export const commands = {
  registerCommand: () => ({ dispose: () => undefined }),
  executeCommand(...call: unknown[]): Promise<void> {
    recorded.executed.push(call);
    return Promise.resolve();
  },
};
