/**
 * A place to run kernels on: puts host windows into a backend's memory, compares what comes out,
 * and frees everything.
 */
import type { Backend, Buffer, View } from "../backend.ts";
import { typedArray } from "../dtype.ts";
import { NeedleError, showShape } from "../errors.ts";
import { type Allowance, isWithin, rounded } from "./close.ts";
import { type HostArray, type HostView, multiIndices, placeOf } from "./host.ts";
import { hold } from "./host-values.ts";

/** How an output is compared. */
export interface Comparison {
  /** Default: the expected value rounded once. */
  readonly allowed?: Allowance;
  /** Tell -0 from 0. Default false. */
  readonly zeroSign?: boolean;
}

/** Buffers of one backend for the length of one check. */
export class Workbench {
  readonly backend: Backend;
  readonly #buffers: Buffer[] = [];

  constructor(backend: Backend) {
    this.backend = backend;
  }

  /** A buffer that holds all of a window's memory, and the window on it. */
  place(x: HostView): View {
    const data = typedArray(x.dtype, x.data.length);
    data.set(x.data);
    const buffer = this.backend.alloc(x.dtype, data.length);
    this.#buffers.push(buffer);
    this.backend.upload(buffer, x.dtype, data);
    return { buffer, dtype: x.dtype, shape: x.shape, strides: x.strides, offset: x.offset };
  }

  /**
   * Throws unless a window shows what is expected, and all other memory is as it was before.
   *
   * @param before - what `out` was placed from.
   */
  async expect(
    out: View,
    before: HostView,
    expected: HostArray,
    comparison: Comparison = {},
  ): Promise<void> {
    const { allowed = rounded, zeroSign = false } = comparison;
    if (showShape(expected.shape) !== showShape(out.shape)) {
      throw new NeedleError(
        "expect",
        `shapes differ, ${showShape(out.shape)} and expected ${showShape(expected.shape)}`,
      );
    }
    const whole: View = { ...out, shape: [before.data.length], strides: [1], offset: 0 };
    const memory = await this.backend.read(whole);
    const shown = new Set<number>();
    multiIndices(out.shape).forEach((index, position) => {
      const place = placeOf(out, index);
      shown.add(place);
      const [actual, wanted] = [memory[place]!, expected.values[position]!];
      const margin = allowed(wanted, position);
      const isRight =
        isWithin(out.dtype, actual, wanted, margin) && !(zeroSign && wrongZero(actual, wanted));
      if (isRight) return;
      const apart = margin === 0 ? "" : ` (${Math.abs(actual - wanted)} apart, ${margin} allowed)`;
      throw new NeedleError(
        "expect",
        `element ${showShape(index)} is ${actual}, expected ${wanted}${apart}, shape ${showShape(out.shape)}`,
      );
    });
    before.data.forEach((value, place) => {
      if (shown.has(place) || Object.is(memory[place], hold(before.dtype, value))) return;
      throw new NeedleError(
        "expect",
        `memory outside the output changed from ${value} to ${memory[place]} (element ${place})`,
      );
    });
  }

  /** Gives all buffers back. */
  free(): void {
    for (const buffer of this.#buffers.splice(0)) this.backend.free(buffer);
  }
}

function wrongZero(actual: number, wanted: number): boolean {
  return wanted === 0 && !Object.is(actual, wanted);
}
