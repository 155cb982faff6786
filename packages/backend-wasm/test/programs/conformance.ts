/** Runs the conformance suite on the build and threads that its URL asks for, and prints each case's outcome. */
import { testBackend } from "@needle/ndarray/testing";
import { createTuned } from "../../src/create.ts";

const { searchParams } = new URL(import.meta.url);
const deterministic = searchParams.get("build") === "strict";
const threads = Number(searchParams.get("threads"));
// The cases are small: threads are to share them all the same.
const backend = createTuned({ deterministic, threads }, { grainScale: 0 }).backend;
const cases: [name: string, body: () => void | Promise<void>][] = [];
testBackend(() => backend, {
  describe: (_, body) => body(),
  test: (name, body) => void cases.push([name, body]),
});
const outcomes: Record<string, string> = {};
for (const [name, body] of cases) {
  // Workers start in turns of the event loop.
  if (threads > 1) await new Promise((resolve) => setTimeout(resolve));
  try {
    await body();
    outcomes[name] = "passed";
  } catch (error) {
    outcomes[name] = error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
}
const info = { build: backend.info().build, threads: backend.info().threads };
const { crossOriginIsolated } = globalThis as { crossOriginIsolated?: boolean };
console.log(`result: ${JSON.stringify({ ...info, crossOriginIsolated, outcomes })}`);
