// Programs that stand in for forge-lsp, good and bad ones, written to a folder of their own.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { after } from 'node:test';

/** A new folder that goes away with the tests. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'forge-extension-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes an executable forge-lsp into `folder`, made of JavaScript. */
export function writeServer(folder: string, program: string, mode = 0o755): string {
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, 'forge-lsp');
  writeFileSync(file, `#!${process.execPath}\n${program}\n`, { mode });
  return file;
}

const version = `if (process.argv[2] === '--version') { console.log('forge-lsp 0.1.0'); process.exit(0); }`;
const forever = 'setInterval(() => undefined, 1000);';

export const programs = {
  /** Answers initialize and shutdown, and ends on exit. */
  good: `${version}
    let text = '';
    process.stdin.on('data', (bytes) => {
      text += bytes;
      for (let match; (match = /^Content-Length: (\\d+)\\r\\n\\r\\n/.exec(text)); ) {
        const end = match[0].length + Number(match[1]);
        if (text.length < end) return;
        const message = JSON.parse(text.slice(match[0].length, end));
        text = text.slice(end);
        if (message.method === 'exit') process.exit(0);
        if (message.id === undefined) continue;
        const body = JSON.stringify({ jsonrpc: '2.0', id: message.id, result: { capabilities: {} } });
        process.stdout.write('Content-Length: ' + body.length + '\\r\\n\\r\\n' + body);
      }
    });`,
  old: `console.log('forge-lsp 0.0.9');`,
  diesAtOnce: `${version} console.error('no cache folder'); process.exit(3);`,
  printsRubbish: `${version} console.log('Segmentation fault\\r\\n\\r\\n{"really": true}'); ${forever}`,
  hangs: `${version} process.on('SIGTERM', () => undefined); ${forever}`,
  rubbishVersion: `console.log('I am a teapot'); process.exit(1);`,
  silentVersion: `process.exit(4);`,
  hangingVersion: forever,
};
