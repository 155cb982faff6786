/**
 * Matrix products: the kernel takes any strides, and batches along one axis; further batch axes are
 * walked here. Threads share the products of a batch, or the longer side of a single large one.
 */
import type { View } from "@needle/ndarray";
import { addressOf, type Context, kernelOf } from "./context.ts";
import type { Elementwise } from "./elementwise.ts";
import type { Block } from "./memory.ts";
import type { Kernel } from "./module.ts";

/** The product part of a backend. */
export interface Products {
  matmul(out: View, a: View, b: View): void;
  matmulBias(out: View, a: View, b: View, bias: View, activation: "none" | "relu"): void;
}

/** What is done with a product that has been summed up: a bias (none at 0) and its strides. */
type Epilogue = readonly [bias: number, row: number, column: number, relu: number];

const noEpilogue: Epilogue = [0, 0, 0, 0];

/** From one product to the next where there is one. */
const noSteps = [0, 0, 0] as const;

/** Multiplications that are worth another thread: half a product of 64 x 64 x 64. */
const grain = 64 ** 3 / 2;

/** Rows and columns are cut at multiples of the tiles, so that no tile is left half empty. */
const rowAlign = 12;
const columnAlign = 8;

export function createProducts(context: Context, elementwise: Elementwise): Products {
  const { kernels, memory, pool, fallback } = context;
  const float32: Multiplication = {
    multiply: kernelOf(kernels, "matmulManyF32"),
    scratchBytes: kernelOf(kernels, "matmulF32ScratchBytes"),
    element: 4,
  };
  const float64: Multiplication = {
    multiply: kernelOf(kernels, "matmulManyF64"),
    scratchBytes: kernelOf(kernels, "matmulF64ScratchBytes"),
    element: 8,
  };
  /** Room for packed panels, for each thread, kept between calls. */
  let scratch: Block | null = null;

  function scratchFor(bytes: number): number {
    if (scratch === null || scratch.size < bytes || scratch.pointer === 0) {
      if (scratch !== null) memory.free(scratch);
      scratch = memory.alloc("uint8", bytes);
    }
    return scratch.pointer;
  }

  /** `count` products whose matrices lie `steps` bytes apart. */
  function multiplyMany(
    at: readonly [number, number, number],
    size: Size,
    count: number,
    steps: readonly [number, number, number],
    room: number,
  ): void {
    const { m, n, k, strides, bytes, epilogue } = size;
    const each = m * n * k;
    const { multiply } = size.by;
    if (!pool.isWorthSharing(count * each, grain)) {
      const [so, to, sa, ta, sb, tb] = strides;
      const [o, a, b] = at;
      const [by, byA, byB] = steps;
      const [c, sc, tc, relu] = epilogue;
      // biome-ignore format: one line an operand
      multiply(
        o, so, to, a, sa, ta, b, sb, tb, m, n, k,
        room, count, by, byA, byB, c, sc, tc, relu,
      );
      return;
    }
    const call = (p: Part): number[] => [
      ...[at[0] + p.out, strides[0], strides[1]],
      ...[at[1] + p.a, strides[2], strides[3]],
      ...[at[2] + p.b, strides[4], strides[5]],
      ...[p.m, p.n, k, room + bytes * p.number, p.count, ...steps],
      ...[epilogue[0] + p.bias, epilogue[1], epilogue[2], epilogue[3]],
    ];
    const whole: Part = { number: 0, out: 0, a: 0, b: 0, bias: 0, m, n, count };
    if (count >= pool.threads) {
      const moved = (first: number, part: number): Part => ({
        ...{ ...whole, number: part, out: first * steps[0] },
        ...{ a: first * steps[1], b: first * steps[2] },
      });
      pool.split(
        multiply,
        count,
        grain / each,
        (first, products, part) => call({ ...moved(first, part), count: products }),
        oneForEach,
      );
    } else {
      for (let i = 0; i < count; i++) {
        const one = { ...whole, count: 1, out: i * steps[0], a: i * steps[1], b: i * steps[2] };
        multiplyOne(one, size, call);
      }
    }
  }

  /** One product, its longer side shared: each thread packs all of the other operand. */
  function multiplyOne(one: Part, size: Size, call: (part: Part) => number[]): void {
    const { m, n, k, strides, epilogue } = size;
    const { multiply, element } = size.by;
    const cutsRows = m > n;
    const [length, outStep, step, biasStep] = cutsRows
      ? [m, strides[0], strides[2], epilogue[1]]
      : [n, strides[1], strides[5], epilogue[2]];
    pool.split(
      multiply,
      length,
      (grain * length) / (m * n * k),
      (first, part, number) => {
        const bias = element * first * biasStep;
        const moved = { ...one, number, bias, out: one.out + element * first * outStep };
        const by = element * first * step;
        return cutsRows
          ? call({ ...moved, a: one.a + by, m: part })
          : call({ ...moved, b: one.b + by, n: part });
      },
      { ...oneForEach, align: cutsRows ? rowAlign : columnAlign },
    );
  }

  /** False when the kernel does not take the operands. */
  function product(out: View, a: View, b: View, epilogue: Epilogue): boolean {
    const [o, p, q] = [addressOf("matmul", out), addressOf("matmul", a), addressOf("matmul", b)];
    const batchAxes = out.shape.length - 2;
    const m = out.shape[batchAxes]!;
    const n = out.shape[batchAxes + 1]!;
    const k = a.shape[batchAxes + 1]!;
    const by = out.dtype === "float32" ? float32 : out.dtype === "float64" ? float64 : null;
    if (by === null || o === 0 || p === 0 || q === 0 || k === 0) return false;
    const bytes = Math.ceil(by.scratchBytes(m, n, k) / 64) * 64;
    const room = scratchFor(bytes * pool.threads);
    if (room === 0) return false;
    if (m === 0 || n === 0) return true;
    const [[so, to], [sa, ta], [sb, tb]] = [lastTwo(out), lastTwo(a), lastTwo(b)];
    const size: Size = { by, m, n, k, strides: [so, to, sa, ta, sb, tb], bytes, epilogue };
    if (batchAxes === 0) {
      multiplyMany([o, p, q], size, 1, noSteps, room);
      return true;
    }
    const { lengths, steps } = batchOf(out, a, b, by.element);
    const inner = lengths.length - 1;
    const walk = (axis: number, oi: number, pi: number, qi: number): void => {
      if (axis === inner) {
        multiplyMany([oi, pi, qi], size, lengths[axis]!, steps[axis]!, room);
        return;
      }
      const [toOut, toA, toB] = steps[axis]!;
      for (let i = 0; i < lengths[axis]!; i++)
        walk(axis + 1, oi + i * toOut, pi + i * toA, qi + i * toB);
    };
    walk(0, o, p, q);
    return true;
  }

  return {
    matmul(out, a, b) {
      if (!product(out, a, b, noEpilogue)) fallback.matmul(out, a, b);
    },

    matmulBias(out, a, b, bias, activation) {
      const at = addressOf("matmul", bias);
      const relu = activation === "relu";
      const isFused = at > 0 && out.dtype === "float32";
      if (isFused && product(out, a, b, [at, ...lastTwo(bias), Number(relu)])) return;
      this.matmul(out, a, b);
      elementwise.binary("add", out, out, bias);
      if (relu) elementwise.unary("relu", out, out);
    },
  };
}

