/** Laws of values: what becomes of the inputs' layout, axes and order becomes of the result's. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  broadcastShapes,
  concat,
  createReferenceBackend,
  manualSeed,
  type NDArray,
  stack,
  where,
  zeros,
} from "../index.ts";
import type { Shape } from "../shape.ts";
import { anyViews, axesOf, moderateValues, permutations, views } from "../testing/arbitraries.ts";
import { arrayOfView } from "../testing/arrays.ts";
import { assertClose, assertSame } from "../testing/close.ts";
import { elementwiseCalls } from "../testing/elementwise-calls.ts";
import { makeInputs, type OpCall, opCalls } from "../testing/op-calls.ts";

type Layout = (x: NDArray) => NDArray;

const reversed = (x: NDArray): number[] => x.shape.map((_, axis) => x.ndim - 1 - axis);

/** The same elements at other places in memory. */
const layouts: readonly (readonly [string, Layout])[] = [
  ["columns first", (x) => x.permute(reversed(x)).copy().permute(reversed(x))],
  ["backwards", (x) => x.flip().copy().flip()],
  [
    "with gaps",
    (x) => {
      const { dtype, backend } = x;
      const wide = zeros([...x.shape.map((length) => 2 * length + 1), 2], { dtype, backend });
      const part = wide.slice(...x.shape.map((length) => [1, 2 * length + 1, 2] as const), 1);
      return part.assign(x);
    },
  ],
];

const calls = (table: Readonly<Record<string, readonly OpCall[]>>): [string, OpCall][] =>
  Object.entries(table).flatMap(([op, list]) =>
    list.map((call): [string, OpCall] => [`${op}: ${call.about}`, call]),
  );

function run(call: OpCall, inputs: readonly NDArray[]): NDArray {
  manualSeed(1);
  return call.run(...inputs);
}

// What asStrided shows is the memory itself.
const { asStrided: _memory, ...onValues } = opCalls;

describe.each(layouts)("inputs %s", (_about, laid) => {
  test.each(calls(onValues))("change nothing for %s", (_name, call) => {
    const backend = createReferenceBackend();
    const expected = run(call, makeInputs(call, backend));
    const found = run(call, makeInputs(call, backend).map(laid));
    expect([found.shape, found.dtype]).toEqual([expected.shape, expected.dtype]);
    assertClose(found, expected, { rtol: 1e-6, atol: 1e-7 });
  });
});

/** The shape of the operands together, if the result has it. */
function commonShape(inputs: readonly NDArray[], y: NDArray): Shape | null {
  const shape = inputs.map((x) => x.shape).reduce((a, b) => broadcastShapes("laws", a, b), []);
  return `${shape}` === `${y.shape}` ? shape : null;
}

const { allClose: _single, ...elementwise } = elementwiseCalls;

describe("an elementwise op", () => {
  const moves: readonly Layout[] = [
    (x) => x.permute(reversed(x)),
    (x) => x.flip(),
    (x) => (x.ndim === 0 ? x : x.slice("...", "1::2")),
  ];

  test.each(calls(elementwise))("of moved operands is the result moved (%s)", (_name, call) => {
    const inputs = makeInputs(call, createReferenceBackend());
    const y = call.run(...inputs);
    const shape = commonShape(inputs, y);
    if (shape === null) throw new Error("not elementwise");
    const full = inputs.map((x) => x.broadcastTo(shape));
    for (const move of moves) assertSame(call.run(...full.map(move)), move(y));
  });

  test.each(calls(elementwise))("of stretched operands is that of copies (%s)", (_name, call) => {
    const inputs = makeInputs(call, createReferenceBackend());
    const y = call.run(...inputs);
    assertSame(call.run(...inputs.map((x) => x.broadcastTo(y.shape).copy())), y);
  });
});

const small = { values: moderateValues("int32"), maxRank: 4, maxSize: 60 };
const integers = anyViews("int32", small).map(arrayOfView);
const once = { seed: 7, numRuns: 60 };

