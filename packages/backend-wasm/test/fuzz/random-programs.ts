/**
 * Random programs. Ops come from the tables of ndarray: the elementwise ones by their kind, most
 * others with random arguments made here, and one that is not listed here with the calls that
 * `opCalls` has for it. So every op takes part from the day it exists.
 */
import {
  binaryOps,
  createReferenceBackend,
  type DType,
  dtypes,
  type NDArray,
  NeedleError,
  scope,
  sizeOf,
  unaryOps,
} from "@needle/ndarray";
import { type ArrayInput, type OpName, opCalls } from "@needle/ndarray/testing";
import { Chance } from "../../src/random-views.fixture.ts";
import { type Arg, type Program, Ref, runStep, type Step } from "./program.ts";

const reference = createReferenceBackend();
const mostElements = 4000;
const lengths = [1, 1, 2, 3, 4, 5, 7, 8, 16, 17, 33, 64, 130];
const operands = [2, -1, 0.5, 3, 0, 1, -2.5, 300];

/** A program under construction, with its arrays on the reference backend. */
class Draft {
  readonly steps: Step[] = [];
  readonly arrays: NDArray[] = [];
  readonly chance: Chance;
  /** Whether inputs have NaN, infinities and other rare numbers among them. */
  readonly wild: boolean;

  constructor(seed: number) {
    this.chance = new Chance(seed);
    // The first numbers of neighbouring seeds are neighbours.
    for (let i = 0; i < 8; i++) this.chance.below(2);
    this.wild = this.chance.below(5) === 0;
  }

  /** Adds a step, unless the op refuses it or gives too much. */
  push(step: Step): Ref | null {
    try {
      const result = runStep(step, this.arrays, reference);
      if (result.size > mostElements) return null;
      this.steps.push(step);
      this.arrays.push(result);
      return new Ref(this.steps.length - 1);
    } catch (error) {
      if (error instanceof NeedleError) return null;
      throw error;
    }
  }

  of(ref: Ref): NDArray {
    return this.arrays[ref.index]!;
  }

  /** A new array from the outside. */
  input(dtype: DType, shape: readonly number[], value?: () => number): Ref {
    const cycle = Array.from(
      { length: 1 + this.chance.below(97) },
      value ?? (() => this.value(dtype)),
    );
    // Shifted from round to round, so that memory does not repeat with the cycle's length.
    const data = Array.from(
      { length: sizeOf(shape) },
      (_, i) => cycle[(i + Math.floor(i / 7)) % cycle.length]!,
    );
    return this.push({ dtype, shape, data })!;
  }

  value(dtype: DType): number {
    const { chance } = this;
    if (dtype === "bool") return chance.below(2);
    if (dtype === "uint8") return chance.below(256);
    if (dtype === "int32") {
      return this.wild && chance.below(8) === 0
        ? chance.pick([-(2 ** 31), 2 ** 31 - 1, 2 ** 24 + 1])
        : chance.below(41) - 20;
    }
    if (this.wild && chance.below(8) === 0)
      return chance.pick([Number.NaN, Infinity, -Infinity, -0, 1e-40, 3e38, 1e5, 1e-20]);
    const value = chance.below(3) === 0 ? chance.below(9) - 4 : chance.below(2 ** 24) / 2 ** 21 - 4;
    return dtype === "float32" ? Math.fround(value) : value;
  }

  shape(maxRank = 4): number[] {
    const { chance } = this;
    const shape = Array.from({ length: chance.below(maxRank + 1) }, () =>
      chance.below(25) === 0 ? 0 : chance.pick(lengths),
    );
    const most = chance.below(4) === 0 ? mostElements : 200;
    while (sizeOf(shape) > most) {
      const longest = shape.indexOf(Math.max(...shape));
      shape[longest] = Math.ceil(shape[longest]! / 2);
    }
    return shape;
  }

  /** An array of the program that fits, newer ones and those with numbers to compute with rather. */
  pick(fits: (x: NDArray) => boolean = () => true): Ref | null {
    const found = this.arrays.flatMap((x, i) => (fits(x) ? [i] : []));
    if (found.length === 0) return null;
    const lively = found.filter((i) => isLively(this.arrays[i]!));
    const from = lively.length > 0 && this.chance.below(10) > 0 ? lively : found;
    const newest = from.slice(-3);
    return new Ref(this.chance.pick(this.chance.below(2) === 0 ? newest : from));
  }

  /** An axis of an array, counted from either end. */
  axis(x: NDArray): number {
    const axis = this.chance.below(Math.max(1, x.ndim));
    return this.chance.below(2) === 0 ? axis : axis - x.ndim;
  }

  /** Some axes in any order. */
  axes(x: NDArray): number[] {
    return this.shuffled(x.shape.map((_, axis) => axis)).slice(0, this.chance.below(x.ndim + 1));
  }

