// The real server, found and run as the extension does it. Skipped where it has not been built.
import assert from 'node:assert/strict';
import { type ChildProcessWithoutNullStreams, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { test, type TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';
import { locate } from '../src/locate';
import { Server } from '../src/server';
import { type RpcConversation, rpcConversation } from './support/rpc';
import { temporaryFolder } from './support/stand-ins';

const binary = path.resolve(process.env['FORGE_LSP'] ?? '../build/bin/forge-lsp');
const skip = existsSync(binary) ? false : `${binary} is not built; build it, or set FORGE_LSP`;

interface Diagnostic {
  code: string;
  source: string;
  range: Range;
}

interface Range {
  start: { line: number; character: number };
  end: { line: number; character: number };
}

const patience = 20_000;
const good = ['keystone: "28.0.0"', 'nova: "28.0.0"', ''].join('\n');

test('a mistake in the text is reported, and goes when it is corrected', { skip }, async (context) => {
  await correct(context, 'keystone: "28.0.0"\nkeystone: "28.0.0"\n', {
    code: 'file-syntax',
    range: { start: { line: 1, character: 0 }, end: { line: 1, character: 8 } },
    newText: 'nova',
  });
});

test('a ref that does not exist is reported, and goes when it is corrected', { skip }, async (context) => {
  await correct(context, good.replace('nova: "28.0.0"', 'nova: "99.0.0"'), {
    code: 'ref-not-found',
    range: { start: { line: 1, character: 6 }, end: { line: 1, character: 14 } },
    newText: '"28.0.0"',
  });
});

/** Opens a forge with the mistake, sees it reported at its place, types the correction, sees it go, and ends the server. */
async function correct(context: TestContext, text: string, mistake: { code: string; range: Range; newText: string }) {
  const root = writeForge();
  const uri = pathToFileURL(path.join(root, 'releases/2025.2/source-refs.yaml')).href;
  const { server, session, process } = await run(root);
  context.after(() => server.stop());
  const published = collect(session, uri);
  await session.connection.sendNotification('textDocument/didOpen', {
    textDocument: { uri, languageId: 'yaml', version: 1, text },
  });
  const isMistake = ({ code }: Diagnostic): boolean => code === mistake.code;
  const found = (await published.until((list) => list.some(isMistake))).filter(isMistake);
  assert.deepEqual(
    found.map(({ source, range }) => ({ source, range })),
    [{ source: 'forge-analyze', range: mistake.range }],
  );
  await session.connection.sendNotification('textDocument/didChange', {
    textDocument: { uri, version: 2 },
    contentChanges: [{ range: mistake.range, text: mistake.newText }],
  });
  await published.until((list) => !list.some(isMistake));
  await server.stop();
  assert.equal(process.exitCode, 0);
}

/** A forge with two components, and a repository for each that knows the tag 28.0.0. */
function writeForge(): string {
  const root = temporaryFolder();
  mkdirSync(path.join(root, 'releases/2025.2'), { recursive: true });
  writeFileSync(path.join(root, 'releases/2025.2/source-refs.yaml'), good);
  writeFileSync(path.join(root, 'forge.yaml'), 'upstream: "upstream/{component}.git"\n');
  for (const component of ['keystone', 'nova']) writeUpstream(path.join(root, 'upstream', `${component}.git`));
  return root;
}

function writeUpstream(folder: string): void {
  const history = [
    'commit refs/heads/master',
    'committer Somebody <somebody@example.org> 1700000000 +0000',
    'data 5',
    'first',
    'M 644 inline README.rst',
    'data 5',
    'hello',
    'reset refs/tags/28.0.0',
    'from refs/heads/master',
    '',
  ].join('\n');
  execFileSync('git', ['init', '--quiet', '--bare', folder]);
  execFileSync('git', ['-C', folder, 'fast-import', '--quiet'], { input: history });
}

async function run(
  root: string,
): Promise<{ server: Server; session: RpcConversation; process: ChildProcessWithoutNullStreams }> {
  let started: { session: RpcConversation; process: ChildProcessWithoutNullStreams } | undefined;
  const states: string[] = [];
  const rootUri = pathToFileURL(root).href;
  const server = new Server({
    find: () =>
      locate({ setting: binary, home: '', extensionFolder: '', searchPath: '', workspaceFolders: [], trusted: false }),
    converse: (process, fail) => {
      process.stderr.pipe(globalThis.process.stderr);
      const session = rpcConversation(process, fail, { rootUri, workspaceFolders: [{ uri: rootUri, name: 'forge' }] });
      started = { session, process };
      return session;
    },
    launch: () => ({ arguments: [], folder: root }),
    show: (state) => states.push(JSON.stringify(state)),
    log: () => undefined,
  });
  await server.restart();
  assert.match(states.at(-1) ?? '', /"running"/);
  assert.ok(started);
  return { server, ...started };
}

/** The diagnostics of one file as they come in. */
function collect(session: RpcConversation, uri: string) {
  let latest: Diagnostic[] | undefined;
  let look: () => void = () => undefined;
  session.connection.onNotification('textDocument/publishDiagnostics', (params: { uri: string; diagnostics: Diagnostic[] }) => {
    if (params.uri !== uri) return;
    latest = params.diagnostics;
    look();
  });
  return {
    /** Waits for a list that is as wanted. */
    until: (wanted: (list: Diagnostic[]) => boolean): Promise<Diagnostic[]> =>
      new Promise((resolve, reject) => {
        const late = () => reject(new Error(`not published in ${patience} ms; the last was ${JSON.stringify(latest)}`));
        const timer = setTimeout(late, patience);
        look = () => {
          if (latest === undefined || !wanted(latest)) return;
          clearTimeout(timer);
          resolve(latest);
        };
        look();
      }),
  };
}