describe("a reduction", () => {
  const names = ["sum", "prod", "max", "min", "any", "all", "countNonzero"] as const;
  const samples = integers
    .filter((x) => !x.shape.includes(0))
    .chain((x) => fc.record({ x: fc.constant(x), axes: axesOf(x.ndim), p: permutations(x.ndim) }));

  test.each(names)("does not see the order of axes (%s)", (name) => {
    fc.assert(
      fc.property(samples, ({ x, axes, p }) => {
        const places = axes.map((axis) => p.indexOf(axis));
        const kept = { keepdims: true };
        assertSame(x.permute(p)[name](places, kept), x[name](axes, kept).permute(p));
      }),
      once,
    );
  });

  test.each(["sum", "prod", "max", "min", "any", "all"] as const)(
    "over several axes is that over one after the other (%s)",
    (name) => {
      fc.assert(
        fc.property(samples, ({ x, axes }) => {
          const start: NDArray = axes.length === 0 ? x[name]([]) : x;
          const steps = axes.reduce((y, axis) => y[name](axis, { keepdims: true }), start);
          assertSame(x[name](axes, { keepdims: true }), steps);
        }),
        once,
      );
    },
  );

  test("finds with argmax and argmin where max and min are", () => {
    fc.assert(
      fc.property(
        samples.filter(({ x }) => x.ndim > 0),
        ({ x, p }) => {
          const axis = p[0]!;
          const at = (index: NDArray): NDArray => x.takeAlongAxis(index, axis);
          const kept = { keepdims: true };
          assertSame(at(x.argmax(axis, kept)), x.max(axis, kept));
          assertSame(at(x.argmin(axis, kept)), x.min(axis, kept));
        },
      ),
      once,
    );
  });
});

describe("what moves elements is undone", () => {
  const any = integers.chain((x) =>
    fc.record({ x: fc.constant(x), p: permutations(x.ndim), axes: axesOf(x.ndim) }),
  );
  const cut = any.filter(({ x }) => x.ndim > 0);

  test("permute by the inverse order, flip by itself, roll by rolling back", () => {
    fc.assert(
      fc.property(any, ({ x, p, axes }) => {
        const inverse = p.map((_axis, i) => p.indexOf(i));
        assertSame(x.permute(p).permute(inverse), x.copy());
        assertSame(x.flip(axes).flip(axes), x.copy());
        const shifts = axes.map((axis) => axis + 1);
        const back = shifts.map((shift) => -shift);
        assertSame(x.roll(shifts, axes).roll(back, axes), x.copy());
      }),
      once,
    );
  });

  test("reshape by reshape, unsqueeze by squeeze", () => {
    fc.assert(
      fc.property(any, ({ x }) => {
        assertSame(x.flatten().reshape(x.shape), x.copy());
        assertSame(x.unsqueeze(0).squeeze(0), x.copy());
      }),
      once,
    );
  });

  test("stack by unstack, concat by split, pad by slice, unslice by slice", () => {
    fc.assert(
      fc.property(cut, ({ x, p }) => {
        const axis = p[0]!;
        const parts = x.unstack(axis);
        if (parts.length > 0) assertSame(stack(parts, axis), x.copy());
        assertSame(concat([x, x.flip()], axis).split(2, axis)[0]!.copy(), x.copy());
        const widths = x.shape.map((_, i): [number, number] => [i, 1]);
        const inside = x.shape.map((length, i): [number, number] => [i, i + length]);
        assertSame(x.pad(widths).slice(...inside), x.copy());
        const shape = x.shape.map((length, i) => length + i + 1);
        assertSame(x.unslice(shape, ...inside).slice(...inside), x.copy());
      }),
      once,
    );
  });

  test("cumsum by diff, sort by no more sorting", () => {
    fc.assert(
      fc.property(cut, ({ x, p }) => {
        const axis = p[0]!;
        const first = x.shape.map((_, i): string => (i === axis ? ":1" : ":"));
        const sums = x.cumsum(axis);
        assertSame(concat([sums.slice(...first), sums.diff(1, axis)], axis), x.copy());
        const sorted = x.sort(axis);
        assertSame(sorted, x.takeAlongAxis(x.argsort(axis), axis));
        assertSame(sorted.sort(axis), sorted);
        assertSame(x.flip(axis).sort(axis), sorted);
      }),
      once,
    );
  });
});

describe("products and choices", () => {
  const matrices = fc
    .record({ n: fc.nat(4), k: fc.nat(4), m: fc.nat(4), batch: fc.integer({ min: 1, max: 3 }) })
    .chain(({ n, k, m, batch }) => {
      const of = (...shape: number[]): fc.Arbitrary<NDArray> =>
        views("int32", shape, { values: moderateValues("int32") }).map(arrayOfView);
      return fc.record({ a: of(batch, n, k), b: of(k, m), c: of(batch, k, m) });
    });

  test("of matrices are transposed in the other order, and distribute", () => {
    fc.assert(
      fc.property(matrices, ({ a, b, c }) => {
        assertSame(a.matmul(b).transpose(), b.transpose().matmul(a.transpose()));
        assertSame(a.matmul(c.add(b)), a.matmul(c).add(a.matmul(b)));
      }),
      once,
    );
  });

  test("between an array and itself are the array", () => {
    fc.assert(
      fc.property(integers, (x) => {
        assertSame(where(x.gt(3), x, x), x.copy());
        assertSame(x.maximum(x), x.copy());
        assertSame(where(x.gt(3), x, 0).add(where(x.gt(3), 0, x)), x.copy());
      }),
      once,
    );
  });
});