  shuffled(list: readonly number[]): number[] {
    const result = [...list];
    for (let i = result.length - 1; i > 0; i--) {
      const j = this.chance.below(i + 1);
      [result[i], result[j]] = [result[j]!, result[i]!];
    }
    return result;
  }
}

/** Whether most elements are numbers of ordinary size. */
function isLively(x: NDArray): boolean {
  const data = x.toTypedArray();
  let ordinary = 0;
  for (const value of data) if (Math.abs(value) < 1e6) ordinary++;
  return x.size > 0 && ordinary * 2 > x.size;
}

/** Arguments of an op for the arrays of a draft; null where there are none. */
type Arguments = (draft: Draft, x: NDArray, ref: Ref) => readonly Arg[] | null;

const unaryArguments: Arguments = (_, _x, ref) => [ref];

const binaryArguments: Arguments = (draft, x, ref) => {
  const other = draft.chance.below(4) === 0 ? draft.chance.pick(operands) : partner(draft, x);
  return draft.chance.below(2) === 0 ? [ref, other] : [other, ref];
};

/** Another array that broadcasts with this one; a number if there is none. */
function partner(draft: Draft, x: NDArray): Arg {
  return draft.pick((y) => broadcasts(x.shape, y.shape)) ?? draft.chance.pick(operands);
}

function broadcasts(a: readonly number[], b: readonly number[]): boolean {
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  return short.every((length, i) => {
    const other = long[long.length - short.length + i]!;
    return length === other || length === 1 || other === 1;
  });
}

const reduceArguments: Arguments = (draft, x, ref) => {
  const { chance } = draft;
  const axes = chance.below(4) === 0 ? draft.axes(x) : draft.axis(x);
  if (chance.below(6) === 0 || x.ndim === 0) return [ref];
  return [ref, axes, { keepdims: chance.below(2) === 0 }];
};

const axisArguments: Arguments = (draft, x, ref) => (x.ndim === 0 ? null : [ref, draft.axis(x)]);

/** Positions along an axis of this length, in a shape. */
function positions(draft: Draft, shape: readonly number[], length: number): Ref {
  const dtype = length <= 256 && draft.chance.below(3) === 0 ? "uint8" : "int32";
  return draft.input(dtype, shape, () => draft.chance.below(length));
}

/** The shape of an index for `gather`: any length along the axis, up to the array's elsewhere. */
function indexShape(draft: Draft, x: NDArray, axis: number): number[] {
  return x.shape.map((length, i) =>
    i === axis
      ? draft.chance.below(9)
      : Math.max(Math.min(1, length), length - draft.chance.below(3)),
  );
}

