/**
 * Who owns which memory. A Storage is one buffer of a backend with a count of owners; the last
 * owner to leave frees it at once. Each array holds a Lease on its storage; a lease can be shared
 * by the user's handle and by graphs that saved the array for their backward pass. Arrays dropped
 * without a word are found after garbage collections, the last net.
 */
import type { Backend, Buffer } from "./backend.ts";
import { bytesPerElement, type DType } from "./dtype.ts";

/** What a backend's arrays occupy now, and have occupied in all. */
export interface MemoryInfo {
  /** Buffers alive. */
  readonly buffers: number;
  /** Bytes alive. */
  readonly bytes: number;
  /** The most bytes that were alive at once since the program or `resetPeakMemory` began. */
  readonly peakBytes: number;
  /** Bytes allocated since the program began. */
  readonly allocatedBytes: number;
}

interface Account {
  buffers: number;
  bytes: number;
  peakBytes: number;
  allocatedBytes: number;
}

const accounts = new WeakMap<Backend, Account>();

function accountOf(backend: Backend): Account {
  let account = accounts.get(backend);
  if (account === undefined) {
    account = { buffers: 0, bytes: 0, peakBytes: 0, allocatedBytes: 0 };
    accounts.set(backend, account);
  }
  return account;
}

/** Live buffers and bytes of a backend. */
export function memoryOf(backend: Backend): MemoryInfo {
  return { ...accountOf(backend) };
}

/** Begins to count the peak of a backend anew. */
export function resetPeakOf(backend: Backend): void {
  const account = accountOf(backend);
  account.peakBytes = account.bytes;
}

/**
 * What is alive on all backends together, dropped arrays included until they are returned. Read by
 * the pressure valve.
 */
export const alive: { buffers: number; bytes: number } = { buffers: 0, bytes: 0 };

/** One buffer and the number of its owners. Views of one array share it. */
export class Storage {
  readonly backend: Backend;
  readonly dtype: DType;
  /** In elements. */
  readonly size: number;
  readonly bytes: number;
  /** Counts writes in place, so that a graph can tell when a saved value has changed. */
  version = 0;
  #buffer: Buffer;
  #owners = 0;
  readonly #account: Account;

  constructor(backend: Backend, dtype: DType, size: number) {
    this.backend = backend;
    this.dtype = dtype;
    this.size = size;
    this.bytes = size * bytesPerElement(dtype);
    this.#buffer = backend.alloc(dtype, size);
    this.#account = accountOf(backend);
    this.#account.buffers += 1;
    this.#account.bytes += this.bytes;
    this.#account.allocatedBytes += this.bytes;
    if (this.#account.bytes > this.#account.peakBytes) {
      this.#account.peakBytes = this.#account.bytes;
    }
    alive.buffers += 1;
    alive.bytes += this.bytes;
  }

  get buffer(): Buffer {
    return this.#buffer;
  }

  /** How many arrays share this storage. */
  get owners(): number {
    return this.#owners;
  }

  retain(): void {
    this.#owners += 1;
  }

  release(): void {
    this.#owners -= 1;
    if (this.#owners > 0) return;
    this.backend.free(this.#buffer);
    this.#buffer = undefined;
    this.#account.buffers -= 1;
    this.#account.bytes -= this.bytes;
    alive.buffers -= 1;
    alive.bytes -= this.bytes;
  }
}

const collections = new FinalizationRegistry<() => void>((then) => then());

/** Calls `then` once, in a turn of the event loop after the next collection. */
export function afterCollection(then: () => void): void {
  collections.register({}, then);
}

/** Leases that end with their arrays. Some have ended since the last collection. */
let watched: Lease[] = [];

/** Whether the engine has been asked to tell of the next collection. */
let isAwaited = false;

function awaitCollection(): void {
  if (isAwaited) return;
  isAwaited = true;
  afterCollection(() => {
    isAwaited = false;
    sweep();
    if (watched.length > 0) awaitCollection();
  });
}

/**
 * Larger arrays are watched at once: that they live a little longer would be felt. Of these, 4 MiB
 * are at most.
 */
const smallBytes = 65536;

/**
 * Leases of small arrays made lately outside scopes, and their arrays. Most are freed before long,
 * and watching takes longer than many an op: an array is watched when so many others have followed
 * it, or the job it was made in ends.
 */
const recent: { lease: Lease; holder: object }[] = [];
const mostRecent = 64;
let oldest = 0;

/** Watches what is in `recent` from now on. To be called before a collection is asked for. */
export function watchRecent(): void {
  for (const { lease, holder } of recent) lease.register(holder);
  recent.length = 0;
  oldest = 0;
}

function watchLater(lease: Lease, holder: object): void {
  if (recent.length === 0) Promise.resolve().then(watchRecent);
  if (recent.length < mostRecent) {
    recent.push({ lease, holder });
    return;
  }
  const entry = recent[oldest]!;
  entry.lease.register(entry.holder);
  entry.lease = lease;
  entry.holder = holder;
  oldest = (oldest + 1) % mostRecent;
}

/**
 * Returns the arrays that a collection has found unreachable. To be called only where no kernel's
 * view is in use: a view does not keep its array alive.
 */
export function sweep(): void {
  watched = watched.filter((lease) => !lease.endIfCollected());
}

/** One array's share in its storage: alive while the user's handle or any graph holds it. */
export class Lease {
  readonly storage: Storage;
  /** Who let go last; null while the lease is alive. Shown when the array is used too late. */
  endedBy: string | null = null;
  #owners = 1;
  /** Whether the lease ends with its array. */
  #watched = false;
  /** That array, once it is certain to be around for longer than most. */
  #holder: WeakRef<object> | null = null;

  constructor(storage: Storage) {
    this.storage = storage;
    storage.retain();
  }

  /** From now on the lease ends at the latest when `holder`, its array, is collected. */
  watch(holder: object): void {
    if (this.#watched || this.endedBy !== null) return;
    this.#watched = true;
    if (this.storage.bytes > smallBytes) this.register(holder);
    else watchLater(this, holder);
  }

  /** Has `sweep` look after the array. */
  register(holder: object): void {
    if (this.endedBy !== null) return;
    this.#holder = new WeakRef(holder);
    watched.push(this);
    awaitCollection();
  }

  retain(): void {
    this.#owners += 1;
  }

  release(by: string): void {
    this.#owners -= 1;
    if (this.#owners > 0 || this.endedBy !== null) return;
    this.#end(by);
  }

  /**
   * Whether the lease has ended. It does, whatever its owners, where nobody can reach the array any
   * more.
   */
  endIfCollected(): boolean {
    if (this.endedBy === null && this.#holder?.deref() === undefined)
      this.#end("garbage collection");
    return this.endedBy !== null;
  }

  #end(by: string): void {
    this.endedBy = by;
    this.#holder = null;
    this.storage.release();
  }
}
