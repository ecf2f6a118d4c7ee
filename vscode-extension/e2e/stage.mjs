// A real VS Code to test in: code-server and a browser, with folders of their own, which all go away afterwards.
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';

export const extensionFolder = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
export const repository = path.dirname(extensionFolder);

/** Nothing of these asks the network, and nothing changes a file by itself. */
const quiet = {
  'editor.minimap.enabled': false,
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'files.autoSave': 'off',
  'git.enabled': false,
  'search.followSymlinks': false,
  'telemetry.telemetryLevel': 'off',
  'workbench.editor.enablePreview': true,
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
};

export class Stage {
  /** `cache`: where code-server and playwright-core are installed. */
  constructor({ cache, server, chromium }) {
    this.folder = mkdtempSync(path.join(tmpdir(), 'forge-e2e-'));
    this.cache = cache;
    this.chromium = chromium;
    // Under a name of its own, so that a process that stays behind is known to be ours.
    this.server = path.join(this.folder, 'forge-lsp');
    symlinkSync(path.resolve(server), this.server);
    this.require = createRequire(path.join(cache, 'package.json'));
    this.pages = 0;
  }

  path(...names) {
    return path.join(this.folder, ...names);
  }

  /** The small forge with its upstreams; `candidate`: with its mistakes as well. */
  forge(name, { candidate = false } = {}) {
    const root = this.path(name);
    const small = path.join(repository, 'examples', 'small-forge');
    cpSync(small, root, { recursive: true, filter: (file) => !file.endsWith('.git') });
    const made = spawnSync(path.join(small, 'make-upstreams'), [path.join(root, 'upstream')], { stdio: 'inherit' });
    if (made.status !== 0) throw new Error('make-upstreams failed');
    if (candidate) cpSync(path.join(small, 'candidate'), root, { recursive: true });
    rmSync(path.join(root, 'candidate'), { recursive: true, force: true });
    return root;
  }

  /** Makes so many files, a hundred to a folder: `1/1.txt` is one of them. */
  fill(folder, count) {
    const folders = Math.ceil(count / 100);
    for (let index = 0; index < folders; ++index) mkdirSync(path.join(folder, `${index}`), { recursive: true });
    for (let index = 0; index < count; ++index)
      writeFileSync(path.join(folder, `${index % folders}`, `${index}.txt`), 'x\n');
  }

  settings(more = {}) {
    mkdirSync(this.path('data', 'User'), { recursive: true });
    const all = { ...quiet, 'forge.server.path': this.server, ...more };
    writeFileSync(this.path('data', 'User', 'settings.json'), JSON.stringify(all, undefined, 2));
  }

  /** Of a folder that is open: the editor follows them as they change. */
  folderSettings(root, settings = {}) {
    mkdirSync(path.join(root, '.vscode'), { recursive: true });
    writeFileSync(path.join(root, '.vscode', 'settings.json'), JSON.stringify(settings, undefined, 2));
  }

  install(vsix) {
    const done = spawnSync(process.execPath, [...this.codeServer(), '--install-extension', vsix], {
      encoding: 'utf8',
      env: this.environment(),
    });
    if (done.status !== 0) throw new Error(`the extension can't be installed:\n${done.stdout}${done.stderr}`);
  }

