/** Making the backend: choosing the build, compiling it, giving it memory and threads. */
import { args } from "@needle/ndarray";
import { createBackend, type WasmBackend } from "./backend.ts";
import { LinearMemory, mostBytes } from "./memory.ts";
import {
  type Build,
  binaryOf,
  checkVersion,
  chooseBuild,
  holdsKernels,
  instantiate,
  type Kernels,
} from "./module.ts";
import { Pool } from "./pool.ts";
import {
  chooseThreads,
  startWorker,
  type Threads,
  type URLLike,
  type WorkerHandle,
} from "./threads.ts";
import { type Module, runtime } from "./webassembly.ts";

/** How the backend is made. */
export interface WasmOptions {
  /**
   * Threads to use, the calling one included. The number changes no bit of any result. Default: as
   * many as the machine runs at once, up to 8, where memory can be shared: in Node, and in workers
   * of cross-origin isolated pages. One elsewhere; `info().reason` says why.
   */
  readonly threads?: number;
  /**
   * Where `@needle/backend-wasm/worker.js` lies, for pages whose security policy forbids workers
   * made from blobs.
   */
  readonly worker?: string | URLLike;
  /** The same bits on every machine, at some cost in speed. Default false. */
  readonly deterministic?: boolean;
  /**
   * Convolutions of 3x3 windows by their sum. Default false: by Winograd's F(4x4, 3x3) where that is
   * quicker, some three times. Its errors, relative to the largest value, are about 4e-6 for
   * results and 1e-5 for gradients of weights, ten times those of the sum, and what is infinite or
   * NaN spreads over 4x4 pixels.
   */
  readonly precise?: boolean;
  /**
   * The compiled `@needle/backend-wasm/relaxed.wasm` or `strict.wasm`, for more than one thread
   * `relaxed-threads.wasm` or `strict-threads.wasm`: where several backends are to share one
   * compilation, or a page fetches the kernels as a file. It then decides on determinism.
   */
  readonly module?: Module;
  /**
   * Bytes of linear memory at most. Default 4 GiB less 64 KiB, which is also the most there can be.
   */
  readonly maxBytes?: number;
  /**
   * Told once when linear memory is full and arrays go to JavaScript memory, and when there are
   * fewer threads than asked for. Default `console.warn`.
   */
  readonly onWarning?: (message: string) => void;
}

const kinds: args.Kinds<WasmOptions> = {
  threads: args.whole(1),
  worker: {
    expected: "an address or a URL",
    holds: (value) => typeof value === "string" || args.having("", "href").holds(value),
  },
  deterministic: args.flag,
  precise: args.flag,
  module: {
    expected: "a compiled module of @needle/backend-wasm",
    holds: holdsKernels,
    remedy: "Compile the bytes of its relaxed.wasm or strict.wasm with WebAssembly.compile.",
  },
  maxBytes: {
    expected: "between 1 MiB and 4 GiB",
    holds: args.between(2 ** 20, 2 ** 32).holds,
  },
  onWarning: args.callback,
};

/**
 * A backend on WebAssembly SIMD kernels. What they do not cover runs the reference backend's
 * kernels on the same memory.
 *
 * @throws NeedleError where the engine has no WebAssembly SIMD.
 * @throws ArgumentError when an option is unknown, out of range or of another kind, or when the
 * module is none of this package's.
 *
 * @example
 * import { array, setDefaultBackend } from "@needle/ndarray";
 * import { createWasmBackend } from "@needle/backend-wasm";
 * setDefaultBackend(await createWasmBackend());
 * array([1, 2, 3]).sum(); // => 6.0
 */
export async function createWasmBackend(options: WasmOptions = {}): Promise<WasmBackend> {
  const plan = planOf("createWasmBackend", options);
  const module =
    options.module ?? (await runtime.WebAssembly!.compile(binaryOf(plan.build, plan.threads > 1)));
  return assemble(module, plan, options).backend;
}

/**
 * The same without waiting. A page's main thread may refuse to compile so much at once; workers and
 * Node do not.
 *
 * @throws NeedleError where the engine has no WebAssembly SIMD.
 * @throws ArgumentError when an option is unknown, out of range or of another kind, or when the
 * module is none of this package's.
 */
