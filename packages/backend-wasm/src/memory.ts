/**
 * Linear memory and who has which part of it. Freed blocks go to a free list of their size class
 * and come back from there; only when nothing is left to grow into are neighbours in the lists
 * joined again.
 */
import { bytesPerElement, type DType, type TypedArray, typedArray } from "@needle/ndarray";
import { type Memory, runtime } from "./webassembly.ts";

const pageBytes = 65536;

/** Blocks begin at multiples of this, and their sizes are such multiples. */
const unitBytes = 64;

/** Below lie the frame that calls are described in and the kernels' constants. */
const firstByte = pageBytes;

/**
 * The largest memory that 32-bit addresses allow, less a page so that the end is an address too.
 */
export const mostBytes: number = 65535 * pageBytes;

const constructors = {
  bool: Uint8Array,
  uint8: Uint8Array,
  int32: Int32Array,
  float32: Float32Array,
  float64: Float64Array,
} as const;

/**
 * A buffer of the backend: a part of linear memory, or a JavaScript array where there was no room.
 */
export class Block {
  readonly dtype: DType;
  /** In elements. */
  readonly size: number;
  /** The first byte; 0 for JavaScript arrays, -1 once freed. */
  pointer: number;
  readonly sizeClass: number;
  #array: TypedArray | null = null;

  constructor(dtype: DType, size: number, pointer: number, sizeClass: number) {
    this.dtype = dtype;
    this.size = size;
    this.pointer = pointer;
    this.sizeClass = sizeClass;
    if (pointer === 0) this.#array = typedArray(dtype, size);
  }

  /**
   * The elements as a typed array, made when first asked for and again after the memory has grown.
   */
  array(memory: ArrayBuffer | SharedArrayBuffer): TypedArray {
    let array = this.#array;
    if (array === null || (this.pointer > 0 && array.buffer !== memory)) {
      // Shared or not makes no difference to the reference kernels: what they give out is fresh.
      array = new constructors[this.dtype](memory as ArrayBuffer, this.pointer, this.size);
      this.#array = array;
    }
    return array;
  }

  /** Forgets the memory. */
  end(): void {
    this.pointer = -1;
    this.#array = null;
  }
}

/** What the allocator holds, in bytes. */
export interface MemoryStatistics {
  /** Size of the linear memory. */
  readonly reservedBytes: number;
  /** In blocks that are in use. */
  readonly usedBytes: number;
  /** In blocks that were freed and wait to be used again. */
  readonly freeBytes: number;
  /** Of arrays that found no room and live in JavaScript memory. */
  readonly outsideBytes: number;
}

/** The allocator. */
export class LinearMemory {
  readonly memory: Memory;
  /** The whole memory, and views of it, that `grow` replaces. */
  buffer!: ArrayBuffer | SharedArrayBuffer;
  int32!: Int32Array;
  float32!: Float32Array;
  float64!: Float64Array;
  #limit: number;
  readonly #onFull: () => void;
  #reserved: number;
  #top: number = firstByte;
  #used = 0;
  #free = 0;
  #outside = 0;
  /** Pointers of freed blocks, for each size class. */
  readonly #lists: number[][] = [];
  /** Joined free memory, as pairs of start and size in units, by start. */
  #regions: [number, number][] = [];
  /** Whether anything was freed since neighbours were joined last. */
  #isFragmented = false;
  #isFull = false;

