// Read-only documents `forge:/<component>/<commit>/<path>?root=…`: a file of an upstream at a commit, as the server has it.
import * as vscode from 'vscode';
import type { Link } from './link';
import { methods, readContent } from './shapes';

export const contentScheme = 'forge';

export class Content implements vscode.TextDocumentContentProvider {
  constructor(private readonly link: Link) {}

  async provideTextDocumentContent(uri: vscode.Uri, token: vscode.CancellationToken): Promise<string> {
    // The server gets the address as it wrote it: its root is encoded inside.
    const answer = await this.link.request(methods.content, { uri: uri.toString() }, readContent, { token });
    if ('trouble' in answer) throw new Error(answer.trouble);
    if (answer.result === undefined) throw new Error(`There is no ${uri.path} in the mirrors.`);
    return answer.result;
  }
}
