// What package.json promises is there.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { commands } from '../src/commands';
import { serverCommands } from '../src/contexts';

interface Manifest {
  activationEvents: string[];
  extensionKind: string[];
  capabilities: { untrustedWorkspaces: { supported: string }; virtualWorkspaces: { supported: boolean } };
  contributes: {
    commands: { command: string; title: string; icon?: string }[];
    menus: Record<string, { command: string; when?: string }[]>;
    configuration: { properties: Record<string, { description?: string; markdownDescription?: string }> };
    languages: { id: string; filenamePatterns: string[]; configuration: string; extensions?: string[]; filenames?: string[] }[];
    grammars: { language: string; path: string; scopeName: string }[];
    snippets: { language: string; path: string }[];
    yamlValidation: { fileMatch: string; url: string }[];
    walkthroughs: { steps: { id: string; description: string; media: { image?: string; markdown?: string } }[] }[];
  };
}

const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest;
const { contributes } = manifest;
const declared = contributes.commands.map(({ command }) => command);

test('every command has a title and an icon, and is registered by us or by the server', () => {
  for (const { title, icon } of contributes.commands) assert.ok(title !== '' && /^\$\(.+\)$/.test(icon ?? ''), title);
  assert.deepEqual(declared.sort(), [...Object.values(commands), ...Object.values(serverCommands)].sort());
});

test('menus and first steps name commands that exist', () => {
  for (const item of Object.values(contributes.menus).flat()) assert.ok(declared.includes(item.command), item.command);
  for (const { description } of contributes.walkthroughs.flatMap(({ steps }) => steps)) {
    for (const [, command] of description.matchAll(/\(command:([\w.]+)/g)) {
      assert.ok(declared.includes(command ?? '') || !command?.startsWith('forge.') || command === 'forge.releases.focus', command);
    }
  }
});

test('a command that is of no use without a server is not offered without one', () => {
  const palette = new Map(contributes.menus['commandPalette']?.map(({ command, when }) => [command, when]));
  for (const command of Object.values(serverCommands)) assert.match(palette.get(command) ?? '', /^forge\.can\./);
});

test('every setting says what it is for', () => {
  for (const [name, { description, markdownDescription }] of Object.entries(contributes.configuration.properties))
    assert.ok((description ?? markdownDescription ?? '').length > 20, name);
});

test('languages are taken by a forge’s paths only', () => {
  for (const { id, filenamePatterns, extensions, filenames } of contributes.languages) {
    assert.equal(extensions ?? filenames, undefined, id);
    for (const pattern of filenamePatterns) assert.match(pattern, /^\*\*\/(?:releases|overrides|images|patches)\//);
  }
});

test('the files that are named exist and are JSON', () => {
  const files = [
    ...contributes.languages.map(({ configuration }) => configuration),
    ...contributes.grammars.map(({ path }) => path),
    ...contributes.snippets.map(({ path }) => path),
  ];
  for (const file of files) assert.ok(JSON.parse(readFileSync(file, 'utf8')), file);
  for (const { url } of contributes.yamlValidation) assert.ok(existsSync(url.replace('./dist/', '../')), url);
  for (const { media } of contributes.walkthroughs.flatMap(({ steps }) => steps))
    assert.ok(existsSync(media.image ?? media.markdown ?? ''), media.image ?? media.markdown);
});

test('the patterns of grammars are valid, and each grammar is of a language of ours', () => {
  const ids = contributes.languages.map(({ id }) => id);
  for (const { language, path, scopeName } of contributes.grammars) {
    assert.ok(ids.includes(language));
    const text = readFileSync(path, 'utf8');
    assert.equal((JSON.parse(text) as { scopeName: string }).scopeName, scopeName);
    JSON.parse(text, (key, value: unknown) => {
      if (['match', 'begin', 'end'].includes(key)) assert.doesNotThrow(() => new RegExp(String(value), 'u'), String(value));
      return value;
    });
  }
});

test('remote, untrusted and virtual workspaces are declared', () => {
  assert.deepEqual(manifest.extensionKind, ['workspace']);
  assert.equal(manifest.capabilities.untrustedWorkspaces.supported, 'limited');
  assert.equal(manifest.capabilities.virtualWorkspaces.supported, false);
  assert.deepEqual(manifest.activationEvents, ['workspaceContains:**/releases/*/source-refs.yaml']);
});
