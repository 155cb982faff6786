/** What a loop drops is returned, whether or not it ever yields to the event loop. */
import { expect, test } from "vitest";
import { idle, memory, type NDArray, ones, scope } from "./index.ts";

test("a loop that never yields returns what it drops, and no more", () => {
  const before = memory().buffers;
  const held: NDArray[] = [];
  let most = 0;
  for (let i = 0; i < 6000; i++) {
    const result = scope(() => ones([3]).mul(i));
    if (i % 1000 === 0) held.push(result);
    most = Math.max(most, memory().buffers - before);
  }
  expect(most).toBeLessThan(2 * (1000 + before) + 1000);
  expect(held.map((x) => x.toArray())).toEqual(
    [0, 1000, 2000, 3000, 4000, 5000].map((i) => [i, i, i]),
  );
});

test("a loop that calls idle returns what it drops", async () => {
  const before = memory().buffers;
  let most = 0;
  for (let i = 0; i < 6000; i++) {
    ones([3]).mul(i);
    await idle();
    most = Math.max(most, memory().buffers - before);
  }
  expect(most).toBeLessThan(2 * (1000 + before) + 1000);
});
