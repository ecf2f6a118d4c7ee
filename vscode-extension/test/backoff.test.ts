import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Backoff } from '../src/backoff';

test('each crash in a row doubles the wait, until it is given up', () => {
  const backoff = new Backoff(5, 180_000);
  const delays = [0, 1_000, 3_000, 7_000, 15_000, 31_000].map((time) => backoff.next(time));
  assert.deepEqual(delays, [1_000, 2_000, 4_000, 8_000, 16_000, undefined]);
});

test('the wait has an upper bound', () => {
  const backoff = new Backoff(10, 180_000);
  const delays = Array.from({ length: 7 }, (_, time) => backoff.next(time));
  assert.deepEqual(delays.slice(4), [16_000, 30_000, 30_000]);
});

test('a crash long ago does not count', () => {
  const backoff = new Backoff(1, 180_000);
  assert.equal(backoff.next(0), 1_000);
  assert.equal(backoff.next(180_000), 1_000);
  assert.equal(backoff.next(180_001), undefined);
});

test('a fresh start forgets the crashes', () => {
  const backoff = new Backoff(1, 180_000);
  backoff.next(0);
  backoff.reset();
  assert.equal(backoff.next(1), 1_000);
});