  /**
   * @param onFull - called once, when the first array finds no room.
   * @param isShared - whether other threads are to see it.
   */
  constructor(limit: number, onFull: () => void, isShared = false) {
    this.#limit = Math.max(
      2 * pageBytes,
      Math.min(mostBytes, Math.floor(limit / pageBytes) * pageBytes),
    );
    this.#onFull = onFull;
    this.#reserved = Math.min(this.#limit, 256 * pageBytes);
    this.memory = this.#create(isShared);
    this.#refresh();
  }

  /** Shared memory takes the addresses of all it may grow to; where so many are refused, fewer. */
  #create(isShared: boolean): Memory {
    const { Memory } = runtime.WebAssembly!;
    const initial = this.#reserved / pageBytes;
    for (;;) {
      try {
        return new Memory({ initial, maximum: this.#limit / pageBytes, shared: isShared });
      } catch (error) {
        const half = Math.floor(this.#limit / (2 * pageBytes)) * pageBytes;
        if (half < this.#reserved) throw error;
        this.#limit = half;
      }
    }
  }

  get statistics(): MemoryStatistics {
    return {
      reservedBytes: this.#reserved,
      usedBytes: this.#used,
      freeBytes: this.#free,
      outsideBytes: this.#outside,
    };
  }

  alloc(dtype: DType, size: number): Block {
    const sizeClass = classOf(Math.ceil((size * bytesPerElement(dtype)) / unitBytes));
    const pointer = this.#lists[sizeClass]?.pop();
    const bytes = unitsOf(sizeClass) * unitBytes;
    if (pointer !== undefined) {
      this.#free -= bytes;
      this.#used += bytes;
      return new Block(dtype, size, pointer, sizeClass);
    }
    const fresh = this.#take(bytes);
    if (fresh === 0) return this.#allocOutside(dtype, size, sizeClass);
    this.#used += bytes;
    return new Block(dtype, size, fresh, sizeClass);
  }

  free(block: Block): void {
    const { pointer, sizeClass } = block;
    if (pointer < 0) return;
    block.end();
    if (pointer === 0) {
      this.#outside -= block.size * bytesPerElement(block.dtype);
      return;
    }
    const bytes = unitsOf(sizeClass) * unitBytes;
    let list = this.#lists[sizeClass];
    if (list === undefined) {
      list = [];
      this.#lists[sizeClass] = list;
    }
    list.push(pointer);
    this.#used -= bytes;
    this.#free += bytes;
    this.#isFragmented = true;
  }

  #allocOutside(dtype: DType, size: number, sizeClass: number): Block {
    if (!this.#isFull) {
      this.#isFull = true;
      this.#onFull();
    }
    this.#outside += size * bytesPerElement(dtype);
    return new Block(dtype, size, 0, sizeClass);
  }

  /**
   * Memory not in the free lists: from the top, from joined regions, by growing, by joining; 0 when
   * there is none.
   */
  #take(bytes: number): number {
    const region = this.#carve(bytes);
    if (region !== 0) return region;
    if (this.#top + bytes > this.#reserved && !this.#grow(this.#top + bytes)) {
      if (!this.#isFragmented) return 0;
      this.#join();
      const joined = this.#carve(bytes);
      if (joined !== 0 || this.#top + bytes > this.#reserved) return joined;
    }
    const pointer = this.#top;
    this.#top += bytes;
    return pointer;
  }

  /** Part of the first joined region that is large enough, or 0. */
  #carve(bytes: number): number {
    for (let i = 0; i < this.#regions.length; i++) {
      const region = this.#regions[i]!;
      const [start, size] = region;
      if (size < bytes) continue;
      if (size === bytes) this.#regions.splice(i, 1);
      else this.#regions[i] = [start + bytes, size - bytes];
      this.#free -= bytes;
      return start;
    }
    return 0;
  }

  /**
   * Makes one list of all free memory, neighbours joined; what borders on the top goes back to it.
   */
  #join(): void {
    const pieces = this.#regions;
    this.#lists.forEach((list, sizeClass) => {
      const bytes = unitsOf(sizeClass) * unitBytes;
      for (const pointer of list.splice(0)) pieces.push([pointer, bytes]);
    });
    pieces.sort((a, b) => a[0] - b[0]);
    const joined: [number, number][] = [];
    for (const [start, size] of pieces) {
      const last = joined.at(-1);
      if (last !== undefined && last[0] + last[1] === start) last[1] += size;
      else joined.push([start, size]);
    }
    const last = joined.at(-1);
    if (last !== undefined && last[0] + last[1] === this.#top) {
      joined.pop();
      this.#top = last[0];
      this.#free -= last[1];
    }
    this.#regions = joined;
    this.#isFragmented = false;
  }

  /** Grows by a quarter and at least 16 MiB, or if that much is refused by what is needed. */
  #grow(needed: number): boolean {
    if (needed > this.#limit) return false;
    const generous = Math.min(
      this.#limit,
      Math.max(needed, this.#reserved + Math.max(this.#reserved / 4, 256 * pageBytes)),
    );
    return this.#growTo(generous) || this.#growTo(needed);
  }

  #growTo(bytes: number): boolean {
    const pages = Math.ceil((bytes - this.#reserved) / pageBytes);
    try {
      this.memory.grow(pages);
    } catch {
      return false;
    }
    this.#reserved += pages * pageBytes;
    this.#refresh();
    return true;
  }

  #refresh(): void {
    this.buffer = this.memory.buffer;
    this.int32 = new Int32Array(this.buffer);
    this.float32 = new Float32Array(this.buffer);
    this.float64 = new Float64Array(this.buffer);
  }
}

/**
 * Up to 16 units each size has its class; above, there are eight classes between a power of two and
 * the next.
 */
function classOf(units: number): number {
  if (units <= 16) return Math.max(units, 1);
  const shift = 28 - Math.clz32(units - 1);
  return shift * 8 + ((units - 1) >>> shift) + 1;
}

/** The size of a class's blocks. */
function unitsOf(sizeClass: number): number {
  if (sizeClass <= 16) return sizeClass;
  const shift = Math.floor((sizeClass - 9) / 8);
  return (sizeClass - shift * 8) * 2 ** shift;
}
