import assert from 'node:assert/strict';
import { test } from 'node:test';
import { framed, isStrict } from '../src/audit-view';
import { page } from '../src/webview-page';

const strict = "default-src 'none'; style-src 'sha256-AAAA='; script-src 'sha256-BBBB='; img-src data:; base-uri 'none'; form-action 'none'";

function audit(policy: string): string {
  return `<!DOCTYPE html>\n<html><head><meta http-equiv="Content-Security-Policy" content="${policy}">\n<style>x</style></head><body><script>go()</script></body></html>`;
}

test('a page that names its script by digest is shown, with our style beside its own', () => {
  const html = framed(audit(strict));
  assert.match(html, /style-src 'sha256-[A-Za-z0-9+/=]{44}' 'sha256-AAAA='/);
  assert.match(html, /--vscode-editor-background/);
  assert.match(html, /<script>go\(\)<\/script>/);
});

const lax = [
  '',
  "default-src 'self'",
  "default-src 'none'; script-src 'unsafe-inline'",
  "default-src 'none'; script-src 'sha256-BBBB=' https://evil.example",
  "default-src 'none'; style-src *",
  "default-src 'none'; img-src https:",
  "default-src 'none'; connect-src https:",
];
for (const policy of lax) {
  test(`nothing of a page runs whose policy is "${policy}"`, () => {
    assert.equal(isStrict(policy), false);
    const html = framed(audit(policy));
    assert.doesNotMatch(html, /<script>/);
    assert.match(html, /default-src 'none'"/);
  });
}

test('rubbish in the place of a page is shown as text', () => {
  assert.match(framed('<b>7'), /&lt;b&gt;7/);
  assert.match(framed(''), /is not shown/);
});

test('our own pages let nothing in, and two never share a nonce', () => {
  const parts = { title: '<x>', source: 'https://own', style: 'https://own/a.css', script: 'https://own/a.js', body: '' };
  const [one, two] = [page(parts), page(parts)];
  assert.match(one, /content="default-src 'none'; style-src https:\/\/own; script-src 'nonce-[^']+'; base-uri 'none'; form-action 'none'"/);
  assert.match(one, /<title>&lt;x&gt;<\/title>/);
  const nonce = (html: string): string => /'nonce-([^']+)'/.exec(html)?.[1] ?? '';
  assert.ok(one.includes(`nonce="${nonce(one)}" src=`));
  assert.notEqual(nonce(one), nonce(two));
});