/** The kernels of a dtype, of so many bytes an element. */
interface Multiplication {
  readonly multiply: Kernel;
  readonly scratchBytes: Kernel;
  readonly element: number;
}

/** What all products of a batch have in common. */
interface Size {
  readonly by: Multiplication;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  /** Of rows and columns, in elements: of the output, then of both operands. */
  readonly strides: readonly [number, number, number, number, number, number];
  /** Of scratch memory for a thread. */
  readonly bytes: number;
  readonly epilogue: Epilogue;
}

/** A part of a batch: where it begins, in bytes beyond the batch, and how much it is. */
interface Part {
  readonly number: number;
  readonly out: number;
  readonly a: number;
  readonly b: number;
  readonly bias: number;
  readonly m: number;
  readonly n: number;
  readonly count: number;
}

/** Each part has scratch memory of its own. */
const oneForEach = { perThread: 1, repeatable: true };

function lastTwo({ strides }: View): [number, number] {
  return [strides[strides.length - 2]!, strides[strides.length - 1]!];
}

/** The batch axes, those joined that act as one; at least one is given. Steps are in bytes. */
function batchOf(
  out: View,
  a: View,
  b: View,
  element: number,
): { readonly lengths: number[]; readonly steps: [number, number, number][] } {
  const lengths: number[] = [];
  const steps: [number, number, number][] = [];
  for (let axis = 0; axis < out.shape.length - 2; axis++) {
    const length = out.shape[axis]!;
    if (length === 1) continue;
    const step: [number, number, number] = [
      element * out.strides[axis]!,
      element * a.strides[axis]!,
      element * b.strides[axis]!,
    ];
    const outer = steps.at(-1);
    if (outer?.every((s, i) => s === step[i]! * length)) {
      lengths[lengths.length - 1]! *= length;
      steps[steps.length - 1] = step;
    } else {
      lengths.push(length);
      steps.push(step);
    }
  }
  return lengths.length > 0 ? { lengths, steps } : { lengths: [1], steps: [[0, 0, 0]] };
}
