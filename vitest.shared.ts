// How every package is tested.
import { mkdirSync, writeFileSync } from "node:fs";
import { defineConfig, type ViteUserConfig } from "vitest/config";
import type { Reporter } from "vitest/node";

// "needle-source" makes workspace packages resolve to their sources, so nothing is built before a test.
// The others are vite's own for Node, which a list here would replace.
const conditions = ["needle-source", "module", "node", "development|production"];

/**
 * Leaves the count in reports/count.json for `npm test`, and what was skipped. vitest's own JSON report does not tell of errors outside
 * tests and of workers that died.
 */
const counter: Reporter = {
  onTestRunEnd(modules, errors) {
    const count = { passed: 0, failed: errors.length, skipped: 0 };
    const skips: string[] = [];
    for (const module of modules) {
      const failedBefore = count.failed;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        // Still pending at the end: its worker died, which is among the errors.
        if (state !== "pending") count[state]++;
        if (state === "skipped") skips.push(test.fullName);
      }
      // A file that does not load has no tests, and a hook may fail beside tests that pass.
      if (module.state() === "failed" && count.failed === failedBefore) count.failed++;
    }
    if (modules.length === 0) count.failed++;
    mkdirSync("reports", { recursive: true });
    writeFileSync("reports/count.json", JSON.stringify({ ...count, skips }));
  },
};

const config: ViteUserConfig = defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts"],
    reporters: ["default", counter],
    testTimeout: 60_000,
  },
});

export default config;