  async start({ trusted = true } = {}) {
    if (!existsSync(this.path('data', 'User'))) this.settings();
    // Who is asked about trust would have to answer.
    if (!trusted) this.settings({ 'security.workspace.trust.startupPrompt': 'never' });
    this.port = await freePort();
    const more = trusted ? ['--disable-workspace-trust'] : [];
    this.process = spawn(
      process.execPath,
      [...this.codeServer(), '--bind-addr', `127.0.0.1:${this.port}`, ...more],
      // A group of its own, so that it ends with all it has started.
      { detached: true, env: this.environment(), stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let said = '';
    await new Promise((resolve, reject) => {
      const hear = (bytes) => {
        said += bytes;
        if (/HTTP server listening/.test(said)) resolve();
      };
      this.process.stdout.on('data', hear);
      this.process.stderr.on('data', hear);
      this.process.once('exit', (code) => reject(new Error(`code-server ended with ${code}:\n${said}`)));
    });
  }

  async browse() {
    const { chromium } = this.require('playwright-core');
    this.browser = await chromium.launchPersistentContext(this.path('profile'), {
      executablePath: this.chromium,
      viewport: { width: 1280, height: 800 },
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    });
  }

  /** A page of the workbench; `query` as the address has it. */
  async page(query, given = undefined) {
    const page = given ?? (await this.browser.newPage());
    const address = `http://127.0.0.1:${this.port}/?${new URLSearchParams(query)}`;
    await page.goto(address, { waitUntil: 'domcontentloaded', timeout: 120_000 });
    return page;
  }

  exists(name) {
    return existsSync(this.path(name));
  }

  /** The last lines of what the extension wrote. */
  log() {
    const logs = this.path('data', 'logs');
    const files = existsSync(logs) ? readdirSync(logs, { recursive: true }) : [];
    const own = files.filter((file) => /c5c3\.forge-analyze[\\/]Forge\.log$/.test(file));
    return own.map((file) => readFileSync(path.join(logs, file), 'utf8').split('\n').slice(-20).join('\n')).join('\n');
  }

  /** Processes that run a program of this stage. */
  servers() {
    return readdirSync('/proc')
      .filter((entry) => /^\d+$/.test(entry))
      .filter((entry) => {
        try {
          const [program = ''] = readFileSync(`/proc/${entry}/cmdline`, 'utf8').split('\0');
          return program === this.server;
        } catch {
          return false;
        }
      });
  }

  /** Ends all of it; throws when a server outlives its editor. */
  async stop({ keep = false } = {}) {
    await this.browser?.close();
    if (this.process?.pid !== undefined && this.process.exitCode === null) {
      const ended = new Promise((resolve) => this.process.once('exit', resolve));
      process.kill(-this.process.pid, 'SIGTERM');
      const killer = setTimeout(() => process.kill(-this.process.pid, 'SIGKILL'), 5_000);
      await ended;
      clearTimeout(killer);
      try {
        process.kill(-this.process.pid, 'SIGKILL');
      } catch {
        // The group is gone.
      }
    }
    const left = await gone(() => this.servers());
    if (keep) console.log(`kept: ${this.folder}`);
    else rmSync(this.folder, { recursive: true, force: true });
    if (left.length > 0) throw new Error(`forge-lsp outlives the editor: processes ${left.join(', ')}`);
  }

  /** Writes a program that stands in for forge-lsp; its path. */
  program(name, text) {
    const folder = this.path('programs', name.replaceAll(' ', '-'));
    mkdirSync(folder, { recursive: true });
    const file = path.join(folder, 'forge-lsp');
    writeFileSync(file, `#!${process.execPath}\n${text}\n`, { mode: 0o755 });
    return file;
  }

  codeServer() {
    const entry = path.join(this.cache, 'node_modules', 'code-server', 'out', 'node', 'entry.js');
    return [
      entry,
      '--auth',
      'none',
      '--disable-telemetry',
      '--disable-update-check',
      '--disable-getting-started-override',
      '--config',
      this.path('code-server.yaml'),
      '--user-data-dir',
      this.path('data'),
      '--extensions-dir',
      this.path('extensions'),
    ];
  }

  environment() {
    mkdirSync(this.path('home'), { recursive: true });
    writeFileSync(this.path('code-server.yaml'), 'auth: none\n');
    return {
      ...process.env,
      HOME: this.path('home'),
      XDG_CACHE_HOME: this.path('home', '.cache'),
      EXTENSIONS_GALLERY: JSON.stringify({ serviceUrl: '', itemUrl: '', resourceUrlTemplate: '' }),
    };
  }
}

/** What is still there after five seconds. */
async function gone(list) {
  for (let attempt = 0; attempt < 50; ++attempt) {
    if (list().length === 0) return [];
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return list();
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
