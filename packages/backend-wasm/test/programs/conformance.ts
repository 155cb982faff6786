/** Runs the conformance suite on the build and threads that its URL asks for, and prints each case's outcome. */
import { testBackend } from "@needle/ndarray/testing";
import { createWasmBackend } from "../../src/index.ts";

const { searchParams } = new URL(import.meta.url);
const backend = await createWasmBackend({
  deterministic: searchParams.get("build") === "strict",
  threads: Number(searchParams.get("threads")),
});
const cases: [name: string, body: () => void | Promise<void>][] = [];
testBackend(() => backend, {
  describe: (_, body) => body(),
  test: (name, body) => void cases.push([name, body]),
});
const outcomes: Record<string, string> = {};
for (const [name, body] of cases) {
  try {
    await body();
    outcomes[name] = "passed";
  } catch (error) {
    outcomes[name] = error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
}
const { build, threads } = backend.info();
const { crossOriginIsolated } = globalThis as { crossOriginIsolated?: boolean };
console.log(`result: ${JSON.stringify({ build, threads, crossOriginIsolated, outcomes })}`);
