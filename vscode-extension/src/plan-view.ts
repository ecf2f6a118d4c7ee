// The build plan as a graph, one panel for each forge. The page draws; here the server is asked and files are opened.
import * as vscode from 'vscode';
import type { Link } from './link';
import type { FromPage, ToPage } from './plan-messages';
import { methods, type Plan, readPlan } from './shapes';
import { page } from './webview-page';

export interface PlanSubject {
  /** Of the forge's root. */
  root: string;
  name: string;
  releases: string[];
  /** Empty: all of them. */
  release: string;
  /** A component to begin with. */
  focus: string;
}

export class PlanViews implements vscode.Disposable {
  private readonly panels = new Map<string, PlanPanel>();
  private readonly subscriptions: vscode.Disposable[];

  constructor(
    private readonly link: Link,
    private readonly extension: vscode.Uri,
  ) {
    const all = () => {
      for (const panel of this.panels.values()) panel.outdated();
    };
    this.subscriptions = [link.onDidChange(all), link.onNotification(methods.overviewChanged)(all)];
  }

  show(subject: PlanSubject): void {
    const shown = this.panels.get(subject.root);
    if (shown !== undefined) {
      shown.turnTo(subject);
      return;
    }
    const panel = new PlanPanel(this.link, this.extension, subject);
    this.panels.set(subject.root, panel);
    panel.onDidDispose(() => this.panels.delete(subject.root));
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
    for (const panel of this.panels.values()) panel.dispose();
  }
}

class PlanPanel {
  private readonly panel: vscode.WebviewPanel;
  private plan: Plan = { nodes: [], edges: [], problems: [] };
  private ready = false;
  private asked = 0;
  private stale = false;
  readonly onDidDispose: vscode.Event<void>;

  constructor(
    private readonly link: Link,
    extension: vscode.Uri,
    private subject: PlanSubject,
  ) {
    const resources = vscode.Uri.joinPath(extension, 'dist', 'webview');
    this.panel = vscode.window.createWebviewPanel('forge.plan', titleOf(subject), vscode.ViewColumn.Active, {
      enableScripts: true,
      enableCommandUris: false,
      localResourceRoots: [resources],
    });
    const { webview } = this.panel;
    this.onDidDispose = this.panel.onDidDispose;
    webview.onDidReceiveMessage((message: unknown) => this.hear(message));
    this.panel.onDidChangeViewState(() => {
      if (this.panel.visible && this.stale) this.outdated();
    });
    webview.html = page({
      title: titleOf(subject),
      source: webview.cspSource,
      style: webview.asWebviewUri(vscode.Uri.joinPath(resources, 'plan.css')).toString(),
      script: webview.asWebviewUri(vscode.Uri.joinPath(resources, 'plan.js')).toString(),
      body: '<main id="plan"></main>',
    });
  }

  turnTo(subject: PlanSubject): void {
    this.subject = subject;
    this.panel.reveal();
    void this.ask();
  }

  /** What nobody sees is asked for when it is looked at again. */
  outdated(): void {
    this.stale = !this.panel.visible;
    if (!this.stale) void this.ask();
  }

  dispose(): void {
    this.panel.dispose();
  }

  private async ask(): Promise<void> {
    if (!this.ready) return;
    const number = ++this.asked;
    const { root, release } = this.subject;
    this.say({ type: 'waiting' });
    const params = release === '' ? { uri: root } : { uri: root, release };
    const answer = await this.link.request(methods.plan, params, readPlan);
    if (number !== this.asked) return;
    this.panel.title = titleOf(this.subject);
    if ('trouble' in answer) {
      this.say({ type: 'trouble', text: answer.trouble });
      return;
    }
    this.plan = answer.result;
    const { releases, focus } = this.subject;
    this.subject = { ...this.subject, focus: '' };
    this.say({ type: 'plan', plan: this.plan, releases, release, focus });
  }

  private say(message: ToPage): void {
    void this.panel.webview.postMessage(message);
  }

  /** A page is heard as any stranger is: only what is known is done. */
  private hear(message: unknown): void {
    const said = message as Partial<FromPage> | null;
    if (said?.type === 'ready') {
      this.ready = true;
      void this.ask();
    } else if (said?.type === 'release') {
      const release = this.subject.releases.find((name) => name === said.release) ?? '';
      this.subject = { ...this.subject, release };
      void this.ask();
    } else if (said?.type === 'open') {
      const node = this.plan.nodes.find(({ id }) => id === said.id);
      if (node !== undefined) void open(node.uri, said.beside === true);
    }
  }
}

async function open(address: string, beside: boolean): Promise<void> {
  if (address === '') return;
  const uri = vscode.Uri.parse(address);
  // A fragment is the line, as editors write it.
  const line = /^L(\d+)$/.exec(uri.fragment)?.[1];
  const start = new vscode.Position(line === undefined ? 0 : Math.max(0, Number(line) - 1), 0);
  const where = { viewColumn: beside ? vscode.ViewColumn.Beside : vscode.ViewColumn.Active };
  const options = { ...where, ...(line === undefined ? {} : { selection: new vscode.Range(start, start) }) };
  try {
    const document = await vscode.workspace.openTextDocument(uri.with({ fragment: '' }));
    await vscode.window.showTextDocument(document, options);
  } catch {
    // A folder, for one.
    await vscode.commands.executeCommand('revealInExplorer', uri);
  }
}

function titleOf({ name, release }: PlanSubject): string {
  return `Build Plan: ${release === '' ? name : release}`;
}
