// Compiles the AssemblyScript kernels twice, with relaxed and with strict SIMD, into src/generated. Does nothing when
// what is there was made from the same sources: `node kernels/build.mjs`, and before the tests as vitest's global setup.
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const folder = dirname(fileURLToPath(import.meta.url));
const generated = join(folder, "../src/generated");
const assemblyscript = createRequire(import.meta.url).resolve("assemblyscript/package.json");

// Static data starts above the frame that calls are described in; the arrays begin at the second page.
const options = [
  "--runtime=stub",
  "--importMemory",
  "--memoryBase=4096",
  "--noAssert",
  "--noColors",
  "-O3",
  "--enable=simd",
];
const builds = { relaxed: ["--enable=relaxed-simd", "--use=RELAXED=1"], strict: [] };

/** The families whose functions the modules export; they import the other files. */
const families = [
  "build-info",
  "unary",
  "predicates",
  "binary",
  "whole",
  "copy",
  "reduce-rows",
  "reduce-columns",
  "softmax",
  "indexing",
  "random",
  "matmul",
  "steps",
];

function sources() {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".ts"))
    .sort();
}

/** Changes with the sources, the options and the compiler. */
function fingerprint() {
  const hash = createHash("sha256")
    .update(JSON.stringify([options, builds, families]))
    .update(readFileSync(assemblyscript));
  for (const name of sources()) hash.update(`\n${name}\n`).update(readFileSync(join(folder, name)));
  return hash.digest("hex").slice(0, 16);
}

function isCurrent(build, key) {
  const module = join(generated, `${build}.ts`);
  return (
    existsSync(module) &&
    existsSync(join(generated, `${build}.wasm`)) &&
    readFileSync(module, "utf8").includes(key)
  );
}

async function compile(build, key) {
  const { createMemoryStream, main } = await import("assemblyscript/asc");
  const binary = join(generated, `${build}.wasm`);
  const files = families.map((name) => join(folder, `${name}.ts`));
  const output = createMemoryStream();
  const streams = { stdout: output, stderr: output };
  const { error } = await main(
    [...files, ...options, ...builds[build], "--outFile", binary],
    streams,
  );
  if (error) throw new Error(`asc failed for the ${build} build\n${output.toString()}`);
  const text = readFileSync(binary).toString("base64");
  writeFileSync(
    join(generated, `${build}.ts`),
    `// Made by kernels/build.mjs from kernels/*.ts (${key}).\nexport const ${build}: string =\n  "${text}";\n`,
  );
}

/** Makes what is missing or out of date. vitest calls it before the tests. */
export async function setup() {
  const key = fingerprint();
  mkdirSync(generated, { recursive: true });
  for (const build of Object.keys(builds)) if (!isCurrent(build, key)) await compile(build, key);
}

if (realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) await setup();
