/**
 * Sharing a kernel call between threads. The calling thread writes down the parts of a call, takes
 * parts itself, and waits for those that workers took. A part nobody took it computes, too, so that
 * workers that are absent, asleep or late cost nothing, and change no result.
 */
import { NeedleError } from "@needle/ndarray";
import type { Kernel, Kernels } from "./module.ts";
import type { WorkerHandle } from "./threads.ts";
import { runtime } from "./webassembly.ts";

/** The words of the control block, as `worker.js` describes them. */
const callWord = 0;
const parkedWord = 16;
const endWord = 32;
const partsWord = 48;
const doneWord = 64;
const waitingWord = 80;
const helpedWord = 81;
const threadWords = 96;
const partWords = 128;
const recordsByte = 1024;
const recordLength = 32;

/** As many parts as there are records, and frames before the kernels' constants. */
export const mostParts = 32;

/** As many threads as there are words for them. */
export const mostThreads = 32;

/** Milliseconds of watching for workers to be done before the calling thread waits for them. */
const watching = 1;

/** Milliseconds of one wait. */
const slice = 10;

/** Milliseconds that the calling thread may wait beyond its own work, and that it then pauses. */
const tolerated = 0.1;
const shortestPause = 10;
const longestPause = 500;

/** How a call may be cut. */
export interface Cut {
  /** Parts begin at multiples of this. Default 1. */
  readonly align?: number;
  /**
   * Parts for each thread at most: several even out threads of unequal speed, one is enough where a
   * part needs memory of its own. Default 4.
   */
  readonly perThread?: number;
  /**
   * Whether a part may be computed anew after its worker died in the middle: it reads nothing that
   * it writes. Default false: an error then.
   */
  readonly repeatable?: boolean;
}

/** The arguments of a part: units `first` to `first + size`; `part` numbers the parts from 0. */
export type PartCall = (first: number, size: number, part: number) => readonly number[];

/** How the pool is made, beside what it runs. */
export interface PoolOptions {
  /** The calling one included; at most `mostThreads`. */
  readonly threads: number;
  /** Why there are not as many as asked for; null if there are. */
  readonly reason: string | null;
  /** Starts worker `thread`; `ended` is called when it is no more. */
  start(thread: number, control: SharedArrayBuffer, ended: (why: string) => void): WorkerHandle;
  /** Told when there are fewer threads from now on. */
  onLoss?(reason: string): void;
  /** Factor of all grains: tests share small calls, too. Default 1. */
  readonly grainScale?: number;
  /** After how many waits of 10 ms without progress a worker is taken for dead. Default 1000. */
  readonly patience?: number;
}

/** The threads of one backend. Workers start with the first call that is worth sharing. */
export class Pool {
  readonly #numbers = new Map<Kernel, number>();
  readonly #workers: (WorkerHandle | null)[] = [];
  readonly #options: PoolOptions;
  readonly #grainScale: number;
  readonly #words: Int32Array<SharedArrayBuffer> | null = null;
  readonly #records: Float64Array<SharedArrayBuffer> | null = null;
  #threads: number;
  #reason: string | null;
  /** Workers that ended before they were ready, since one was. */
  #failures = 0;
  /** Calls of late that sharing made slower; no call is shared before `#pauseEnd`. */
  #losses = 0;
  #pause = shortestPause;
  #pauseEnd = 0;

