/** Making the backend: choosing the build, compiling it, giving it memory. */
import { ArgumentError } from "@needle/ndarray";
import { createBackend, type WasmBackend } from "./backend.ts";
import { LinearMemory, mostBytes } from "./memory.ts";
import { binaryOf, chooseBuild, importsOf, instantiate, type Kernels } from "./module.ts";
import { type Module, runtime } from "./webassembly.ts";

/** How the backend is made. */
export interface WasmOptions {
  /** Threads to use, the calling one included. Only 1 is available yet. Default 1. */
  readonly threads?: number;
  /** The same bits on every machine, at some cost in speed. Default false. */
  readonly deterministic?: boolean;
  /**
   * The compiled `@needle/backend-wasm/relaxed.wasm` or `strict.wasm`, where a page's security
   * policy forbids compiling bytes. It then decides on determinism.
   */
  readonly module?: Module;
  /**
   * Bytes of linear memory at most. Default 4 GiB less 64 KiB, which is also the most there can be.
   */
  readonly maxBytes?: number;
  /**
   * Told once when linear memory is full and arrays go to JavaScript memory. Default
   * `console.warn`.
   */
  readonly onWarning?: (message: string) => void;
}

/**
 * A backend on WebAssembly SIMD kernels. What they do not cover runs the reference backend's
 * kernels on the same memory.
 *
 * @throws NeedleError where the engine has no WebAssembly SIMD.
 * @throws ArgumentError when an option is out of range.
 *
 * @example
 * import { array, setDefaultBackend } from "@needle/ndarray";
 * import { createWasmBackend } from "@needle/backend-wasm";
 * setDefaultBackend(await createWasmBackend());
 * array([1, 2, 3]).sum(); // => 6.0
 */
export async function createWasmBackend(options: WasmOptions = {}): Promise<WasmBackend> {
  const memory = prepare(options);
  const WebAssembly = runtime.WebAssembly!;
  const module =
    options.module ??
    (await WebAssembly.compile(binaryOf(chooseBuild(options.deterministic ?? false))));
  const { exports } = await WebAssembly.instantiate(module, importsOf(memory.memory));
  return createBackend(memory, exports as Kernels, options.threads ?? 1);
}

/**
 * The same without waiting. A page's main thread may refuse to compile so much at once; workers and
 * Node do not.
 *
 * @throws NeedleError where the engine has no WebAssembly SIMD.
 */
export function createWasmBackendSync(options: WasmOptions = {}): WasmBackend {
  const memory = prepare(options);
  const WebAssembly = runtime.WebAssembly!;
  const module =
    options.module ?? new WebAssembly.Module(binaryOf(chooseBuild(options.deterministic ?? false)));
  return createBackend(memory, instantiate(module, memory.memory), options.threads ?? 1);
}

function prepare(options: WasmOptions): LinearMemory {
  const {
    threads = 1,
    maxBytes = mostBytes,
    onWarning = (message) => runtime.console?.warn(message),
  } = options;
  if (!Number.isInteger(threads) || threads < 1) {
    throw new ArgumentError(
      "createWasmBackend",
      `threads must be a whole number of at least 1, got ${threads}`,
    );
  }
  if (!(maxBytes >= 2 ** 20 && maxBytes <= 2 ** 32)) {
    throw new ArgumentError(
      "createWasmBackend",
      `maxBytes must be between 1 MiB and 4 GiB, got ${maxBytes}`,
    );
  }
  if (options.module === undefined) chooseBuild(true);
  return new LinearMemory(maxBytes, () =>
    onWarning(
      `needle: the WebAssembly memory of ${Math.floor(maxBytes / 2 ** 20)} MiB is full; further arrays live in JavaScript memory, where operations are slower.`,
    ),
  );
}
