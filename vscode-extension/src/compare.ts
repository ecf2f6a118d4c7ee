// A hunk and the place where it should apply, side by side: what the patch expects and what the source has.
import * as vscode from 'vscode';
import type { Answer, Link } from './link';
import { type Comparison, methods, type Position, readComparison } from './shapes';

export const compareScheme = 'forge-compare';

/** As many comparisons stay readable; the oldest goes first. */
const kept = 20;

const patchTrouble = /^patch-(?:does-not-apply|already-applied|partly-applied|target-missing|malformed|offset)$/;

export class Compare implements vscode.TextDocumentContentProvider {
  private readonly texts = new Map<string, string>();
  private number = 0;

  constructor(private readonly link: Link) {}

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.texts.get(uri.toString()) ?? 'This comparison is gone. Ask for it again from the patch.\n';
  }

  /** The hunk at `place`; where there is none, the patch's first problem. */
  async show(patch: vscode.Uri, place: Position | undefined): Promise<void> {
    let answer = place === undefined ? { result: undefined } : await this.ask(patch, place);
    if ('result' in answer && answer.result === undefined) answer = await this.ask(patch, await firstProblem(patch));
    if ('trouble' in answer) {
      void vscode.window.showWarningMessage(`Forge: ${answer.trouble}`);
    } else if (answer.result === undefined) {
      void vscode.window.showInformationMessage('Forge: There is no hunk in this patch, or nothing to compare it with.');
    } else {
      await this.open(answer.result);
      tell(answer.result);
    }
  }

  private ask(patch: vscode.Uri, position: Position): Promise<Answer<Comparison | undefined>> {
    const params = { textDocument: { uri: patch.toString() }, position };
    return this.link.request(methods.compare, params, readComparison);
  }

  private async open(comparison: Comparison): Promise<void> {
    this.number += 1;
    const expected = this.keep('expected', comparison, comparison.expected.text);
    const found = this.keep('found', comparison, comparison.found.text);
    await vscode.commands.executeCommand('vscode.diff', expected, found, titleOf(comparison), { preview: true });
  }

  private keep(side: string, comparison: Comparison, text: string): vscode.Uri {
    const path = `/${this.number}/${side}/${comparison.path.replace(/^\/+/, '')}`;
    const uri = vscode.Uri.from({ scheme: compareScheme, path });
    this.texts.set(uri.toString(), text);
    for (const oldest of this.texts.keys()) {
      if (this.texts.size <= 2 * kept) break;
      this.texts.delete(oldest);
    }
    return uri;
  }
}

export function titleOf(comparison: Comparison): string {
  const file = comparison.path.slice(comparison.path.lastIndexOf('/') + 1);
  return `${file}: expected by the patch ↔ found in ${comparison.ref}, from line ${comparison.found.line}`;
}

/** What both texts do not say: why, and who changed the lines; or that all is well. */
export function wordsOf({ applies, reason, upstream }: Comparison): string {
  if (applies) return 'This hunk applies: the source has what it expects.';
  const why = reason === '' ? 'This hunk does not apply.' : `This hunk does not apply: ${reason.replace(/\.$/, '')}.`;
  if (upstream === undefined) return `${why} No upstream commit is known that changed these lines.`;
  const facts = [upstream.date.slice(0, 10), upstream.tag].filter(Boolean).map((fact) => `, ${fact}`);
  return `${why} Changed upstream by ${upstream.commit.slice(0, 10)}${facts.join('')}: ${upstream.subject}`;
}

function tell(comparison: Comparison): void {
  const commit = comparison.applies ? undefined : comparison.upstream?.commit;
  const ways = commit === undefined ? [] : ['Copy Commit'];
  void vscode.window.showInformationMessage(`Forge: ${wordsOf(comparison)}`, ...ways).then((chosen) => {
    if (chosen !== undefined && commit !== undefined) void vscode.env.clipboard.writeText(commit);
  });
}

/** Where the server sees the patch fail, else the first hunk. */
async function firstProblem(patch: vscode.Uri): Promise<Position> {
  const problems = vscode.languages.getDiagnostics(patch).filter(({ source }) => source === 'forge-analyze');
  const worst = problems.find(({ code }) => patchTrouble.test(typeof code === 'object' ? String(code.value) : String(code)));
  if (worst !== undefined) return { line: worst.range.start.line, character: worst.range.start.character };
  const document = await vscode.workspace.openTextDocument(patch);
  for (let line = 0; line < document.lineCount; ++line) {
    if (document.lineAt(line).text.startsWith('@@ ')) return { line, character: 0 };
  }
  return { line: 0, character: 0 };
}
