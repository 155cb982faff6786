/** Random windows of random shapes, large enough for every loop of a kernel, from a fixed seed. */
import { type DType, isFloat, sizeOf, type TypedArray, typedArray } from "@needle/ndarray";

/** A small generator with a fixed seed for each test. */
export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  below(n: number): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0;
    return Math.floor((this.#state / 2 ** 32) * n);
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }
}

const lengths = [1, 2, 3, 4, 5, 7, 8, 16, 17, 33, 64, 100, 130, 300];

/** A shape of up to five axes, some longer than a kernel takes at once. */
export function shapeOf(chance: Chance): number[] {
  const shape = Array.from({ length: 1 + chance.below(5) }, () => chance.pick(lengths));
  while (sizeOf(shape) > 20_000) {
    const longest = shape.indexOf(Math.max(...shape));
    shape[longest] = Math.ceil(shape[longest]! / 3);
  }
  return shape;
}

/** A window on memory of the host. */
export interface Host {
  readonly dtype: DType;
  readonly data: TypedArray;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly offset: number;
}

/** A random window of a shape: axes in any order, reversed, with gaps, stretched. */
export function hostView(
  chance: Chance,
  dtype: DType,
  shape: readonly number[],
  options: { stretch?: boolean; scale?: number } = {},
): Host {
  const { stretch = true, scale = 3 } = options;
  const order = shape.map((_, axis) => axis);
  if (chance.below(2) === 0)
    for (let i = order.length - 1; i > 0; i--) {
      const j = chance.below(i + 1);
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
  const strides = shape.map(() => 0);
  let unit = 1;
  let offset = chance.below(4);
  for (const axis of order.toReversed()) {
    if (stretch && chance.below(6) === 0) continue;
    const step = unit < 1000 ? chance.pick([1, 1, 1, 1, -1, 2]) : 1;
    strides[axis] = step * unit;
    const reach = Math.abs(step) * (shape[axis]! - 1);
    if (step < 0) offset += reach * unit;
    unit *= reach + 1 + (unit < 1000 ? chance.pick([0, 0, 0, 1, 3]) : 0);
  }
  const data = typedArray(dtype, offset + unit + 4);
  for (let i = 0; i < data.length; i++) {
    const value = (chance.below(2001) / 1000 - 1) * scale;
    data[i] = dtype === "bool" ? chance.below(2) : isFloat(dtype) ? value : Math.trunc(value * 10);
  }
  return { dtype, data, shape, strides, offset };
}

/** Changes every element. */
export function revalue(x: Host, rule: (value: number) => number): void {
  x.data.forEach((value, i) => {
    x.data[i] = rule(value);
  });
}
