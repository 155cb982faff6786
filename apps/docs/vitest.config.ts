/** Tests of the site: those of modules stand beside them, those of pages in `test`. */
import { defineConfig, mergeConfig, type ViteUserConfig } from "vitest/config";
import shared from "../../vitest.shared.ts";

const config: ViteUserConfig = mergeConfig(
  shared,
  defineConfig({
    test: {
      include: [".vitepress/**/*.test.ts", "test/**/*.test.ts"],
      // Two files of tests may want the site built; it is built once.
      fileParallelism: false,
    },
  }),
);

export default config;
