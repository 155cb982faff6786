/**
 * Formulas, where a backend runs them itself. Every operation of a formula rounds as IEEE 754 says,
 * so results are the same to the last bit, whether computed in one pass or in many.
 */
import fc from "fast-check";
import type { FormulaProgram, Instruction } from "../../backend.ts";
import type { DType } from "../../dtype.ts";
import { shapes, views } from "../arbitraries.ts";
import { HostArray, type HostView } from "../host.ts";
import { hold } from "../host-values.ts";
import { type ConformanceCase, forAll } from "./case.ts";

const dtypes: readonly DType[] = ["float32", "float64"];

interface Sample {
  readonly program: FormulaProgram;
  readonly arrays: readonly HostView[];
  readonly numbers: readonly number[];
}

const unaryNames = ["neg", "abs", "sign", "sqrt"] as const;
const binaryNames = ["add", "sub", "mul", "div", "maximum", "minimum"] as const;

/** Values with which all the special cases come up, exact in float32. */
const values = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: -4096, max: 4096 }).map((n) => n / 512) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      0,
      -0,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
    ),
  },
);

/** An instruction that reads registers below `known`. */
function instruction(known: number): fc.Arbitrary<Instruction> {
  const register = fc.nat({ max: known - 1 });
  return fc.oneof(
    { weight: 1, arbitrary: fc.record({ op: fc.constant("number" as const), value: values }) },
    { weight: 2, arbitrary: fc.record({ op: fc.constantFrom(...unaryNames), a: register }) },
    {
      weight: 5,
      arbitrary: fc.record({ op: fc.constantFrom(...binaryNames), a: register, b: register }),
    },
  );
}

function programs(arrays: number, numbers: number): fc.Arbitrary<FormulaProgram> {
  return fc.nat({ max: 8 }).chain((length) =>
    fc
      .tuple(
        fc.tuple(...Array.from({ length }, (_, i) => instruction(arrays + numbers + i))),
        fc.uniqueArray(fc.nat({ max: arrays - 1 }), { minLength: 1 }),
        fc.array(fc.nat({ max: arrays + numbers + length - 1 }), { minLength: 3, maxLength: 3 }),
      )
      .map(([instructions, targets, registers]) => ({
        arrays,
        numbers,
        instructions: instructions as Instruction[],
        outputs: targets.map((target, i): [number, number] => [target, registers[i]!]),
      })),
  );
}

/** Whole arrays, as optimizers pass them, or windows on larger memory. */
function samples(dtype: DType): fc.Arbitrary<Sample> {
  return fc
    .tuple(fc.integer({ min: 1, max: 3 }), fc.nat({ max: 2 }), shapes(), fc.boolean())
    .chain(([count, numbers, shape, whole]) => {
      const size = shape.reduce((a, b) => a * b, 1);
      const window = whole
        ? fc.array(values, { minLength: size, maxLength: size }).map(
            (data): HostView => ({
              dtype,
              data,
              shape: [size],
              strides: [1],
              offset: 0,
            }),
          )
        : views(dtype, shape, { values, stretch: false });
      return fc.record({
        program: programs(count, numbers),
        arrays: fc.array(window, { minLength: count, maxLength: count }),
        numbers: fc.array(values, { minLength: numbers, maxLength: numbers }),
      });
    });
}

/** Element `i` of every array after the formula. */
function expectedAt(
  { program, numbers }: Sample,
  dtype: DType,
  inputs: readonly number[],
): number[] {
  const registers: { readonly value: number; readonly isNumber: boolean }[] = [
    ...inputs.map((value) => ({ value, isNumber: false })),
    ...numbers.map((value) => ({ value, isNumber: true })),
  ];
  for (const step of program.instructions) {
    if (step.op === "number") {
      registers.push({ value: step.value, isNumber: true });
      continue;
    }
    const operands = [step.a, ...(step.b === undefined ? [] : [step.b])].map((r) => registers[r]!);
    const isNumber = operands.every((x) => x.isNumber);
    // Beside an array a number is rounded as the array's dtype holds it.
    const [a, b] = operands.map((x) => (isNumber ? x.value : hold(dtype, x.value)));
    const value = apply(step.op, a!, b ?? 0);
    registers.push({ value: isNumber ? value : hold(dtype, value), isNumber });
  }
  const after = [...inputs];
  for (const [array, register] of program.outputs)
    after[array] = hold(dtype, registers[register]!.value);
  return after;
}

function apply(op: Exclude<Instruction["op"], "number">, a: number, b: number): number {
  switch (op) {
    case "neg":
      return -a;
    case "abs":
      return Math.abs(a);
    case "sign":
      return Math.sign(a);
    case "sqrt":
      return Math.sqrt(a);
    case "add":
      return a + b;
    case "sub":
      return a - b;
    case "mul":
      return a * b;
    case "div":
      return a / b;
    case "maximum":
      return Math.max(a, b);
    case "minimum":
      return Math.min(a, b);
  }
}

/** Cases of `formula`. */
export const formulaCases: readonly ConformanceCase[] = dtypes.map((dtype) =>
  forAll(`formula ${dtype}, where there is one`, samples(dtype), async (bench, sample) => {
    if (bench.backend.formula === undefined) return;
    const targets = sample.arrays.map((x) => bench.place(x));
    bench.backend.formula(sample.program, targets, sample.numbers);
    const before = sample.arrays.map(HostArray.of);
    const after = before[0]!.values.map((_, i) =>
      expectedAt(
        sample,
        dtype,
        before.map((x) => x.values[i]!),
      ),
    );
    for (const [k, x] of sample.arrays.entries()) {
      const expected = new HostArray(
        dtype,
        x.shape,
        after.map((row) => row[k]!),
      );
      await bench.expect(targets[k]!, x, expected);
    }
  }),
);
