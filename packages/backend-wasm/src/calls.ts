/**
 * Calling elementwise kernels. A kernel takes the addresses of its operands, the length and steps
 * of the innermost axis, and a frame: the address of three outer lengths and each operand's steps
 * along them (0 when there is no outer axis). Axes beyond are walked here. Long calls are shared
 * between threads along one of the axes, each part with a frame of its own.
 */
import type { Layout } from "./layout.ts";
import type { LinearMemory } from "./memory.ts";
import type { Kernel } from "./module.ts";
import type { Pool } from "./pool.ts";

/** Where the frame of the first part is written: in the first page, below the kernels' constants. */
export const frameByte = 64;

/** Bytes a frame takes: three lengths, and three steps of up to four operands. */
const frameBytes = 64;

/** Axes a kernel walks itself. */
const kernelAxes = 4;

/** Elements of cheap kernels (`add`) that are worth another thread. */
export const cheapGrain = 32768;

/** Elements of kernels that compute for long (`exp`) that are worth another thread. */
export const costlyGrain = 8192;

/** Parts begin at multiples of so many elements along the innermost axis: whole cache lines. */
const innerAlign = 16;

/** What is known of a kernel beside its operands. */
export interface CallOptions {
  /** Elements that are worth another thread. */
  readonly grain: number;
  /** Further arguments. */
  readonly extra: readonly number[];
  /** The operand it writes; axes along which that has but one place are not cut. */
  readonly written: 0 | 1;
}

/** A kernel like `add`. */
export const cheap: CallOptions = { grain: cheapGrain, extra: [], written: 0 };

/** A kernel like `exp`. */
export const costly: CallOptions = { grain: costlyGrain, extra: [], written: 0 };

/** Calls kernels on the operands of one Layout. */
export class Calls {
  readonly #memory: LinearMemory;
  readonly #layout: Layout;
  readonly #pool: Pool;
  /** One address for each operand, moved along by axes beyond the fourth. */
  readonly addresses: [number, number, number, number] = [0, 0, 0, 0];

  constructor(memory: LinearMemory, layout: Layout, pool: Pool) {
    this.#memory = memory;
    this.#layout = layout;
    this.#pool = pool;
  }

  /**
   * Runs a kernel of `count` operands that begin at `addresses`.
   *
   * @returns the bits of what all its calls gave.
   */
  run(kernel: Kernel, count: 2 | 3 | 4, options: CallOptions = cheap): number {
    const outer = this.#layout.rank - kernelAxes;
    return outer > 0
      ? this.#walk(kernel, count, options, 0, outer)
      : this.#call(kernel, count, options);
  }

  #walk(kernel: Kernel, count: 2 | 3 | 4, options: CallOptions, axis: number, end: number): number {
    if (axis === end) return this.#call(kernel, count, options);
    const { lengths, steps } = this.#layout;
    const length = lengths[axis]!;
    let result = 0;
    for (let i = 0; i < length; i++) {
      result |= this.#walk(kernel, count, options, axis + 1, end);
      for (let k = 0; k < count; k++) this.addresses[k]! += steps[k]![axis]!;
    }
    for (let k = 0; k < count; k++) this.addresses[k]! -= steps[k]![axis]! * length;
    return result;
  }

  #call(kernel: Kernel, count: 2 | 3 | 4, options: CallOptions): number {
    const layout = this.#layout;
    const size = this.#size();
    if (size > 1 && this.#pool.isWorthSharing(size, options.grain)) {
      const axis = this.#axisToCut(options.written);
      const perAxis = (options.grain * layout.lengths[axis]!) / size;
      if (axis >= 0) return this.#share(kernel, count, axis, perAxis, options);
    }
    const frame = this.#writeFrame(count, 0);
    const [o, a, b, c] = this.addresses;
    const n = layout.innerLength;
    const [so, sa] = [layout.innerStep(0), layout.innerStep(1)];
    if (count === 2) return kernel(o, a, n, so, sa, frame);
    const sb = layout.innerStep(2);
    if (count === 3) {
      // Spelled out for the kernels of two operands, the most frequent ones.
      if (options.extra.length === 0) return kernel(o, a, b, n, so, sa, sb, frame);
      return kernel(o, a, b, n, so, sa, sb, frame, ...options.extra);
    }
    return kernel(o, a, b, c, n, so, sa, sb, layout.innerStep(3), frame);
  }

  /** The elements of one call. */
  #size(): number {
    const { rank, lengths } = this.#layout;
    let size = 1;
    for (let axis = Math.max(0, rank - kernelAxes); axis < rank; axis++) size *= lengths[axis]!;
    return size;
  }

  /**
   * The outermost axis, or where that has few positions the longest, of those along which an
   * operand moves; -1 if there is none.
   */
  #axisToCut(operand: 0 | 1): number {
    const { rank, lengths, steps } = this.#layout;
    let best = -1;
    for (let axis = Math.max(0, rank - kernelAxes); axis < rank; axis++) {
      if (steps[operand][axis] === 0) continue;
      const isLonger = best < 0 || lengths[axis]! > lengths[best]!;
      if (isLonger) best = axis;
      if (lengths[best]! >= 2 * this.#pool.threads) break;
    }
    return best;
  }

  /** Cuts a call along an axis, `grain` positions of which are worth another thread. */
  #share(
    kernel: Kernel,
    count: 2 | 3 | 4,
    axis: number,
    grain: number,
    { extra, written }: CallOptions,
  ): number {
    const { rank, lengths, steps } = this.#layout;
    const inner = rank - 1;
    const bases = this.addresses.slice(0, count);
    // Kernels that write another operand than the first add to it.
    const repeatable = written === 0 && !bases.includes(bases[0]!, 1);
    const innerSteps = bases.map((_, k) => steps[k]![inner]!);
    return this.#pool.split(
      kernel,
      lengths[axis]!,
      grain,
      (first, part, number) => {
        const frame = this.#writeFrame(count, number);
        if (frame !== 0 && axis < inner)
          this.#memory.int32[frame / 4 + (axis - (rank - kernelAxes))] = part;
        const at = bases.map((base, k) => base + first * steps[k]![axis]!);
        return [...at, axis === inner ? part : lengths[inner]!, ...innerSteps, frame, ...extra];
      },
      { align: axis === inner ? innerAlign : 1, repeatable },
    );
  }

  /** The frame of a part, for all of the axes. */
  #writeFrame(count: number, part: number): number {
    const { rank, lengths, steps } = this.#layout;
    if (rank <= 1) return 0;
    const words = this.#memory.int32;
    const frame = frameOf(part);
    const first = frame / 4;
    // Outer axes that are missing have length 1.
    for (let i = 0; i < 3; i++) {
      const axis = rank - kernelAxes + i;
      words[first + i] = axis < 0 ? 1 : lengths[axis]!;
      for (let k = 0; k < count; k++)
        words[first + 3 * (k + 1) + i] = axis < 0 ? 0 : steps[k]![axis]!;
    }
    return frame;
  }
}

/** The address of the frame of a part of a shared call. */
export function frameOf(part: number): number {
  return frameByte + frameBytes * part;
}
