/**
 * The packages, packed and installed as a user gets them, train a network: as they are in Node, and
 * bundled by Vite, webpack and esbuild in a browser.
 */
import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build as esbuild } from "esbuild";
import { build as vite } from "vite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import webpack from "webpack";
import { Chromium, noChromium } from "../../../scripts/chromium.ts";
import { workspace } from "./pack.ts";

const run = promisify(execFile);
const packages = ["ndarray", "autograd", "nn", "optim", "data", "backend-wasm"];
/** Outside the workspace, whose node_modules would be found otherwise. */
const project = mkdtempSync(join(tmpdir(), "needle-consumer-"));
const entry = join(project, "train.mjs");

interface Result {
  readonly losses: readonly number[];
  readonly right: number;
}

beforeAll(async () => {
  cpSync(new URL("programs/", import.meta.url), project, { recursive: true });
  writeFileSync(join(project, "package.json"), JSON.stringify({ name: "consumer", private: true }));
  const tarballs = packages.map((name) =>
    fileURLToPath(new URL(`packages/${name}/.cache/package.tgz`, workspace)),
  );
  // Offline: the packages depend on each other and on nothing else.
  const options = ["--offline", "--no-audit", "--no-fund", "--no-package-lock"];
  await run("npm", ["install", ...options, ...tarballs], { cwd: project });
});

afterAll(() => rmSync(project, { recursive: true, force: true }));

/** What a program says in Node. */
async function resultInNode(program: string): Promise<unknown> {
  const { stdout } = await run(process.execPath, [program], { cwd: project });
  return JSON.parse(/^result: (.*)$/m.exec(stdout)![1]!);
}

/** The files of a bundle by name. */
function filesOf(folder: string): Record<string, Uint8Array> {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return Object.fromEntries(
    files
      .filter((file) => /\.\w+$/.test(file))
      .map((file) => [file, readFileSync(join(folder, file))]),
  );
}

interface Bundler {
  /** The type of the script that the bundle is. */
  readonly type: "module" | "classic";
  bundle(outFile: string): Promise<unknown>;
}

/** Each in its plainest configuration. */
const bundlers: Record<string, Bundler> = {
  esbuild: {
    type: "module",
    bundle: (outfile) => esbuild({ entryPoints: [entry], bundle: true, format: "esm", outfile }),
  },
  vite: {
    type: "module",
    bundle: (outFile) => {
      const [outDir, entryFileNames] = [dirname(outFile), basename(outFile)];
      const rolldownOptions = { input: entry, output: { entryFileNames } };
      const build = { outDir, rolldownOptions };
      return vite({ root: project, configFile: false, logLevel: "error", build });
    },
  },
  webpack: {
    type: "classic",
    bundle: async (outFile) => {
      const output = { path: dirname(outFile), filename: basename(outFile) };
      const compiler = webpack({
        mode: "production",
        context: project,
        entry,
        output,
        performance: false,
      });
      const stats = await promisify(compiler.run.bind(compiler))();
      if (stats?.hasErrors()) throw new Error(stats.toString("errors-only"));
    },
  },
};

/** How training goes unbundled in Node; it goes the same way everywhere. */
let inNode: Promise<unknown> | undefined;

async function expectTraining(result: Promise<unknown>): Promise<void> {
  inNode ??= resultInNode("train.mjs");
  expect(await result).toEqual(await inNode);
}

test("train a network in Node", async () => {
  inNode ??= resultInNode("train.mjs");
  const { losses, right } = (await inNode) as Result;
  expect(losses.at(-1)).toBeLessThan(losses[0]! / 3);
  expect(right).toBeGreaterThan(0.95);
});

test("can be required from CommonJS", async () => {
  expect(await resultInNode("require.cjs")).toEqual({ slope: [2, 4, 6], parameters: 2, items: 2 });
});

for (const [name, { type, bundle }] of Object.entries(bundlers)) {
  describe(`bundled by ${name}`, () => {
    const program = join(project, name, "program.js");
    // A busy machine takes its time.
    beforeAll(() => bundle(program), 60_000);

    if (name === "esbuild")
      test("train a network in Node", () => {
        cpSync(program, `${program}.mjs`);
        return expectTraining(resultInNode(`${program}.mjs`));
      });

    const inChromium = async (where: "page" | "worker"): Promise<void> => {
      const browser = await Chromium.launch();
      await expectTraining(browser.run(filesOf(dirname(program)), { where, type }));
      await browser.close();
    };
    if (noChromium === null) {
      test("train a network on a page", () => inChromium("page"));
      test("train a network in a worker", () => inChromium("worker"));
    } else test.skip(`train a network in Chromium (${noChromium})`, () => {});
  });
}
