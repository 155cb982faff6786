/**
 * Which of the two builds this engine can run, and how it comes to life: compiled, joined to a
 * memory, its kernels at hand.
 */
import { ArgumentError, NeedleError } from "@needle/ndarray";
import { relaxed, relaxedSharedFlag, relaxedSources } from "./generated/relaxed.ts";
import { strict, strictSharedFlag, strictSources } from "./generated/strict.ts";
import { type Imports, type Memory, type Module, runtime } from "./webassembly.ts";

/**
 * `relaxed` fuses multiply and add where the processor does; `strict` gives the same bits on every
 * machine.
 */
export type Build = "relaxed" | "strict";

interface Binary {
  readonly text: string;
  readonly sharedFlag: number;
  readonly sources: number;
}

const binaries: Record<Build, Binary> = {
  relaxed: { text: relaxed, sharedFlag: relaxedSharedFlag, sources: relaxedSources },
  strict: { text: strict, sharedFlag: strictSharedFlag, sources: strictSources },
};

/** A compiled function: byte addresses, strides in bytes, counts. */
export type Kernel = (...args: number[]) => number;

/** The kernels by the names they have in `kernels/*.ts`. */
export type Kernels = Readonly<Record<string, Kernel>>;

/** The smallest module with a function that makes vectors of zeros and then runs `instructions`. */
function probe(instructions: readonly number[]): Uint8Array {
  const zeros = [0x41, 0, 0xfd, 0x11];
  const body = [0, ...zeros, ...zeros, ...zeros, ...instructions, 0x0b];
  const type = [1, 5, 1, 0x60, 0, 1, 0x7b];
  const code = [10, body.length + 2, 1, body.length, ...body];
  return Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...type, 3, 2, 1, 0, ...code]);
}

const bitselect = [0xfd, 0x52];
const relaxedMadd = [0xfd, 0x85, 0x02];

interface V8 {
  setFlagsFromString(flags: string): void;
}

/**
 * The build to use.
 *
 * @throws NeedleError where there is no WebAssembly, or none with vectors.
 */
export function chooseBuild(op: string, deterministic: boolean): Build {
  const { WebAssembly } = runtime;
  if (WebAssembly === undefined) {
    throw new NeedleError(
      op,
      "this runtime has no WebAssembly",
      "Use createReferenceBackend() here.",
    );
  }
  if (!WebAssembly.validate(probe(bitselect))) {
    throw new NeedleError(
      op,
      "this engine has no WebAssembly SIMD",
      "Use createReferenceBackend() here.",
    );
  }
  return !deterministic && hasRelaxed() ? "relaxed" : "strict";
}

function hasRelaxed(): boolean {
  const module = probe(relaxedMadd);
  if (runtime.WebAssembly!.validate(module)) return true;
  // Node 20 has it behind a flag, which acts on what is compiled afterwards.
  const node = Number.parseInt(runtime.process?.versions?.node ?? "0", 10);
  if (node !== 20) return false;
  const v8 = runtime.process?.getBuiltinModule?.("node:v8") as V8 | undefined;
  v8?.setFlagsFromString("--experimental-wasm-relaxed-simd");
  return runtime.WebAssembly!.validate(module);
}

/**
 * The bytes of a build, for a memory that is shared or not: kernels have no atomic instructions, so
 * that the two differ only in the byte that says which memory is imported.
 */
export function binaryOf(build: Build, isShared: boolean): Uint8Array {
  const { text, sharedFlag } = binaries[build];
  const decoded = runtime.atob(text);
  const bytes = new Uint8Array(decoded.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = decoded.charCodeAt(i);
  if (isShared) bytes[sharedFlag] = 3;
  return bytes;
}

/**
 * What a module asks of its host: the memory, and functions for arguments that are too rare for a
 * kernel of their own. `worker.js` gives the same.
 */
export function importsOf(memory: Memory): Imports {
  return { env: { memory }, math: Math as unknown as Imports[string] };
}

/** Whether a module, given by the user, is the relaxed build: it says so itself. */
export function buildOf(kernels: Kernels): Build {
  return kernels.isRelaxed?.() === 1 ? "relaxed" : "strict";
}

/** A module compiled and joined to a memory without waiting. */
export function instantiate(module: Module, memory: Memory): Kernels {
  return new runtime.WebAssembly!.Instance(module, importsOf(memory)).exports as Kernels;
}

/** Whether that is a compiled module with kernels of this package, of whichever version. */
export function holdsKernels(value: unknown): value is Module {
  // Not by its class: a module may come from another realm.
  const isModule = Object.prototype.toString.call(value) === "[object WebAssembly.Module]";
  const exported = isModule ? runtime.WebAssembly!.Module.exports(value as Module) : [];
  return exported.some(({ name }) => name === "sources");
}

/**
 * Checks the version of kernels that the user has given.
 *
 * @throws ArgumentError when it is not that of this package.
 */
export function checkVersion(op: string, kernels: Kernels): void {
  if (kernels.sources!() === binaries[buildOf(kernels)].sources) return;
  throw new ArgumentError(
    op,
    "module is of another version of @needle/backend-wasm",
    "Compile the file of the version that is installed.",
  );
}