export function createWasmBackendSync(options: WasmOptions = {}): WasmBackend {
  return createTuned(options).backend;
}

/** What only tests change. */
export interface Tuning {
  /** Factor of the sizes from which calls are shared. */
  readonly grainScale?: number;
  /** Milliseconds without work after which a worker ends. Default 10 seconds. */
  readonly idle?: number;
  /** Told of each worker. */
  started?(worker: WorkerHandle): void;
}

/** The same, for tests. */
export function createTuned(options: WasmOptions, tuning: Tuning = {}): Assembled {
  const plan = planOf("createWasmBackendSync", options);
  const module =
    options.module ?? new runtime.WebAssembly!.Module(binaryOf(plan.build, plan.threads > 1));
  return assemble(module, plan, options, tuning);
}

interface Assembled {
  readonly backend: WasmBackend;
  readonly pool: Pool;
}

/** What is decided before anything is made. */
interface Plan extends Threads {
  /** Which function was called. */
  readonly op: string;
  readonly build: Build;
  readonly maxBytes: number;
  readonly onWarning: (message: string) => void;
}

/** Checks the options and decides on the build and the number of threads. */
function planOf(op: string, options: WasmOptions): Plan {
  const {
    threads,
    maxBytes = mostBytes,
    onWarning = (message: string) => runtime.console?.warn(message),
  } = args.checkOptions(op, options, kinds);
  const build = chooseBuild(op, options.module !== undefined || (options.deterministic ?? false));
  return { op, build, maxBytes, onWarning, ...chooseThreads(threads) };
}

/** Joins a module to a memory of its kind, and to threads where that is shared. */
function assemble(
  module: Module,
  plan: Plan,
  options: WasmOptions,
  tuning: Tuning = {},
): Assembled {
  const { maxBytes, onWarning } = plan;
  const makeMemory = (isShared: boolean): LinearMemory =>
    new LinearMemory(
      maxBytes,
      () =>
        onWarning(
          `needle: the WebAssembly memory of ${Math.floor(maxBytes / 2 ** 20)} MiB is full; further arrays live in JavaScript memory, where operations are slower.`,
        ),
      isShared,
    );
  const { memory, kernels, threads, reason } = connect(module, plan, options, makeMemory);
  if (options.module !== undefined) checkVersion(plan.op, kernels);
  const warn = (left: number, why: string | null): void => {
    if (options.threads !== undefined && left < options.threads)
      onWarning(`needle: running on ${left} of ${options.threads} threads: ${why}.`);
  };
  warn(threads, reason);
  const { grainScale, idle = 10_000, started } = tuning;
  const pool = new Pool(kernels, {
    ...{ threads, reason, grainScale },
    onLoss: (why) => warn(1, why),
    start(thread, control, ended) {
      const data = { module, memory: memory.memory, control, thread, idle };
      const worker = startWorker(data, options.worker, ended);
      started?.(worker);
      return worker;
    },
  });
  return { backend: createBackend(memory, kernels, pool, options.precise), pool };
}

interface Connected extends Threads {
  readonly memory: LinearMemory;
  readonly kernels: Kernels;
}

/**
 * A module takes either shared memory or memory of one thread. A module from outside does not say
 * which, and shared memory may be refused: so what does not fit is followed by the other kind.
 */
function connect(
  module: Module,
  plan: Plan,
  options: WasmOptions,
  makeMemory: (isShared: boolean) => LinearMemory,
): Connected {
  const { threads, reason, build } = plan;
  const join = (to: Module, isShared: boolean): Omit<Connected, keyof Threads> => {
    const memory = makeMemory(isShared);
    return { memory, kernels: instantiate(to, memory.memory) };
  };
  const isShared = threads > 1;
  try {
    return { ...join(module, isShared), threads, reason };
  } catch (error) {
    if (!isShared && options.module === undefined) throw error;
    const other = options.module ?? new runtime.WebAssembly!.Module(binaryOf(build, false));
    const why =
      options.module === undefined
        ? "shared memory was refused"
        : "the module is not a -threads.wasm";
    return { ...join(other, !isShared), threads: 1, reason: isShared ? why : reason };
  }
}
