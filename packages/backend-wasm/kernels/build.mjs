// Compiles the AssemblyScript kernels twice, with relaxed and with strict SIMD, into src/generated, and puts the program of
// the worker threads into a string. Does nothing when what is there was made from the same sources: `node kernels/build.mjs`,
// and before the tests as vitest's global setup.
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
  // A maximum, because shared memory must have one: then one byte tells a module for shared memory from another.
  "--maximumMemory=65536",
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
  "tails",
  "powers",
  "hyperbolic",
  "log-sums",
  "angles",
  "division",
  "predicates",
  "binary",
  "whole",
  "bytes",
  "elementwise-double",
  "copy",
  "casts",
  "reduce-rows",
  "reduce-columns",
  "position-columns",
  "typed-reduce",
  "double-sums",
  "softmax",
  "normalize",
  "normalize-columns",
  "indexing",
  "random",
  "matmul",
  "matmul-double",
  "conv-gemm",
  "conv-weight",
  "conv-winograd",
  "conv-winograd-weight",
  "conv-winograd-gradient",
  "conv-depthwise",
  "pool",
  "steps",
];

const worker = join(folder, "../src/worker.js");

function sources() {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".ts"))
    .sort();
}

/** Changes with the sources, the options and the compiler. */
function fingerprint() {
  const hash = createHash("sha256")
    .update(JSON.stringify([options, builds, families]))
    .update(readFileSync(assemblyscript))
    .update(readFileSync(fileURLToPath(import.meta.url)));
  for (const name of sources()) hash.update(`\n${name}\n`).update(readFileSync(join(folder, name)));
  return hash.digest("hex").slice(0, 16);
}

function isCurrent(build, key) {
  const module = join(generated, `${build}.ts`);
  return (
    existsSync(module) &&
    existsSync(join(generated, `${build}.wasm`)) &&
    existsSync(join(generated, `${build}-threads.wasm`)) &&
    readFileSync(module, "utf8").includes(key)
  );
}

async function compile(build, key) {
  const { createMemoryStream, main } = await import("assemblyscript/asc");
  const binary = join(generated, `${build}.wasm`);
  const files = families.map((name) => join(folder, `${name}.ts`));
  const output = createMemoryStream();
  const streams = { stdout: output, stderr: output };
  const made = Number.parseInt(key.slice(0, 8), 16) | 0;
  const { error } = await main(
    [...files, ...options, ...builds[build], `--use=SOURCES=${made}`, "--outFile", binary],
    streams,
  );
  if (error) throw new Error(`asc failed for the ${build} build\n${output.toString()}`);
  const bytes = readFileSync(binary);
  const text = bytes.toString("base64");
  const at = sharedFlag(bytes);
  writeFileSync(
    join(generated, `${build}.ts`),
    `// Made by kernels/build.mjs from kernels/*.ts (${key}).
export const ${build}: string =\n  "${text}";\n
/** The byte that is 1 for a memory of one thread, 3 for a shared one. */
export const ${build}SharedFlag: number = ${at};\n
/** What the module says of its sources. */
export const ${build}Sources: number = ${made};\n`,
  );
  bytes[at] = 3;
  writeFileSync(join(generated, `${build}-threads.wasm`), bytes);
}

/**
 * Where a module says what memory it imports: 1 for one with a maximum, 3 for one that is shared besides. No kernel uses an
 * atomic instruction, so that this byte is all the two differ in.
 */
function sharedFlag(bytes) {
  let at = 8;
  const number = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++];
      value |= (byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  const skipName = () => {
    const length = number();
    at += length;
  };
  for (let section = bytes[at++]; section !== 2; section = bytes[at++]) {
    const length = number();
    at += length;
  }
  number();
  for (let imports = number(); imports > 0; imports--) {
    skipName();
    skipName();
    const kind = bytes[at++];
    if (kind === 0) number();
    else if (kind === 2 && bytes[at] === 1) return at;
    else break;
  }
  throw new Error("the module imports no memory with a maximum");
}

/** Comments that begin a line, and blank lines, would only be downloaded. */
function withoutComments(text) {
  return text.replace(/^\s*(\/\*\*[\s\S]*?\*\/|\/\/.*)?\n\s*/gm, "");
}

function embedWorker(key) {
  const file = join(generated, "worker.ts");
  if (existsSync(file) && readFileSync(file, "utf8").includes(key)) return;
  const text = JSON.stringify(withoutComments(readFileSync(worker, "utf8")));
  writeFileSync(
    file,
    `// Made by kernels/build.mjs from src/worker.js (${key}).\nexport const worker: string =\n  ${text};\n`,
  );
}

/** Makes what is missing or out of date. vitest calls it before the tests. */
export async function setup() {
  const key = fingerprint();
  mkdirSync(generated, { recursive: true });
  embedWorker(createHash("sha256").update(readFileSync(worker)).digest("hex").slice(0, 16));
  for (const build of Object.keys(builds)) if (!isCurrent(build, key)) await compile(build, key);
}

if (realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) await setup();
