/** How many threads a runtime gives, why not more, and how a worker is started there. */
import { worker as workerText } from "./generated/worker.ts";
import { mostThreads } from "./pool.ts";
import { type Memory, type Module, runtime } from "./webassembly.ts";

/** More threads than this are used only when asked for. */
const mostByDefault = 8;

/** The address of the workers' program, made when first needed. */
let blobAddress: string | null = null;

/** A worker that runs. */
export interface WorkerHandle {
  terminate(): void;
}

/** What a worker is given. */
export interface WorkerData {
  readonly module: Module;
  readonly memory: Memory;
  readonly control: SharedArrayBuffer;
  /** Its number; the calling thread has none. */
  readonly thread: number;
  /** Milliseconds without work after which it ends. */
  readonly idle: number;
}

interface NodeWorker {
  on(event: "error", listener: (error: Error) => void): void;
  on(event: "exit", listener: (code: number) => void): void;
  unref(): void;
  terminate(): void;
}

interface NodeThreads {
  readonly Worker: new (text: string, options: object) => NodeWorker;
}

function nodeThreads(): NodeThreads | undefined {
  return runtime.process?.getBuiltinModule?.("node:worker_threads") as NodeThreads | undefined;
}

/** Threads to use, the calling one included, and why not as many as were asked for. */
export interface Threads {
  readonly threads: number;
  readonly reason: string | null;
}

/** Decides on the number of threads; without a wish, as many as the machine has, up to eight. */
export function chooseThreads(wish: number | undefined): Threads {
  if (wish === 1) return { threads: 1, reason: null };
  const reason = whyNoThreads();
  if (reason !== null) return { threads: 1, reason };
  if (wish === undefined) return { threads: Math.min(processors(), mostByDefault), reason };
  if (wish <= mostThreads) return { threads: wish, reason };
  return { threads: mostThreads, reason: `a backend has ${mostThreads} threads at most` };
}

/** Why memory cannot be shared here; null where it can. */
function whyNoThreads(): string | null {
  if (nodeThreads() !== undefined) return null;
  if (runtime.Worker === undefined) return "this runtime has no workers";
  // Not tried by making shared memory: that succeeds where sending it to a worker then fails.
  if (runtime.crossOriginIsolated !== true) return "the page is not cross-origin isolated";
  if (!mayWait())
    return "a page's main thread may not wait for other threads; make the backend in a worker";
  return null;
}

/** Whether this thread may wait for others. */
function mayWait(): boolean {
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 1, 0);
    return true;
  } catch {
    return false;
  }
}

/** How many threads the machine runs at once. */
function processors(): number {
  const os = runtime.process?.getBuiltinModule?.("node:os") as
    | { availableParallelism(): number }
    | undefined;
  return os?.availableParallelism() ?? runtime.navigator?.hardwareConcurrency ?? 1;
}

/**
 * Starts a worker.
 *
 * @param address - of `worker.js`, for pages that forbid workers made from blobs.
 * @param ended - called when it is no more, with the reason.
 */
export function startWorker(
  data: WorkerData,
  address: string | URLLike | undefined,
  ended: (why: string) => void,
): WorkerHandle {
  const node = nodeThreads();
  return node === undefined
    ? startWebWorker(data, address, ended)
    : startNodeWorker(node, data, ended);
}

/** An address, as a string or a URL. */
export interface URLLike {
  readonly href: string;
}

/** It does not keep the process alive, and takes over neither its flags nor its environment. */
function startNodeWorker(
  node: NodeThreads,
  data: WorkerData,
  ended: (why: string) => void,
): WorkerHandle {
  const worker = new node.Worker(workerText, {
    eval: true,
    workerData: data,
    execArgv: [],
    env: {},
    name: "needle",
  });
  let why = "the worker ended";
  worker.on("error", (error) => {
    why = error.message;
  });
  worker.on("exit", () => ended(why));
  worker.unref();
  return worker;
}

function startWebWorker(
  data: WorkerData,
  address: string | URLLike | undefined,
  ended: (why: string) => void,
): WorkerHandle {
  if (address === undefined && blobAddress === null) {
    const blob = new runtime.Blob!([workerText], { type: "text/javascript" });
    blobAddress = runtime.URL!.createObjectURL(blob);
  }
  const worker = new runtime.Worker!(String(address ?? blobAddress));
  worker.onerror = ({ message }) => ended(message || "the worker could not be loaded");
  worker.postMessage(data);
  return worker;
}
