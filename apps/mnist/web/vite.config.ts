/** How the page is served and built. */
import { defineConfig, type UserConfig } from "vite";
import { digits } from "./digits-plugin.ts";

/** What makes a page cross-origin isolated: only then may threads share memory. */
const headers = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

const config: UserConfig = defineConfig({
  root: import.meta.dirname,
  // The built folder works under any path of a server.
  base: "./",
  // The packages' sources, so that nothing else has to be built first.
  resolve: { conditions: ["needle-source", "module", "browser", "development|production"] },
  worker: { format: "es" },
  build: { outDir: "dist", emptyOutDir: true, target: "es2022" },
  server: { headers },
  preview: { headers },
  plugins: [digits()],
});

export default config;
