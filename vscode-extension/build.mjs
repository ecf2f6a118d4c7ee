// Bundles the extension and its pages into dist/, with the schemas and with the licences of what goes into the bundles.
import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { build } from 'esbuild';

const shared = { bundle: true, legalComments: 'none', logLevel: 'warning', metafile: true, minify: true };
// The language client, nine tenths of it all, is a bundle of its own: it is loaded only once there is a forge.
const extension = await build({
  ...shared,
  entryPoints: ['src/extension.ts', 'src/client.ts'],
  outdir: 'dist',
  external: ['vscode'],
  plugins: [{ name: 'client apart', setup: clientApart }],
  // `import()` becomes `require`, in whose place the editor puts its own.
  supported: { 'dynamic-import': false },
  format: 'cjs',
  platform: 'node',
  target: 'node20',
});
const pages = await build({
  ...shared,
  entryPoints: ['webview/plan.ts', 'webview/plan.css'],
  outdir: 'dist/webview',
  format: 'iife',
  platform: 'browser',
  target: 'chrome120',
});

const inputs = [extension, pages].flatMap(({ metafile }) => Object.keys(metafile.inputs));
const folders = inputs.map((file) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0]);
const packages = [...new Set(folders)].filter((folder) => folder !== undefined).sort();
await writeFile('dist/third-party-licenses.txt', (await Promise.all(packages.map(licence))).join('\n'));

// One set for everybody: the extension, and whoever installs the programs.
await mkdir('dist/schemas', { recursive: true });
const schemas = (await readdir('../schemas')).filter((name) => name.endsWith('.schema.json'));
await Promise.all(schemas.map((name) => copyFile(`../schemas/${name}`, `dist/schemas/${name}`)));

/** `./client` of our own sources stays an import; the language client has a file of that name as well. */
function clientApart(build) {
  const ours = path.resolve('src');
  build.onResolve({ filter: /^\.\/client$/ }, ({ path: name, resolveDir }) =>
    resolveDir === ours ? { path: name, external: true } : undefined,
  );
}

async function licence(folder) {
  const name = folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length);
  const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
  if (file === undefined) throw new Error(`${folder} has no licence file`);
  return `---- ${name} ----\n\n${await readFile(`${folder}/${file}`, 'utf8')}`;
}
