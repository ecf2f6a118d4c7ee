// The schemas against files of real forges, and against the mistakes that they are for.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { test } from 'node:test';
import Ajv from 'ajv';
import { parse } from 'yaml';

const repository = path.resolve('..');
const ajv = new Ajv({ allErrors: true, strict: false });

function schema(name: string) {
  return ajv.compile(JSON.parse(readFileSync(path.join(repository, 'schemas', `${name}.schema.json`), 'utf8')) as object);
}

const schemas = { 'source-refs': schema('source-refs'), 'extra-packages': schema('extra-packages'), forge: schema('forge') };

function problems(name: keyof typeof schemas, text: string): string {
  const validate = schemas[name];
  validate(parse(text));
  return ajv.errorsText(validate.errors);
}

for (const forge of ['.', 'examples/small-forge']) {
  test(`the files of ${forge} are valid`, () => {
    const root = path.join(repository, forge);
    assert.equal(problems('forge', readFileSync(path.join(root, 'forge.yaml'), 'utf8')), 'No errors');
    for (const release of readdirSync(path.join(root, 'releases'))) {
      for (const name of ['source-refs', 'extra-packages'] as const) {
        const file = path.join(root, 'releases', release, `${name}.yaml`);
        assert.equal(problems(name, readFileSync(file, 'utf8')), 'No errors', file);
      }
    }
  });
}

const good: [keyof typeof schemas, string][] = [
  ['source-refs', 'a: "stable/2025.1"\nb.c: "82a973490bc821932a8301cd83dafa0775643c5c"\nd: "v3.6.3"\ne: "28.0.0.0rc1"'],
  ['extra-packages', 'a:\nb: {}\nc: {pip_extras: }\nd: {pip_packages: ["glance_store[s3]"]}'],
  ['extra-packages', ''],
  ['forge', ''],
  ['forge', 'rules: {ref-is-branch: off, patch-offset: hint}\ntarget: {python: "3.13", platforms: [linux/arm/v7]}'],
  ['forge', 'a-key-of-a-newer-version: 1'],
];
for (const [name, text] of good) {
  test(`${name} may be ${JSON.stringify(text)}`, () => assert.equal(problems(name, text), 'No errors'));
}

const bad: [keyof typeof schemas, string, RegExp][] = [
  ['source-refs', 'a: 14.0', /must be string/],
  ['source-refs', 'a: "one two"', /must match pattern/],
  ['source-refs', 'a: {b: "c"}', /must be string/],
  ['source-refs', '- a', /must be object/],
  ['extra-packages', 'a: {pip_package: [x]}', /additional properties/],
  ['extra-packages', 'a: {pip_extras: ["keystone[ldap]"]}', /must match pattern/],
  ['extra-packages', 'a: {apt_packages: ["a b"]}', /must match pattern/],
  ['extra-packages', 'a: {apt_packages: x}', /must be array/],
  ['forge', 'target: {python: 3.10}', /must be string/],
  ['forge', 'target: {platform: linux/amd64}', /additional properties/],
  ['forge', 'rules: {ref-is-branch: loud}', /must be equal to one of/],
];
for (const [name, text, words] of bad) {
  test(`${name} may not be ${JSON.stringify(text)}`, () => assert.match(problems(name, text), words));
}
