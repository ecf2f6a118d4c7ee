// The steps that a user takes in the workbench, each of which waits for what it leads to and never for time.
export class Workbench {
  constructor(page) {
    this.page = page;
    page.setDefaultTimeout(90_000);
  }

  async ready() {
    await this.page.waitForSelector('.monaco-workbench .statusbar');
  }

  async command(title) {
    await this.page.keyboard.press('F1');
    const input = this.page.locator('.quick-input-widget:not([style*="display: none"]) input[type="text"]');
    await input.fill(`>${title}`);
    const row = this.page.locator('.quick-input-list .monaco-list-row', { hasText: title }).first();
    await row.waitFor();
    await this.page.keyboard.press('Enter');
  }

  /** By its path in the workspace. */
  async open(file) {
    const name = file.slice(file.lastIndexOf('/') + 1);
    await this.page.keyboard.press('Control+P');
    const input = this.page.locator('.quick-input-widget:not([style*="display: none"]) input[type="text"]');
    await input.fill(file);
    await this.page.locator(`.quick-input-list .monaco-list-row[aria-label*="${name}"]`).first().waitFor();
    await this.page.keyboard.press('Enter');
    await this.page.locator('.tab.active', { hasText: name }).waitFor();
    await this.page.locator('.monaco-editor .view-line').first().waitFor();
  }

  async showProblems() {
    await this.page.keyboard.press('Control+Shift+M');
    await this.page.locator('.markers-panel .monaco-list-row').first().waitFor();
  }

  /** A row of the Problems panel, as a screen reader hears it. */
  problem(text) {
    return this.page.locator(`.markers-panel .monaco-list-row[aria-label*="${text}"]`);
  }

  line(text) {
    return this.page.locator('.monaco-editor .view-line', { hasText: text }).first();
  }

  status() {
    return this.page.locator(this.statusSelector);
  }

  get statusSelector() {
    return '.statusbar-item[id*="forge.status"]';
  }

  async showForge() {
    await this.page.locator('.activitybar a[aria-label="Forge"]').click();
    await this.page.locator('.pane-header', { hasText: 'Releases' }).or(this.page.locator('.composite.title', { hasText: 'Forge' })).first().waitFor();
  }

  /** By what a screen reader hears. */
  treeRow(text) {
    return this.page.locator(`.part.sidebar .monaco-list-row[aria-label*="${text}"]`).first();
  }

  /** Opened, if it is not. */
  async unfold(text) {
    const row = this.treeRow(text);
    await row.waitFor();
    if ((await row.getAttribute('aria-expanded')) === 'false') await row.locator('.monaco-tl-twistie').click();
  }

  async rowAction(text, action) {
    const row = this.treeRow(text);
    await row.hover();
    await row.locator(`.action-label[aria-label*="${action}"]`).click();
  }

  async closeNotifications() {
    await this.command('Notifications: Clear All Notifications');
  }

  async closePanel() {
    await this.page.locator('.part.panel .action-label[aria-label^="Hide Panel"], .part.panel .action-label[aria-label^="Close Panel"]').first().click();
    await this.page.locator('.markers-panel').waitFor({ state: 'hidden' });
  }

  async closeEditors() {
    await this.page.keyboard.press('Control+K');
    await this.page.keyboard.press('Control+W');
  }

  /** The inside of the only webview whose page has `selector`. */
  async webview(selector) {
    const frame = this.page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame');
    await frame.locator(selector).first().waitFor();
    return frame;
  }
}
