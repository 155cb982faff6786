/** In Chromium, under content security policies that forbid what the package does by itself. */
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundleSources, Chromium, noChromium } from "../../../scripts/chromium.ts";
import type { Training } from "./programs/train.ts";

interface Outcome extends Training {
  readonly threads: number;
  readonly reason: string | null;
  readonly warnings: readonly string[];
}

// The test's own page has a script in it.
const own = "default-src 'self'; script-src 'self' 'unsafe-inline'";
const compiling = "'wasm-unsafe-eval'";
const noBlobs = "worker-src 'self'";
const module = "/relaxed-threads.wasm";
const worker = "/needle-worker.js";

const browserTests = (): void => {
  let browser: Chromium;
  let files: Record<string, string | Uint8Array>;
  beforeAll(async () => {
    browser = await Chromium.launch();
    files = {
      "program.js": await bundleSources(new URL("programs/policy.ts", import.meta.url)),
      "needle-worker.js": await readFile(new URL("../src/worker.js", import.meta.url), "utf8"),
      "relaxed-threads.wasm": await readFile(
        new URL("../src/generated/relaxed-threads.wasm", import.meta.url),
      ),
    };
  });
  afterAll(() => browser.close());

  const run = (policy: string, search: Record<string, string>): Promise<Outcome> =>
    browser.run(files, { where: "worker", isolated: true, search, policy }) as Promise<Outcome>;

  test("that forbids workers from blobs, it trains on one thread and says why", async () => {
    const { threads, reason, warnings, right } = await run(`${own} ${compiling}; ${noBlobs}`, {});
    expect({ threads, reason, right }).toEqual({
      threads: 1,
      reason: "workers cannot be started here: the worker could not be loaded",
      right: 1,
    });
    expect(warnings).toEqual([`needle: running on 1 of 2 threads: ${reason}.`]);
  });

  const parts: Record<string, Record<string, string>> = {
    "the workers' program": { worker },
    "the workers' program and the compiled kernels": { module, worker },
  };
  for (const [how, search] of Object.entries(parts)) {
    test(`that forbids workers from blobs, it has its threads when given ${how}`, async () => {
      const { threads, warnings, right } = await run(`${own} ${compiling}; ${noBlobs}`, search);
      expect({ threads, warnings, right }).toEqual({ threads: 2, warnings: [], right: 1 });
    });
  }

  test("that forbids WebAssembly, the error names the directive", () =>
    expect(run(own, {})).rejects.toThrow(/Content Security [Pp]olicy directive/));
};

if (noChromium === null) describe("in Chromium,", browserTests);
else test.skip(`in Chromium (${noChromium})`, () => {});
