// The audit's own page in a webview. The page brings a policy that names its script and style by digest; it is shown only
// with one that keeps everything else out, and in the editor's colours.
import { createHash } from 'node:crypto';
import * as vscode from 'vscode';
import type { Link } from './link';
import { methods, readAudit } from './shapes';
import { escape } from './webview-page';

/** An audit asks the package index's copies for every pin: minutes, where the forge is large. */
const longest = 15 * 60_000;

export class AuditViews implements vscode.Disposable {
  private readonly panels = new Map<string, vscode.WebviewPanel>();

  constructor(private readonly link: Link) {}

  async show(root: string, release: string): Promise<void> {
    const title = `Forge: auditing ${release}`;
    const location = vscode.ProgressLocation.Notification;
    const answer = await vscode.window.withProgress({ location, title, cancellable: true }, (_, token) =>
      this.link.request(methods.audit, { uri: root, release }, readAudit, { token, milliseconds: longest }),
    );
    if ('trouble' in answer) {
      void vscode.window.showWarningMessage(`Forge: ${answer.trouble}`);
      return;
    }
    const panel = this.panel(root, release);
    panel.title = `Audit: ${release}`;
    panel.webview.html = framed(answer.result.html);
    panel.reveal();
  }

  dispose(): void {
    for (const panel of this.panels.values()) panel.dispose();
  }

  private panel(root: string, release: string): vscode.WebviewPanel {
    const key = `${root}\n${release}`;
    const shown = this.panels.get(key);
    if (shown !== undefined) return shown;
    const options = { enableScripts: true, enableCommandUris: false, enableFindWidget: true, localResourceRoots: [] };
    const panel = vscode.window.createWebviewPanel('forge.audit', 'Audit', vscode.ViewColumn.Active, options);
    this.panels.set(key, panel);
    panel.onDidDispose(() => this.panels.delete(key));
    return panel;
  }
}

/** The editor's colours in place of the page's own, which follow the system's theme. */
const colours = `body.vscode-light, body.vscode-dark, body.vscode-high-contrast, body.vscode-high-contrast-light {
  padding: 0;
  --bg: var(--vscode-editor-background); --card: var(--vscode-editor-background); --text: var(--vscode-editor-foreground);
  --soft: var(--vscode-descriptionForeground); --line: var(--vscode-contrastBorder, var(--vscode-panel-border, #8888));
  --head: var(--vscode-sideBar-background); --accent: var(--vscode-textLink-foreground);
  --code: var(--vscode-textCodeBlock-background);
}
body.vscode-light, body.vscode-high-contrast-light { color-scheme: light;
  --ok: #136c2e; --ok-bg: #e6f4ea; --risk: #7a4f00; --risk-bg: #fff3d6; --fail: #b3261e; --fail-bg: #fde7e5;
  --unknown: #5b4b9a; --unknown-bg: #eeeafb; --base: #d7e6fb; --service: #d6eddd; --outer: #eceff2; --input: #ffffff;
  --edge: #7d8590; --node-line: #57606a; }
body.vscode-dark, body.vscode-high-contrast { color-scheme: dark;
  --ok: #56d364; --ok-bg: #12261a; --risk: #e3b341; --risk-bg: #2d2410; --fail: #ff8a80; --fail-bg: #34171a;
  --unknown: #b8a8ff; --unknown-bg: #221d3a; --base: #1d3250; --service: #17361f; --outer: #262d36; --input: #161b22;
  --edge: #8b949e; --node-line: #8b949e; }`;

const policyTag = /<meta http-equiv="Content-Security-Policy" content="([^"]*)">/;

/** The page with our style allowed beside its own; without its scripts where its policy would let more than them run. */
export function framed(html: string): string {
  const policy = policyTag.exec(html)?.[1] ?? '';
  if (!isStrict(policy)) return plain(html);
  const digest = `'sha256-${createHash('sha256').update(colours).digest('base64')}'`;
  const wider = policy.replace(/style-src /, `style-src ${digest} `);
  return html
    .replace(policyTag, () => `<meta http-equiv="Content-Security-Policy" content="${wider}">`)
    .replace('</head>', () => `<style>${colours}</style>\n</head>`);
}

/** Nothing from elsewhere, and only scripts and styles that are named by their digest. */
export function isStrict(policy: string): boolean {
  const directives = new Map(
    policy
      .split(';')
      .map((directive) => directive.trim().split(/\s+/))
      .map(([name = '', ...sources]) => [name, sources] as const),
  );
  const only = (name: string, allowed: RegExp): boolean => directives.get(name)?.every((source) => allowed.test(source)) ?? true;
  return (
    directives.get('default-src')?.join(' ') === "'none'" &&
    only('script-src', /^'sha256-[A-Za-z0-9+/=]+'$/) &&
    only('style-src', /^'sha256-[A-Za-z0-9+/=]+'$/) &&
    only('img-src', /^data:$/) &&
    [...directives.keys()].every((name) =>
      ['default-src', 'script-src', 'style-src', 'img-src', 'base-uri', 'form-action', ''].includes(name),
    )
  );
}

/** A page whose policy is not the expected one: as text, nothing of it runs. */
function plain(html: string): string {
  const policy = "default-src 'none'";
  const words = 'This page is not shown as it is, because it does not bring the policy that would keep it apart.';
  return `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}"></head><body><p>${words}</p><pre>${escape(html)}</pre></body></html>`;
}