  constructor(kernels: Kernels, options: PoolOptions) {
    this.#threads = options.threads;
    this.#reason = options.reason;
    this.#options = options;
    this.#grainScale = options.grainScale ?? 1;
    if (this.#threads === 1) return;
    const control = new SharedArrayBuffer(recordsByte + 8 * recordLength * mostParts);
    this.#words = new Int32Array(control);
    this.#records = new Float64Array(control, recordsByte);
    Object.values(kernels).forEach((kernel, i) => {
      this.#numbers.set(kernel, i);
    });
    endings.register(this, this.#words, this);
  }

  /** Threads in use, the calling one included. */
  get threads(): number {
    return this.#threads;
  }

  /** Why there are not as many as asked for. */
  get reason(): string | null {
    return this.#reason;
  }

  /** Parts that workers have computed: how much they help. */
  get helped(): number {
    return this.#words === null ? 0 : Atomics.load(this.#words, helpedWord);
  }

  /** Whether `count` units are worth more than one thread. */
  isWorthSharing(count: number, grain: number): boolean {
    return this.#threads > 1 && count >= 2 * grain * this.#grainScale;
  }

  /**
   * Calls a kernel on `count` units, in parts of at least `grain` units that threads share. Parts
   * must write apart, and no result may depend on where the cuts are.
   *
   * @returns the bits of all parts' results joined by `or`.
   * @throws NeedleError when a worker died in the middle of a part that cannot be repeated.
   */
  split(kernel: Kernel, count: number, grain: number, call: PartCall, cut: Cut = {}): number {
    const { align = 1, perThread = 4, repeatable = false } = cut;
    if (!this.isWorthSharing(count, grain)) return kernel(...call(0, count, 0));
    const units = Math.ceil(count / align);
    const parts = Math.min(
      units,
      Math.floor(count / Math.max(1, grain * this.#grainScale)),
      perThread * this.#threads,
      mostParts,
    );
    if (parts < 2 || this.#isPausing() || !this.#hasWorkers()) return kernel(...call(0, count, 0));
    const number = this.#numbers.get(kernel)!;
    for (let part = 0; part < parts; part++) {
      const first = align * Math.floor((part * units) / parts);
      const end = Math.min(count, align * Math.floor(((part + 1) * units) / parts));
      this.#write(part, number, call(first, end - first, part));
    }
    const start = now();
    this.#publish(parts);
    let ownEnd = start;
    try {
      this.#help(kernel, parts);
      ownEnd = now();
    } finally {
      this.#await(parts);
    }
    this.#judge(ownEnd - start, now() - ownEnd);
    return this.#collect(kernel, parts, repeatable);
  }

  /** Ends the workers; calls run on the calling thread from now on. */
  dispose(): void {
    if (this.#threads === 1) return;
    this.#end("the backend was disposed");
  }

  #end(reason: string): void {
    this.#threads = 1;
    this.#reason = reason;
    endings.unregister(this);
    endWorkers(this.#words!);
  }

  #giveUp(why: string): void {
    if (this.#threads === 1) return;
    const reason = `workers cannot be started here: ${why}`;
    this.#end(reason);
    this.#options.onLoss?.(reason);
  }

  #isPausing(): boolean {
    return this.#pauseEnd > 0 && now() < this.#pauseEnd;
  }

  /**
   * Where the machine is busy, a worker may be without a processor while the calling thread waits
   * for its part. After three calls that lost more by that than they won, none is shared for a
   * while, which is longer each time.
   */
  #judge(own: number, waited: number): void {
    if (waited <= own + tolerated) {
      this.#losses = Math.max(0, this.#losses - 0.25);
      this.#pause = Math.max(shortestPause, this.#pause * 0.9);
      return;
    }
    this.#losses += 1;
    if (this.#losses < 3) return;
    this.#losses = 0;
    this.#pauseEnd = now() + this.#pause;
    this.#pause = Math.min(longestPause, 2 * this.#pause);
  }

  /** Starts the workers that are missing. False when none is ready. */
  #hasWorkers(): boolean {
    let isReady = false;
    for (let thread = 1; thread < this.#threads; thread++) {
      const state = Atomics.load(this.#words!, threadWords + thread);
      if (state === 0) this.#startWorker(thread);
      else if (state === 2) isReady = true;
    }
    if (isReady) this.#failures = 0;
    return isReady && this.#threads > 1;
  }

  #startWorker(thread: number): void {
    const words = this.#words!;
    Atomics.store(words, threadWords + thread, 1);
    const pool = new WeakRef(this);
    let worker: WorkerHandle | null = null;
    const ended = (why: string): void => {
      // A worker that ended by itself said so before, and another may have its place already.
      const self = pool.deref();
      if (self !== undefined && self.#workers[thread] === worker) self.#lose(thread, why);
    };
    try {
      worker = this.#options.start(thread, words.buffer, ended);
      this.#workers[thread] = worker;
    } catch (error) {
      this.#giveUp(error instanceof Error ? error.message : String(error));
    }
  }

  /** Makes room for another worker; after three that never got ready there are no more. */
  #lose(thread: number, why: string): void {
    const word = threadWords + thread;
    this.#workers[thread] = null;
    if (Atomics.load(this.#words!, word) === 1) this.#failures += 1;
    Atomics.store(this.#words!, word, 0);
    if (this.#failures >= 3) this.#giveUp(why);
  }

  #write(part: number, number: number, args: readonly number[]): void {
    const records = this.#records!;
    const first = part * recordLength;
    if (args.length > recordLength - 3) throw new RangeError("a part has 29 arguments at most");
    records[first] = number;
    records[first + 1] = args.length;
    for (let i = 0; i < args.length; i++) records[first + 3 + i] = args[i]!;
  }

  /** Frees the parts for all to take. A worker that comes late for the last call may take them. */
  #publish(parts: number): void {
    const words = this.#words!;
    Atomics.store(words, doneWord, 0);
    Atomics.store(words, partsWord, parts);
    for (let part = 0; part < parts; part++) Atomics.store(words, partWords + part, 0);
    Atomics.add(words, callWord, 1);
    if (Atomics.load(words, parkedWord) > 0) Atomics.notify(words, callWord, parts - 1);
  }

  #help(kernel: Kernel, parts: number): void {
    let part = 0;
    try {
      for (; part < parts; part++) if (this.#take(part, 0)) this.#compute(kernel, part);
    } finally {
      // After an error nobody computes the rest.
      for (; part < parts; part++) if (this.#take(part, 0)) this.#finish(part);
    }
  }

  /** Takes a part over from where it is. */
  #take(part: number, from: number): boolean {
    // The calling thread goes by a number that no worker has.
    return Atomics.compareExchange(this.#words!, partWords + part, from, mostThreads) === from;
  }

  #compute(kernel: Kernel, part: number): void {
    const records = this.#records!;
    const first = part * recordLength;
    const args = records.subarray(first + 3, first + 3 + records[first + 1]!);
    try {
      records[first + 2] = kernel(...args) ?? 0;
    } finally {
      this.#finish(part);
    }
  }

  #finish(part: number): void {
    Atomics.store(this.#words!, partWords + part, -1);
    Atomics.add(this.#words!, doneWord, 1);
  }

  /** Waits until all parts are done, or for long without any progress. */
  #await(parts: number): void {
    const words = this.#words!;
    for (let i = 0; i < 1000; i++) if (Atomics.load(words, doneWord) === parts) return;
    const end = now() + watching;
    while (now() < end) {
      for (let i = 0; i < 100; i++) if (Atomics.load(words, doneWord) === parts) return;
    }
    Atomics.store(words, waitingWord, 1);
    // Slices are counted, not time: where the whole process was stopped, that is one slice.
    const { patience = 1000 } = this.#options;
    for (let slices = 0; slices < patience; ) {
      const done = Atomics.load(words, doneWord);
      if (done === parts) break;
      slices = Atomics.wait(words, doneWord, done, slice) === "timed-out" ? slices + 1 : 0;
    }
    Atomics.store(words, waitingWord, 0);
  }

  /** Computes anew what workers failed at or died with, and joins the results. */
  #collect(kernel: Kernel, parts: number, repeatable: boolean): number {
    let result = 0;
    for (let part = 0; part < parts; part++) {
      const state = Atomics.load(this.#words!, partWords + part);
      if (state !== -1) this.#recover(kernel, part, state, repeatable);
      result |= this.#records![part * recordLength + 2]!;
    }
    return result;
  }

  #recover(kernel: Kernel, part: number, state: number, repeatable: boolean): void {
    if (state > 0) {
      this.#workers[state]?.terminate();
      this.#lose(state, "it stopped answering");
    }
    if (!this.#take(part, state)) return;
    if (repeatable) {
      this.#compute(kernel, part);
      return;
    }
    Atomics.store(this.#words!, partWords + part, -1);
    throw new NeedleError(
      "wasm",
      "a worker thread died in the middle of an operation that changes its operands",
      "Their values are lost; load them anew. The next operation starts another worker.",
    );
  }
}

function now(): number {
  return runtime.performance.now();
}

/** A pool that is no longer used ends its workers. */
const endings = new FinalizationRegistry<Int32Array<SharedArrayBuffer>>(endWorkers);

function endWorkers(words: Int32Array<SharedArrayBuffer>): void {
  Atomics.store(words, endWord, 1);
  Atomics.add(words, callWord, 1);
  Atomics.notify(words, callWord);
}
