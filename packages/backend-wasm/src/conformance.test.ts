/** Both builds pass what every backend has to, on one thread and on two that share the smallest calls. */
import { testBackend } from "@needle/ndarray/testing";
import { describe, test } from "vitest";
import { createTuned } from "./create.ts";

for (const deterministic of [false, true]) {
  for (const threads of [1, 2]) {
    describe(`${deterministic ? "strict" : "relaxed"}, threads: ${threads}`, () =>
      testBackend(() => createTuned({ deterministic, threads }, { grainScale: 0 }).backend, {
        describe,
        test,
      }));
  }
}
