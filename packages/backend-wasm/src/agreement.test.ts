/**
 * Both builds against the reference backend on views large enough for every loop of a kernel:
 * conformance cases are small. Layouts are random: axes in any order, reversed, with gaps,
 * stretched.
 */
import {
  type Backend,
  type BinaryOp,
  binaryOps,
  createReferenceBackend,
  type DType,
  isFloat,
  type KernelOperand,
  type ReduceOp,
  rowMajorStrides,
  sizeOf,
  type TypedArray,
  typedArray,
  type UnaryOp,
  unaryOps,
  type View,
} from "@needle/ndarray";
import { describe, expect, test } from "vitest";
import { createWasmBackendSync } from "./index.ts";
import { Chance, type Host, hostView, revalue, shapeOf } from "./random-views.fixture.ts";

const reference = createReferenceBackend();

function place(backend: Backend, x: Host): View {
  const buffer = backend.alloc(x.dtype, x.data.length);
  backend.upload(buffer, x.dtype, x.data);
  return { buffer, dtype: x.dtype, shape: x.shape, strides: x.strides, offset: x.offset };
}

/** The functions of float32 have tests of their own for the ends, in `ulps.test.ts`. */
function viewFor(chance: Chance, dtype: DType, shape: readonly number[]): Host {
  return dtype === "float32" ? hostView(chance, dtype, shape) : extremeView(chance, dtype, shape);
}

/** Runs a call on both backends and compares all of the output's memory. */
function agree(
  backend: Backend,
  out: Host,
  inputs: readonly (Host | number)[],
  call: (b: Backend, out: View, inputs: KernelOperand[]) => void,
  tolerance: number,
): void {
  const [actual, wanted] = [backend, reference].map((b) => {
    const target = place(b, out);
    const placed = inputs.map((x) => (typeof x === "number" ? x : place(b, x)));
    call(b, target, placed);
    const whole = { ...target, shape: [out.data.length], strides: [1], offset: 0 };
    const result = b.readSync!(whole);
    for (const view of [target, ...placed]) if (typeof view !== "number") b.free(view.buffer);
    return result;
  }) as [TypedArray, TypedArray];
  for (let i = 0; i < wanted.length; i++) {
    const [a, w] = [actual[i]!, wanted[i]!];
    if (a === w || (Number.isNaN(a) && Number.isNaN(w))) continue;
    if (Math.abs(a - w) <= tolerance * Math.max(1e-30, Math.abs(w))) continue;
    expect.fail(
      `element ${i} is ${a}, the reference gives ${w}; shape [${out.shape}] strides [${out.strides}]`,
    );
  }
}

/** 2.5 units in the last place. */
const close = (dtype: DType): number => 2.5 * unit(dtype);

/** The distance of 1 from the next number. */
const unit = (dtype: DType): number => (dtype === "float64" ? 2 ** -52 : 2 ** -23);

const dtypes = ["bool", "uint8", "int32", "float32", "float64"] as const satisfies DType[];

/** What there is no arithmetic for on bools. */
const withoutBool: ReadonlySet<BinaryOp> = new Set<BinaryOp>([
  "sub",
  "fmod",
  "remainder",
  "floorDivide",
  "leftShift",
  "rightShift",
  "pow",
]);

/** What is at the ends of a dtype. */
const ends: Record<DType, readonly number[]> = {
  bool: [0, 1],
  uint8: [0, 1, 127, 128, 255],
  int32: [0, -1, 255, 256, 65537, 2 ** 31 - 1, -(2 ** 31), 1e9],
  float32: [
    Number.NaN,
    Infinity,
    -Infinity,
    -0,
    255.9,
    2 ** 31,
    -(2 ** 31) - 300,
    5e9,
    -1e20,
    1e-40,
  ],
  float64: [
    Number.NaN,
    Infinity,
    -Infinity,
    -0,
    -0.9,
    256,
    2 ** 32 + 7.5,
    -1e18,
    2 ** 64 + 2 ** 13,
    1e300,
  ],
};

/** A random view some of whose elements are at the ends of its dtype. */
function extremeView(chance: Chance, dtype: DType, shape: readonly number[]): Host {
  const x = hostView(chance, dtype, shape);
  const often = chance.pick([3, 30, 3000]);
  revalue(x, (value) => (chance.below(often) === 0 ? chance.pick(ends[dtype]) : value));
  return x;
}
const rounds = 25;

