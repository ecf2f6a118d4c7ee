// Passes the extension through a real VS Code: run.mjs --cache DIR --server FORGE-LSP --chromium FILE --vsix FILE
// --screenshots DIR. Ends with the line `N passed, N failed`.
import * as path from 'node:path';
import { parseArgs } from 'node:util';
import { host, untrusted } from './host.mjs';
import { Stage } from './stage.mjs';
import { ui } from './ui.mjs';

const string = { type: 'string' };
const { values: given } = parseArgs({
  options: { cache: string, server: string, chromium: string, vsix: string, screenshots: string, only: string },
});

let passed = 0;
let failed = 0;

await on('host', {}, (stage, check) => host(stage, check));
await on('untrusted', { trusted: false }, (stage, check) => untrusted(stage, check));
await on('ui', {}, (stage, check) => {
  stage.install(given.vsix);
  return ui(stage, { screenshots: given.screenshots, check });
});
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);

/** One editor for a group of checks. */
async function on(group, options, act) {
  if (given.only !== undefined && given.only !== group) return;
  const stage = new Stage(given);
  const check = async (what, does) => {
    const begin = Date.now();
    try {
      await does();
      passed += 1;
      console.log(`ok     ${what} (${((Date.now() - begin) / 1000).toFixed(1)} s)`);
    } catch (error) {
      failed += 1;
      console.log(`FAILED ${what}\n${error.stack ?? error}`);
      await evidence(stage, what);
    }
  };
  await check(`${group}: an editor starts`, async () => {
    stage.settings();
    await stage.start(options);
    await stage.browse();
  });
  try {
    await act(stage, check);
  } catch (error) {
    await check(`${group}: runs to its end`, () => Promise.reject(error));
  }
  await check(`${group}: nothing is left when the editor has ended`, () => stage.stop());
}

/** What it looked like, and what the extension wrote into its log. */
async function evidence(stage, what) {
  const name = `failed-${what.replace(/\W+/g, '-').slice(0, 50)}.png`;
  await stage.browser?.pages().at(-1)?.screenshot({ path: path.join(given.screenshots, name) }).catch(() => undefined);
  const log = stage.log();
  if (log !== '') console.log(`the extension's log ends with\n${log}`);
}
