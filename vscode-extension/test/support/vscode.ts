// Stands in for the editor's API in unit tests: only what the tested files use, with everything said and done recorded.

export const recorded = {
  /** Settings by full name, as a user wrote them. */
  settings: {} as Record<string, unknown>,
  messages: [] as { text: string; buttons: string[] }[],
  /** The button that the next message gets pressed. */
  press: undefined as string | undefined,
  executed: [] as unknown[][],
  diagnostics: new Map<string, { source: string; severity: number }[]>(),
  items: [] as StatusBarItem[],
  diagnosticsChanged: (_event: { uris: string[] }): void => undefined,
};

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

export const StatusBarAlignment = { Left: 1, Right: 2 };
export const DiagnosticSeverity = { Error: 0, Warning: 1, Information: 2, Hint: 3 };

export const workspace = {
  getConfiguration(section: string) {
    const full = (key: string): string => `${section}.${key}`;
    return {
      get: (key: string, otherwise?: unknown) => recorded.settings[full(key)] ?? otherwise,
      inspect: (key: string) => ({ key: full(key), defaultValue: '', globalValue: recorded.settings[full(key)] }),
    };
  },
};

export const window = {
  showErrorMessage(text: string, ...buttons: string[]): Promise<string | undefined> {
    recorded.messages.push({ text, buttons });
    return Promise.resolve(recorded.press);
  },
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
  getDiagnostics: (uri: string) => recorded.diagnostics.get(uri) ?? [],
};

export const commands = {
  registerCommand: () => ({ dispose: () => undefined }),
  executeCommand(...call: unknown[]): Promise<void> {
    recorded.executed.push(call);
    return Promise.resolve();
  },
};
