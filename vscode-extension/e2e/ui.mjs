// What a user sees and does in VS Code with the packaged extension, with a picture of each step.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import * as path from 'node:path';
import { misbehaving } from './misbehaving.mjs';
import { Workbench } from './workbench.mjs';

export async function ui(stage, { screenshots, check }) {
  mkdirSync(screenshots, { recursive: true });
  const root = stage.forge('small-forge', { candidate: true });
  const refs = path.join(root, 'releases/2025.2/source-refs.yaml');
  stage.folderSettings(root);
  // As many files as a large workspace has: neither the extension nor the server looks at them.
  stage.fill(path.join(root, 'notes'), 10_000);
  const page = await stage.page({ folder: root });
  const bench = new Workbench(page);
  const picture = async (name) => {
    await page.mouse.move(640, 795);
    await page.screenshot({ path: path.join(screenshots, `${name}.png`) });
  };
  await bench.ready();
  // The extension host takes its time on a busy machine; what is typed before it is there finds nothing.
  await bench.status().waitFor({ timeout: 120_000 });

  await check('a ref that does not exist is underlined, and the quick fix mends it', async () => {
    await bench.open('releases/2025.2/source-refs.yaml');
    await page.locator('.squiggly-error').first().waitFor();
    await bench.showProblems();
    const problem = bench.problem('has no tag, branch or commit');
    await problem.first().waitFor();
    assert.equal(await problem.count(), 1, 'the problem is listed once');
    await picture('problem');
    await bench.line('3.02').getByText('3.02').first().click();
    await page.keyboard.press('Control+.');
    await page.locator('.action-widget .monaco-list-row').first().waitFor();
    await picture('quick-fix');
    await page.keyboard.press('Enter');
    await bench.line('3.0.2').waitFor();
    await problem.first().waitFor({ state: 'detached' });
    await picture('fixed');
    await page.keyboard.press('Control+S');
    await page.locator('.tab.active.dirty').waitFor({ state: 'detached' });
    assert.match(readFileSync(refs, 'utf8'), /courier: "3\.0\.2"/);
    await bench.closePanel();
  });

  await check('the view Forge lists releases, components and patches', async () => {
    await bench.showForge();
    await bench.treeRow('release Release 2025.2').waitFor();
    await bench.unfold('component almanac 4.0.2');
    await bench.treeRow('0001-count-a-window').waitFor();
    await picture('tree');
  });

  await check('a patch that does not apply is compared with its source', async () => {
    await bench.treeRow('0001-count-a-window').click();
    await page.locator('.tab.active', { hasText: '0001-count-a-window' }).waitFor();
    await page.locator('.squiggly-error').first().waitFor();
    await picture('patch');
    await bench.rowAction('0001-count-a-window', 'Compare');
    await page.locator('.monaco-diff-editor .view-line').first().waitFor();
    await page.locator('.notification-toast', { hasText: 'Changed upstream by' }).waitFor();
    await picture('compare');
    await bench.closeNotifications();
  });

  await check('the build plan is a graph that the keyboard walks through, in every theme', async () => {
    await bench.closeEditors();
    await bench.rowAction('release Release 2025.2', 'Show Build Plan');
    const plan = await bench.webview('g.node');
    await picture('plan-whole');
    await plan.locator('g.node').first().focus();
    const current = plan.locator('g.node.current');
    await current.waitFor();
    const first = await current.getAttribute('aria-label');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await plan.locator('g.node.service.current').waitFor();
    assert.notEqual(await current.getAttribute('aria-label'), first);
    assert.equal(await plan.locator('g.node[tabindex="0"]').count(), 1, 'one stop for the Tab key');
    await picture('plan');
    stage.folderSettings(root, { 'workbench.colorTheme': 'Default Dark Modern' });
    await plan.locator('body.vscode-dark').waitFor();
    await picture('plan-dark');
    stage.folderSettings(root, { 'workbench.colorTheme': 'Default High Contrast' });
    await plan.locator('body.vscode-high-contrast').waitFor();
    await picture('plan-high-contrast');
    stage.folderSettings(root);
    await plan.locator('body.vscode-light').waitFor();
    await plan.locator('g.node.service.current').focus();
    await page.keyboard.press('Enter');
    await page.locator('.tab.active', { hasText: 'Dockerfile' }).waitFor();
  });

  await check('the audit is shown as its own page, in the colours of the editor', async () => {
    await bench.closeEditors();
    await bench.rowAction('release Release 2025.2', 'Audit');
    const audit = await bench.webview('h1');
    await picture('audit');
    stage.folderSettings(root, { 'workbench.colorTheme': 'Default Dark Modern' });
    await audit.locator('body.vscode-dark').waitFor();
    await picture('audit-dark');
    const [page_, editor] = await audit
      .locator('body')
      .evaluate((body) => [getComputedStyle(body).backgroundColor, getComputedStyle(body).getPropertyValue('--vscode-editor-background')]);
    assert.equal(page_, rgb(editor.trim()), 'the background is the editor’s');
    stage.folderSettings(root);
    await audit.locator('body.vscode-light').waitFor();
    await bench.closeEditors();
  });

  await check('first steps', async () => {
    await bench.command('Forge: Get Started');
    await page.locator('.gettingStartedContainer .getting-started-step').first().waitFor();
    await picture('first-steps');
    await bench.closeEditors();
  });

  await check('activation takes less than 50 ms, among ten thousand files', async () => {
    await bench.command('Developer: Show Running Extensions');
    const row = page.locator('.runtime-extensions-editor .extension', { hasText: 'Forge' }).first();
    await row.waitFor();
    const words = (await row.locator('.activation-time').textContent()) ?? '';
    // The editor takes wall time; where others want the processors as well, we had a part of it.
    const share = Math.max(1, loadavg()[0] / availableParallelism());
    console.log(`  ${words}, at ${share.toFixed(1)} times the load that the machine is made for`);
    await picture('running-extensions');
    assert.ok(milliseconds(words) < 50 * share, words);
    await bench.closeEditors();
  });

  for (const { name, program, status, says } of misbehaving) {
    await check(`a server that ${name} is told in the status bar`, async () => {
      stage.folderSettings(root, { 'forge.server.path': stage.program(name, program) });
      await page.locator(`${bench.statusSelector}[aria-label*="${status}"]`).waitFor();
      if (says !== undefined) await page.locator('.notification-toast', { hasText: says }).waitFor();
      await picture(`server-${name.replaceAll(' ', '-')}`);
      await bench.closeNotifications();
    });
  }

  await check('with a good server again, all is well', async () => {
    stage.folderSettings(root);
    await page.locator(`${bench.statusSelector}[aria-label*="Forge: 2"]`).waitFor();
    await bench.treeRow('component almanac 4.0.2').waitFor();
  });
  await page.close();
}

function milliseconds(words) {
  return Number(/(\d+)\s*ms/.exec(words)?.[1] ?? Number.NaN);
}

/** `#1f1f1f` as the browser computes it. */
function rgb(colour) {
  const [red, green, blue] = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
  return `rgb(${red}, ${green}, ${blue})`;
}
