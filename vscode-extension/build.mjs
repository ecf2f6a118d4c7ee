// Bundles the extension into dist/, with the licences of what goes into the bundle.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { build } from 'esbuild';

const { metafile } = await build({
  entryPoints: ['src/extension.ts'],
  outfile: 'dist/extension.js',
  bundle: true,
  external: ['vscode'],
  format: 'cjs',
  legalComments: 'none',
  logLevel: 'warning',
  metafile: true,
  minify: true,
  platform: 'node',
  target: 'node20',
});

const folders = Object.keys(metafile.inputs).map((file) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0]);
const packages = [...new Set(folders)].filter((folder) => folder !== undefined).sort();
await writeFile('dist/third-party-licenses.txt', (await Promise.all(packages.map(licence))).join('\n'));

async function licence(folder) {
  const name = folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length);
  const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
  if (file === undefined) throw new Error(`${folder} has no licence file`);
  return `---- ${name} ----\n\n${await readFile(`${folder}/${file}`, 'utf8')}`;
}