for (const deterministic of [false, true]) {
  const backend = createWasmBackendSync({ deterministic });
  const check = (name: string, body: (chance: Chance) => void): void =>
    test(name, () => {
      const chance = new Chance(1);
      for (let i = 0; i < rounds; i++) body(chance);
      expect(backend.info().usedBytes).toBe(0);
    });

  describe(`${deterministic ? "strict" : "relaxed"} agrees with the reference`, () => {
    for (const dtype of dtypes) {
      for (const [op, kind] of Object.entries(unaryOps) as [UnaryOp, string][]) {
        if (kind === "float" && !isFloat(dtype)) continue;
        if (kind === "same" && dtype === "bool") continue;
        check(`${op} ${dtype}`, (chance) => {
          const shape = shapeOf(chance);
          const out = hostView(chance, kind === "bool" ? "bool" : dtype, shape, { stretch: false });
          // Zeros of the periodic ones are met with an absolute error.
          agree(
            backend,
            out,
            [viewFor(chance, dtype, shape)],
            (b, o, [x]) => b.unary(op, o, x as View),
            close(dtype),
          );
        });
      }
      for (const [op, kind] of Object.entries(binaryOps) as [BinaryOp, string][]) {
        if (kind === "float" && !isFloat(dtype)) continue;
        if (op === "pow" && dtype === "int32") continue;
        if (dtype === "bool" && withoutBool.has(op)) continue;
        check(`${op} ${dtype}`, (chance) => {
          const shape = shapeOf(chance);
          const out = hostView(chance, kind === "bool" ? "bool" : dtype, shape, { stretch: false });
          const left = viewFor(chance, dtype, shape);
          const right = chance.below(3) === 0 ? chance.below(5) : viewFor(chance, dtype, shape);
          const operands = chance.below(4) === 0 ? [right, left] : [left, right];
          agree(backend, out, operands, (b, o, [x, y]) => b.binary(op, o, x!, y!), close(dtype));
        });
      }
    }
    for (const dtype of dtypes) {
      check(`where ${dtype}`, (chance) => {
        const shape = shapeOf(chance);
        const operands: (Host | number)[] = [0, 1].map(() =>
          chance.below(3) === 0 ? chance.below(5) : hostView(chance, dtype, shape),
        );
        agree(
          backend,
          hostView(chance, dtype, shape, { stretch: false }),
          [hostView(chance, "bool", shape), ...operands],
          (b, o, [c, x, y]) => b.where(o, c as View, x!, y!),
          0,
        );
      });
    }

    for (const from of dtypes) {
      for (const to of dtypes) {
        check(`copy ${from} to ${to}`, (chance) => {
          const shape = shapeOf(chance);
          agree(
            backend,
            hostView(chance, to, shape, { stretch: false }),
            [extremeView(chance, from, shape)],
            (b, o, [x]) => b.copy(o, x as View),
            0,
          );
        });
      }
    }

    for (const dtype of dtypes) {
      for (const op of [
        "sum",
        "prod",
        "max",
        "min",
        "argmax",
        "argmin",
      ] as const satisfies ReduceOp[]) {
        check(`${op} ${dtype}`, (chance) => {
          const shape = shapeOf(chance);
          const axes = shape.map((_, axis) => axis).filter(() => chance.below(2) === 0);
          const kept = shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
          const out = hostView(chance, op.startsWith("arg") ? "int32" : dtype, kept, {
            stretch: false,
          });
          const folds = op === "sum" || op === "prod";
          const x =
            folds && isFloat(dtype)
              ? hostView(chance, dtype, shape)
              : viewFor(chance, dtype, shape);
          // Products of many numbers stay in range near 1; sums have no cancellation when all are
          // positive.
          if (isFloat(dtype) && op === "sum") revalue(x, Math.abs);
          if (isFloat(dtype) && op === "prod") revalue(x, (v) => 1 + v / 3000);
          const tolerance =
            op === "sum" ? 32 * unit(dtype) : op === "prod" ? sizeOf(shape) * unit(dtype) : 0;
          agree(
            backend,
            out,
            [x],
            (b, o, [view]) => b.reduce(op, o, view as View, axes),
            isFloat(dtype) ? tolerance : 0,
          );
        });
      }
    }

    for (const dtype of ["float32", "float64"] as const) {
      test(`matmul ${dtype}`, () => {
        // It keeps scratch memory, which the other tests would take for a leak.
        const own = createWasmBackendSync({ deterministic });
        const chance = new Chance(3);
        for (let i = 0; i < rounds; i++) {
          const batch = Array.from({ length: chance.below(3) }, () => 1 + chance.below(3));
          const size = (): number => chance.pick([1, 2, 3, 4, 5, 8, 10, 17, 40, 50, 70, 131]);
          const [m, k, n] = [size(), chance.pick([size(), size(), 300]), size()];
          const out = hostView(chance, dtype, [...batch, m, n], { stretch: false });
          // Positive, so that no sum cancels.
          const operands = [
            [m, k],
            [k, n],
          ].map((shape) => hostView(chance, dtype, [...batch, ...shape]));
          for (const x of operands) revalue(x, Math.abs);
          const call = (b: Backend, o: View, [x, y]: KernelOperand[]): void =>
            b.matmul(o, x as View, y as View);
          agree(own, out, operands, call, 64 * unit(dtype));
        }
      });
    }

    for (const dtype of ["bool", "int32", "float32", "float64"] as const) {
      for (const op of ["gather", "scatterAdd"] as const) {
        check(`${op} ${dtype}`, (chance) => {
          const shape = shapeOf(chance);
          const axis = chance.below(shape.length);
          const count = 1 + chance.below(9);
          const index = hostView(chance, "int32", shape.with(axis, count));
          const length = shape[axis]!;
          revalue(index, () => chance.below(length));
          // Half of the time positions are the same along the other axes, as rows are picked.
          const rows =
            chance.below(2) === 0
              ? { ...index, strides: index.strides.map((s, i) => (i === axis ? s : 0)) }
              : index;
          const long = hostView(chance, dtype, shape, { stretch: op === "gather" });
          const short = hostView(chance, dtype, shape.with(axis, count), {
            stretch: op === "scatterAdd",
          });
          if (op === "gather")
            agree(
              backend,
              short,
              [long, rows],
              (b, o, [x, i]) => b.gather(o, x as View, i as View, axis),
              0,
            );
          // Sums may cancel, so they are compared in units of what was added.
          else
            agree(
              backend,
              long,
              [rows, short],
              (b, o, [i, x]) => b.scatterAdd(o, i as View, x as View, axis),
              1e-3,
            );
        });
      }
    }

    for (const dtype of ["float32", "int32"] as const) {
      test(`randomBits ${dtype}`, () => {
        for (const offset of [0, 1, 2, 3, 4, 2 ** 34 - 21, 2 ** 40 + 7]) {
          for (const size of [1, 2, 3, 5, 16, 17, 100, 4099]) {
            const out: Host = {
              dtype,
              data: typedArray(dtype, size),
              shape: [size],
              strides: [1],
              offset: 0,
            };
            agree(backend, out, [], (b, o) => b.randomBits(o, [123, 4294967295], offset), 0);
          }
        }
      });
    }

    for (const op of ["argmax", "argmin"] as const) {
      test(`${op} along either axis takes the first of equals and the first NaN`, () => {
        const chance = new Chance(5);
        for (const shape of [
          [40, 67],
          [3, 16],
          [1, 33],
        ]) {
          const values = [Number.NaN, -1, 0, -0, 2, Number.NEGATIVE_INFINITY];
          const x = hostView(chance, "float32", shape, { stretch: false });
          revalue(x, () => chance.pick(values.slice(chance.below(2) * chance.below(2))));
          for (const axis of [0, 1]) {
            const out = hostView(chance, "int32", shape.with(axis, 1), { stretch: false });
            agree(backend, out, [x], (b, o, [v]) => b.reduce(op, o, v as View, [axis]), 0);
          }
        }
      });
    }

    for (const axis of [0, 1, 2]) {
      test(`softmax, logSoftmax and logsumexp along axis ${axis}, however long`, () => {
        const chance = new Chance(7);
        for (const length of [1, 2, 3, 4, 5, 7, 8, 9, 12, 100, 1003]) {
          const shape = [3, 4, 5].with(axis, length);
          const x = hostView(chance, "float32", shape, { stretch: false, scale: 20 });
          for (const fused of ["softmax", "logSoftmax"] as const) {
            const [actual, wanted] = [backend, reference].map((b) => {
              const view = place(b, x);
              const out = place(b, {
                ...x,
                data: typedArray("float32", sizeOf(shape)),
                strides: rowMajorStrides(shape),
                offset: 0,
              });
              if (b === backend) backend[fused]!(out, view, axis);
              else composed(fused, out, view, axis);
              const values = b.readSync!(out);
              b.free(view.buffer);
              b.free(out.buffer);
              return values;
            }) as [TypedArray, TypedArray];
            for (let i = 0; i < wanted.length; i++) {
              expect(Math.abs(actual[i]! - wanted[i]!)).toBeLessThanOrEqual(
                1e-5 * Math.abs(wanted[i]!) + (fused === "softmax" ? 1e-37 : 1e-6),
              );
            }
          }
        }
        expect(backend.info().usedBytes).toBe(0);
      });
    }
  });
}

/** The definition, in double precision, into a row-major output. */
function composed(op: "softmax" | "logSoftmax", out: View, x: View, axis: number): void {
  const values = reference.readSync!(x);
  const target = out.buffer as TypedArray;
  const step = sizeOf(x.shape.slice(axis + 1));
  const length = x.shape[axis]!;
  for (let start = 0; start < values.length; start++) {
    if (Math.floor(start / step) % length !== 0) continue;
    const row = Array.from({ length }, (_, i) => values[start + i * step]!);
    const largest = Math.max(...row);
    const total = row.reduce((sum, v) => sum + Math.exp(v - largest), 0);
    row.forEach((v, i) => {
      target[start + i * step] =
        op === "softmax" ? Math.exp(v - largest) / total : v - largest - Math.log(total);
    });
  }
}
