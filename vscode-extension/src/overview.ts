// The view Forge: releases, their components with refs, their patches. Asks the server only while somebody looks.
import * as vscode from 'vscode';
import type { Link } from './link';
import { children, idOf, look, type Row, roots } from './overview-rows';
import { type Forge, methods, readOverview } from './shapes';

export class Overview implements vscode.TreeDataProvider<Row>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.changed.event;
  private readonly view: vscode.TreeView<Row>;
  private readonly subscriptions: vscode.Disposable[];
  private forges: Forge[] | undefined;
  private asking: Promise<Forge[]> | undefined;
  /** Something changed while the server was being asked. */
  private again = false;

  constructor(private readonly link: Link) {
    this.view = vscode.window.createTreeView('forge.releases', { treeDataProvider: this, showCollapseAll: true });
    this.subscriptions = [
      this.view,
      this.changed,
      link.onDidChange(() => this.outdated()),
      link.onNotification(methods.overviewChanged)(() => this.outdated()),
      this.view.onDidChangeVisibility(({ visible }) => {
        if (visible && this.forges === undefined) this.changed.fire();
      }),
    ];
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  /** Also for the commands that need to know what there is; the words say why nothing is known. */
  async known(): Promise<{ forges: Forge[] } | { trouble: string }> {
    const answer = await this.link.request(methods.overview, {}, readOverview);
    return 'trouble' in answer ? answer : { forges: answer.result };
  }

  async getChildren(row?: Row): Promise<Row[]> {
    if (row !== undefined) return children(row);
    return roots(this.forges ?? (await (this.asking ??= this.ask())));
  }

  getParent(): undefined {
    return undefined;
  }

  getTreeItem(row: Row): vscode.TreeItem {
    const shown = look(row);
    // What one looks for are the components, so releases are open.
    const state =
      !shown.opens || row.kind === 'patch'
        ? vscode.TreeItemCollapsibleState.None
        : row.kind === 'component'
          ? vscode.TreeItemCollapsibleState.Collapsed
          : vscode.TreeItemCollapsibleState.Expanded;
    const item = new vscode.TreeItem(shown.label, state);
    item.id = idOf(row);
    item.description = shown.description;
    item.tooltip = shown.tooltip;
    item.iconPath = new vscode.ThemeIcon(shown.icon, shown.colour ? new vscode.ThemeColor(shown.colour) : undefined);
    item.contextValue = shown.context;
    item.accessibilityInformation = { label: `${row.kind} ${shown.tooltip}`, role: 'treeitem' };
    const target = targetOf(row);
    if (target !== undefined) item.command = { title: 'Open', command: 'vscode.open', arguments: target };
    return item;
  }

  private outdated(): void {
    this.again = this.asking !== undefined;
    if (this.again) return;
    this.forges = undefined;
    if (this.view.visible) this.changed.fire();
  }

  /** One question at a time: what changes meanwhile is asked for afterwards. */
  private async ask(): Promise<Forge[]> {
    const answer = await this.known();
    this.asking = undefined;
    const forges = 'trouble' in answer ? [] : answer.forges;
    this.forges = forges;
    this.view.message = messageOf(answer, this.link.connected);
    if (this.again) this.outdated();
    return forges;
  }
}

function messageOf(answer: { forges: Forge[] } | { trouble: string }, connected: boolean): string {
  // Without a server the view's welcome says what to do; a message would hide it.
  if (!connected) return '';
  if ('trouble' in answer) return answer.trouble;
  const missing = new Set(answer.forges.flatMap((forge) => forge.unavailable));
  if (missing.size > 0) return `Not compared with their upstreams, which are not there: ${[...missing].sort().join(', ')}.`;
  return answer.forges.length === 0 ? 'The server sees no forge in this workspace.' : '';
}

function targetOf(row: Row): [vscode.Uri, vscode.TextDocumentShowOptions?] | undefined {
  if (row.kind === 'patch') return row.patch.uri === '' ? undefined : [vscode.Uri.parse(row.patch.uri)];
  if (row.kind !== 'component' || row.component.uri === '') return undefined;
  const { start, end } = row.component.range;
  return [
    vscode.Uri.parse(row.component.uri),
    { selection: new vscode.Range(start.line, start.character, end.line, end.character) },
  ];
}
