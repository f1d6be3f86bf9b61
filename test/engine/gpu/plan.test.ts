import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Storage } from '../../../src/engine/tensor/storage.js';
import { planMemory } from '../../../src/engine/gpu/plan.js';
import type { Lifetime } from '../../../src/engine/tensor/recording.js';

const lifetime = fc
  .record({ bytes: fc.integer({ min: 1, max: 5000 }), first: fc.nat(30), length: fc.nat(10) })
  .map(({ bytes, first, length }): Lifetime => ({
    storage: new Storage('s', bytes),
    first,
    last: first + length,
  }));

test('every storage gets a large enough buffer and has it to itself while it is alive', () => {
  fc.assert(
    fc.property(fc.array(lifetime, { maxLength: 40 }), (lifetimes) => {
      const plan = planMemory(lifetimes);
      expect(plan.flatMap(({ tenants }) => tenants)).toHaveLength(lifetimes.length);
      for (const { bytes, tenants } of plan) {
        expect(bytes % 256).toBe(0);
        for (const [i, a] of tenants.entries()) {
          expect(a.storage.bytes).toBeLessThanOrEqual(bytes);
          for (const b of tenants.slice(i + 1)) expect(a.last < b.first || b.last < a.first).toBe(true);
        }
      }
    }),
  );
});

test('storages that are never alive at once share one buffer', () => {
  const chain = Array.from({ length: 9 }, (_, i) => ({
    storage: new Storage(`s${i}`, 256 * (i + 1)),
    first: i,
    last: i,
  }));
  expect(planMemory(chain)).toMatchObject([{ bytes: 256 * 9 }]);
});
