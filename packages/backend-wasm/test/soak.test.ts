/** Loops hold their memory flat, also those that never yield. `npm run soak` runs them for longer. */
import { createReferenceBackend, setDefaultBackend } from "@needle/ndarray";
import { afterAll, describe, expect, test } from "vitest";
import { createWasmBackendSync } from "../src/index.ts";
import { loops, watch } from "./soak/loops.ts";

const steps = 2500;

afterAll(() => setDefaultBackend(createReferenceBackend()));

describe(`what ${steps} steps leave alive is bounded:`, () => {
  for (const [name, loop] of Object.entries(loops)) {
    for (const backend of [createReferenceBackend(), createWasmBackendSync({ threads: 1 })]) {
      test(`${name}, ${backend.name}`, async () => {
        const { buffers, bytes, usedBytes } = await watch(loop, backend, steps);
        // Some 2000 pile up before garbage is collected. Two a step, never returned, were 5000.
        expect(Math.max(...buffers)).toBeLessThan(4000);
        expect(Math.max(...bytes)).toBeLessThan(1e6);
        expect(Math.max(...usedBytes)).toBeLessThan(2e6);
      });
    }
  }
});
