// The frame of a page in a webview: a policy that lets nothing in from outside and runs only what carries the page's nonce.
import { randomBytes } from 'node:crypto';

export interface PageParts {
  title: string;
  /** Where the webview may load from: its own `cspSource`. */
  source: string;
  style: string;
  script: string;
  body: string;
}

export function page(parts: PageParts): string {
  const nonce = randomBytes(18).toString('base64');
  const policy = `default-src 'none'; style-src ${parts.source}; script-src 'nonce-${nonce}'; base-uri 'none'; form-action 'none'`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(parts.title)}</title>
<link rel="stylesheet" href="${escape(parts.style)}">
</head>
<body>
${parts.body}
<script nonce="${nonce}" src="${escape(parts.script)}"></script>
</body>
</html>
`;
}

export function escape(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}
