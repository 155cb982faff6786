/**
 * The common layout of a kernel's operands, simplified: axes of size 1 dropped, axes ordered by the
 * output's strides, neighbours that lie in one line joined. One Layout is used for all calls, so
 * nothing is allocated here.
 */
import type { KernelOperand as Operand, View } from "@needle/ndarray";

/** Bytes an element takes as a power of two: faster than a table of dtypes. */
export function elementBytes(x: View): number {
  return x.dtype === "float32" || x.dtype === "int32" ? 4 : x.dtype === "float64" ? 8 : 1;
}

/** Lengths and steps of up to four operands; a number among them has steps of 0. */
export class Layout {
  /** How many axes are left. */
  rank = 0;
  readonly lengths: number[] = [];
  /** For each operand its steps in bytes, axis by axis. */
  readonly steps: readonly [number[], number[], number[], number[]] = [[], [], [], []];
  #count = 0;

  /** Simplifies the layout of operands of one shape. False when there are no elements. */
  set(out: View, a: Operand, b: Operand | null = null, c: Operand | null = null): boolean {
    const { shape } = out;
    this.#count = b === null ? 2 : c === null ? 3 : 4;
    this.rank = 0;
    for (let axis = 0; axis < shape.length; axis++) {
      const length = shape[axis]!;
      if (length === 0) return false;
      if (length === 1) continue;
      this.#push(0, axis, out);
      this.#push(1, axis, a);
      if (b !== null) this.#push(2, axis, b);
      if (c !== null) this.#push(3, axis, c);
      this.lengths[this.rank] = length;
      if (!this.#join()) this.rank += 1;
    }
    if (!this.#isOrdered()) this.#order();
    return true;
  }

  #push(operand: number, axis: number, x: Operand): void {
    this.steps[operand]![this.rank] =
      typeof x === "number" ? 0 : x.strides[axis]! * elementBytes(x);
  }

  /** Joins the axis at `rank` to the one before if every operand goes on in a line there. */
  #join(): boolean {
    const inner = this.rank;
    if (inner === 0) return false;
    const length = this.lengths[inner]!;
    for (let i = 0; i < this.#count; i++) {
      const steps = this.steps[i]!;
      if (steps[inner - 1] !== steps[inner]! * length) return false;
    }
    for (let i = 0; i < this.#count; i++) {
      const steps = this.steps[i]!;
      steps[inner - 1] = steps[inner]!;
    }
    this.lengths[inner - 1]! *= length;
    return true;
  }

  #isOrdered(): boolean {
    const out = this.steps[0];
    for (let axis = 1; axis < this.rank; axis++) {
      if (Math.abs(out[axis - 1]!) < Math.abs(out[axis]!)) return false;
    }
    return true;
  }

  /**
   * Puts the axes in the order in which the output lies in memory, then joins what that brought
   * together.
   */
  #order(): void {
    for (let end = 1; end < this.rank; end++) {
      for (let axis = end; axis > 0 && this.#outSize(axis - 1) < this.#outSize(axis); axis--)
        this.swap(axis - 1, axis);
    }
    const { rank } = this;
    this.rank = 0;
    for (let axis = 0; axis < rank; axis++) {
      this.#move(axis, this.rank);
      if (!this.#join()) this.rank += 1;
    }
  }

  #outSize(axis: number): number {
    return Math.abs(this.steps[0][axis]!);
  }

  #move(from: number, to: number): void {
    this.lengths[to] = this.lengths[from]!;
    for (let i = 0; i < this.#count; i++) this.steps[i]![to] = this.steps[i]![from]!;
  }

  /** Exchanges two axes. */
  swap(a: number, b: number): void {
    [this.lengths[a], this.lengths[b]] = [this.lengths[b]!, this.lengths[a]!];
    for (let i = 0; i < this.#count; i++) {
      const steps = this.steps[i]!;
      [steps[a], steps[b]] = [steps[b]!, steps[a]!];
    }
  }

  /**
   * Replaces an operand by a row-major array of the layout's own shape, of `bytes` an element, and
   * `pad` elements behind each row.
   */
  makeRowMajor(operand: number, bytes: number, pad = 0): void {
    let step = bytes;
    for (let axis = this.rank - 1; axis >= 0; axis--) {
      this.steps[operand]![axis] = step;
      step *= this.lengths[axis]!;
      if (axis === this.rank - 1) step += pad * bytes;
    }
  }

  /** The step of an operand along the innermost axis; 0 where there is but one element. */
  innerStep(operand: number): number {
    return this.rank === 0 ? 0 : this.steps[operand]![this.rank - 1]!;
  }

  /** How many elements there are. */
  get size(): number {
    let size = 1;
    for (let axis = 0; axis < this.rank; axis++) size *= this.lengths[axis]!;
    return size;
  }

  /** The length of the innermost axis. */
  get innerLength(): number {
    return this.rank === 0 ? 1 : this.lengths[this.rank - 1]!;
  }
}