const table: Partial<Record<OpName, Arguments>> = {
  ...Object.fromEntries(Object.keys(unaryOps).map((op) => [op, unaryArguments])),
  ...Object.fromEntries(Object.keys(binaryOps).map((op) => [op, binaryArguments])),
  ...Object.fromEntries(
    (
      ["all", "any", "argmax", "argmin", "max", "mean", "min", "prod", "sum", "logsumexp"] as const
    ).map((op) => [op, reduceArguments]),
  ),
  softmax: axisArguments,
  logSoftmax: axisArguments,
  where: (draft, x, ref) => {
    const [a, b] = [partner(draft, x), partner(draft, x)];
    return [ref, a, b];
  },
  clamp: ({ chance }, _, ref) => [
    ref,
    chance.pick([null, -1, -2.5, 0]),
    chance.pick([null, 1, 2.5, 200]),
  ],
  astype: ({ chance }, _, ref) => [ref, chance.pick(dtypes)],
  compact: unaryArguments,
  copy: unaryArguments,
  fill: ({ chance }, _, ref) => [ref, chance.pick(operands)],
  assign: (draft, x, ref) => [ref, partner(draft, x)],
  gather: (draft, x, ref) => {
    if (x.ndim === 0) return null;
    const axis = draft.chance.below(x.ndim);
    if (x.shape[axis] === 0) return null;
    const index = positions(draft, indexShape(draft, x, axis), x.shape[axis]!);
    return [ref, axis, index];
  },
  scatterAdd: (draft, x, ref) => {
    if (x.ndim === 0) return null;
    const axis = draft.chance.below(x.ndim);
    if (x.shape[axis] === 0) return null;
    const shape = indexShape(draft, x, axis);
    const index = positions(draft, shape, x.shape[axis]!);
    const source = draft.chance.pick<DType>([x.dtype, "float32", "int32"]);
    return [ref, axis, index, draft.input(source, shape)];
  },
  take: (draft, x, ref) => {
    if (x.ndim === 0) return null;
    const axis = draft.axis(x);
    const length = x.shape.at(axis)!;
    if (length === 0) return null;
    const value = (): number => draft.chance.below(2 * length) - length;
    return [ref, draft.input("int32", draft.shape(2), value), axis];
  },
  oneHot: (draft) => {
    const classes = 1 + draft.chance.below(12);
    return [positions(draft, draft.shape(2), classes), classes];
  },
  concat: (draft, x, ref) => {
    if (x.ndim === 0) return null;
    const axis = draft.chance.below(x.ndim);
    const other = draft.pick(
      (y) => y.ndim === x.ndim && y.shape.every((length, i) => i === axis || length === x.shape[i]),
    );
    return [draft.chance.below(2) === 0 ? [ref, other] : [other, ref, other], axis];
  },
  stack: (draft, x, ref) => {
    const other = draft.pick((y) => String(y.shape) === String(x.shape));
    return [[ref, other, ref], draft.chance.below(x.ndim + 1)];
  },
  matmul: (draft, x, ref) => {
    if (x.ndim === 0) return null;
    const inner = x.shape.at(-1)!;
    const fitting = (y: NDArray): boolean =>
      y.ndim > 0 && y.shape.at(y.ndim > 1 ? -2 : 0) === inner;
    const other = draft.chance.below(2) === 0 ? draft.pick(fitting) : null;
    if (other !== null) return [ref, other];
    const shape = draft.chance.below(5) === 0 ? [inner] : [inner, draft.chance.pick(lengths)];
    return [ref, draft.input(draft.chance.pick<DType>([x.dtype, "float32"]), shape)];
  },
  reshape: ({ chance }, x, ref) => {
    const { size, shape } = x;
    const half = size % 2 === 0 && size > 0 ? [2, -1] : [-1];
    return [ref, chance.pick([[-1], [...shape].reverse(), half, [1, ...shape], [...half, 1]])];
  },
  flatten: ({ chance }, x, ref) => (x.ndim < 2 ? [ref] : [ref, chance.below(x.ndim - 1)]),
  broadcastTo: ({ chance }, x, ref) => {
    const stretched = x.shape.map((length) => (length === 1 ? chance.pick([1, 3, 8]) : length));
    return [ref, chance.below(2) === 0 ? [chance.pick([1, 2, 5]), ...stretched] : stretched];
  },
  permute: (draft, x, ref) => [ref, draft.shuffled(x.shape.map((_, axis) => axis))],
  transpose: ({ chance }, x, ref) =>
    x.ndim < 2 ? [ref] : [ref, ...(chance.below(2) === 0 ? [] : [[0, chance.below(x.ndim)]])],
  flip: (draft, x, ref) => [ref, draft.axes(x)],
  squeeze: unaryArguments,
  unsqueeze: ({ chance }, x, ref) => [ref, chance.below(2 * x.ndim + 2) - x.ndim - 1],
  slice: (draft, x, ref) => [
    ref,
    ...x.shape.slice(draft.chance.below(2)).map((n) => index(draft, n)),
  ],
};

function index({ chance }: Draft, length: number): Arg {
  const bound = (): number | null =>
    chance.below(3) === 0 ? null : chance.below(2 * length + 3) - length - 1;
  const kinds: (() => Arg)[] = [
    () => [bound(), bound(), chance.pick([1, 1, 2, 3, -1, -2, -3])],
    () => chance.pick(["::-1", "::2", ":", "1:", ":-1", "-3::-2"]),
    () => (length === 0 ? ":" : chance.below(2 * length) - length),
  ];
  return chance.pick([kinds[0]!, kinds[0]!, kinds[1]!, kinds[2]!])();
}

/** A call from the list that every op has, on fresh arrays of the dtypes and shapes it wants. */
function listedCall(draft: Draft, op: OpName): Step {
  const listed = draft.chance.below(opCalls[op].length);
  const args = opCalls[op][listed]!.inputs.map(({ dtype, shape }: ArrayInput) =>
    // Whole numbers may be positions.
    draft.input(dtype, shape, dtype.startsWith("float") ? undefined : () => draft.chance.below(2)),
  );
  return { op, listed, args };
}

const views = ["slice", "slice", "permute", "transpose", "flip", "broadcastTo", "reshape"] as const;
const all = Object.keys(opCalls) as OpName[];
const elementwise = all.filter((op) => op in unaryOps || op in binaryOps);
const others = all.filter((op) => !elementwise.includes(op));

/** The program of a seed: some inputs and up to a dozen calls. */
export function randomProgram(seed: number): Program {
  return scope(() => {
    const draft = new Draft(seed);
    const { chance } = draft;
    const inputs = 1 + chance.below(3);
    for (let i = 0; i < inputs; i++) {
      draft.input(chance.pick<DType>(["float32", "float32", "float32", ...dtypes]), draft.shape());
    }
    const calls = 3 + chance.below(9);
    for (let i = 0; i < calls; i++) {
      const op = chance.pick<OpName>(
        chance.pick([elementwise, elementwise, views, others, others]),
      );
      const ref = draft.pick()!;
      const make = table[op];
      if (make === undefined) draft.push(listedCall(draft, op));
      else {
        const args = make(draft, draft.of(ref), ref);
        if (args !== null) draft.push({ op, args });
      }
    }
    return draft.steps;
  });
}
