/**
 * Calling elementwise kernels. A kernel takes the addresses of its operands, the length and steps
 * of the innermost axis, and a frame: the address of three outer lengths and each operand's steps
 * along them (0 when there is no outer axis). Axes beyond are walked here.
 */
import type { Layout } from "./layout.ts";
import type { LinearMemory } from "./memory.ts";
import type { Kernel } from "./module.ts";

/** Where frames are written: in the first page, below the kernels' constants. */
export const frameByte = 64;

/** Axes a kernel walks itself. */
const kernelAxes = 4;

/** Calls kernels on the operands of one Layout. */
export class Calls {
  readonly #memory: LinearMemory;
  readonly #layout: Layout;
  /** One address for each operand, moved along by axes beyond the fourth. */
  readonly addresses: [number, number, number, number] = [0, 0, 0, 0];

  constructor(memory: LinearMemory, layout: Layout) {
    this.#memory = memory;
    this.#layout = layout;
  }

  /** Runs a kernel of `count` operands that begin at `addresses`. */
  run(kernel: Kernel, count: 2 | 3 | 4): void {
    const extra = this.#layout.rank - kernelAxes;
    const frame = this.#writeFrame(count);
    if (extra > 0) this.#walk(kernel, count, frame, 0, extra);
    else this.#call(kernel, count, frame);
  }

  #walk(kernel: Kernel, count: 2 | 3 | 4, frame: number, axis: number, extra: number): void {
    if (axis === extra) {
      this.#call(kernel, count, frame);
      return;
    }
    const { lengths, steps } = this.#layout;
    const length = lengths[axis]!;
    for (let i = 0; i < length; i++) {
      this.#walk(kernel, count, frame, axis + 1, extra);
      for (let k = 0; k < count; k++) this.addresses[k]! += steps[k]![axis]!;
    }
    for (let k = 0; k < count; k++) this.addresses[k]! -= steps[k]![axis]! * length;
  }

  #call(kernel: Kernel, count: 2 | 3 | 4, frame: number): void {
    const layout = this.#layout;
    const [o, a, b, c] = this.addresses;
    const n = layout.innerLength;
    const [so, sa] = [layout.innerStep(0), layout.innerStep(1)];
    if (count === 2) kernel(o, a, n, so, sa, frame);
    else if (count === 3) kernel(o, a, b, n, so, sa, layout.innerStep(2), frame);
    else kernel(o, a, b, c, n, so, sa, layout.innerStep(2), layout.innerStep(3), frame);
  }

  #writeFrame(count: number): number {
    const { rank, lengths, steps } = this.#layout;
    if (rank <= 1) return 0;
    const words = this.#memory.int32;
    const first = frameByte / 4;
    // Outer axes that are missing have length 1.
    for (let i = 0; i < 3; i++) {
      const axis = rank - kernelAxes + i;
      words[first + i] = axis < 0 ? 1 : lengths[axis]!;
      for (let k = 0; k < count; k++)
        words[first + 3 * (k + 1) + i] = axis < 0 ? 0 : steps[k]![axis]!;
    }
    return frameByte;
  }
}
