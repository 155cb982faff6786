/**
 * Formulas: several elementwise operations written once, that a backend may run in a single pass
 * over the arrays. The body runs when the formula is made, on terms, and leaves a list of
 * instructions; on arrays those run one after another, or all at once where the backend can.
 */
import {
  arrayOf,
  callback,
  check,
  checkEach,
  having,
  type Kind,
  number,
  oneOf,
  text,
} from "./args.ts";
import type { Backend, FormulaProgram, Instruction, View } from "./backend.ts";
import { isFloat } from "./dtype.ts";
import { ArgumentError, DTypeError, ShapeError, showShape } from "./errors.ts";
import type { NDArray } from "./ndarray.ts";
import { arrayKind, sameBackend } from "./ops/common.ts";
import { rowMajorStrides, sameShape, sizeOf } from "./shape.ts";

type UnaryInstruction = Extract<Instruction, { readonly b?: undefined }>["op"];
type BinaryInstruction = Exclude<Instruction["op"], UnaryInstruction | "number">;

/** A value inside a formula: an array, a number, or what is computed from them. */
export class Term {
  readonly #instructions: Instruction[];
  readonly #first: number;
  /** The register it is in. */
  readonly register: number;

  constructor(instructions: Instruction[], first: number, register: number) {
    this.#instructions = instructions;
    this.#first = first;
    this.register = register;
  }

  /** A term of the formula with these instructions. */
  static of(instructions: Instruction[]): Kind {
    return {
      expected: "a term of this formula",
      holds: (value) => value instanceof Term && value.#instructions === instructions,
    };
  }

  add(other: Term | number): Term {
    return this.#with("add", other);
  }

  sub(other: Term | number): Term {
    return this.#with("sub", other);
  }

  mul(other: Term | number): Term {
    return this.#with("mul", other);
  }

  div(other: Term | number): Term {
    return this.#with("div", other);
  }

  maximum(other: Term | number): Term {
    return this.#with("maximum", other);
  }

  minimum(other: Term | number): Term {
    return this.#with("minimum", other);
  }

  neg(): Term {
    return this.#push({ op: "neg", a: this.register });
  }

  abs(): Term {
    return this.#push({ op: "abs", a: this.register });
  }

  sign(): Term {
    return this.#push({ op: "sign", a: this.register });
  }

  sqrt(): Term {
    return this.#push({ op: "sqrt", a: this.register });
  }

  square(): Term {
    return this.mul(this);
  }

  #with(op: BinaryInstruction, other: Term | number): Term {
    const operand = typeof other === "number" ? this.#push({ op: "number", value: other }) : other;
    const expected = "a number or a term of this formula";
    check(op, "the argument", operand, { ...Term.of(this.#instructions), expected });
    return this.#push({ op, a: this.register, b: operand.register });
  }

  #push(instruction: Instruction): Term {
    this.#instructions.push(instruction);
    const register = this.#first + this.#instructions.length - 1;
    return new Term(this.#instructions, this.#first, register);
  }
}

/** Runs a formula: writes the arrays that it gives new values. */
export type Formula<ArrayName extends string, NumberName extends string> = (
  arrays: Readonly<Record<ArrayName, NDArray>>,
  numbers: Readonly<Record<NumberName, number>>,
) => void;

/**
 * Makes a formula.
 *
 * @param arrayNames - the arrays, all of one shape and one float dtype.
 * @param numberNames - numbers that may differ from call to call.
 * @param body - gives new values for some of the arrays. All are read before any is written.
 *
 * @example
 * import { array, formula } from "@needle/ndarray";
 * const momentum = formula(["w", "u", "g"], ["lr", "beta"], ({ w, u, g }, { lr, beta }) => {
 *   const velocity = u.mul(beta).add(g);
 *   return { u: velocity, w: w.sub(velocity.mul(lr)) };
 * });
 * const [w, u, g] = [array([1, 2]), array([0, 4]), array([1, 1])];
 * momentum({ w, u, g }, { lr: 0.5, beta: 0.5 });
 * w; // => [0.5 0.5]
 * u; // => [1. 3.]
 */
export function formula<ArrayName extends string, NumberName extends string>(
  arrayNames: readonly ArrayName[],
  numberNames: readonly NumberName[],
  body: (
    arrays: Record<ArrayName, Term>,
    numbers: Record<NumberName, Term>,
  ) => Partial<Record<ArrayName, Term>>,
): Formula<ArrayName, NumberName> {
  checkEach("formula", { arrayNames, numberNames }, arrayOf(text));
  check("formula", "body", body, callback);
  const instructions: Instruction[] = [];
  const first = arrayNames.length + numberNames.length;
  const terms = <Name extends string>(names: readonly Name[], from: number) =>
    Object.fromEntries(
      names.map((name, i) => [name, new Term(instructions, first, from + i)]),
    ) as Record<Name, Term>;
  const results = body(terms(arrayNames, 0), terms(numberNames, arrayNames.length));
  check("formula", "what the body gives", results, resultsKind);
  const outputs = Object.entries(results).map(([name, result]): [number, number] => {
    check("formula", "the name of what the body gives", name, oneOf(...arrayNames));
    check("formula", name, result, Term.of(instructions));
    return [arrayNames.indexOf(name as ArrayName), (result as Term).register];
  });
  const program: FormulaProgram = {
    arrays: arrayNames.length,
    numbers: numberNames.length,
    instructions,
    outputs,
  };
  return (arrays, numbers) => {
    const operands = named(arrayNames, arrays, arrayKind);
    const values = named(numberNames, numbers, number);
    const backend = checkOperands(arrayNames, operands);
    const views = operands.map((x) => x.view("formula"));
    if (backend.formula === undefined) runFormula(backend, program, views, values);
    else backend.formula(program, views, values);
    for (const [i] of outputs) operands[i]!.storage.version += 1;
  };
}

const resultsKind = having("an object of terms by the names of arrays");
const givenKind = having("an object of values by their names");

/** The values of these names, in their order. Steps of optimizers pass here: a glance must do. */
function named<Name extends string, Value>(
  names: readonly Name[],
  given: Readonly<Record<Name, Value>>,
  kind: Kind,
): Value[] {
  if (typeof given !== "object" || given === null) {
    check("formula", "the argument", given, givenKind);
  }
  return names.map((name) => {
    const value = given[name];
    if (!kind.holds(value)) check("formula", name, value, kind);
    return value;
  });
}

function checkOperands(names: readonly string[], arrays: readonly NDArray[]): Backend {
  const backend = sameBackend("formula", ...arrays);
  const [first] = arrays as [NDArray];
  if (!isFloat(first.dtype)) {
    throw new DTypeError("formula", `arrays are float32 or float64, ${names[0]} is ${first.dtype}`);
  }
  arrays.forEach((x, i) => {
    if (x.dtype !== first.dtype) {
      const problem = `${names[0]} is ${first.dtype}, ${names[i]} is ${x.dtype}`;
      throw new DTypeError("formula", problem, "Convert with astype(...).");
    }
    if (!sameShape(x.shape, first.shape)) {
      const [wanted, got] = [showShape(first.shape), showShape(x.shape)];
      throw new ShapeError("formula", `${names[0]} is ${wanted}, ${names[i]} is ${got}`);
    }
  });
  return backend;
}

/** A register: an array, or a number that is the same for every element. */
type Register = View | number;

/**
 * The composition that a backend's `formula` stands for: each instruction by the backend's own
 * kernels. Instructions on numbers alone are computed in double precision.
 */
export function runFormula(
  backend: Backend,
  program: FormulaProgram,
  arrays: readonly View[],
  numbers: readonly number[],
): void {
  const { shape, dtype } = arrays[0]!;
  const size = sizeOf(shape);
  const temporaries: View[] = [];
  const make = (): View => {
    const strides = rowMajorStrides(shape);
    const view = { buffer: backend.alloc(dtype, size), dtype, shape, strides, offset: 0 };
    temporaries.push(view);
    return view;
  };
  try {
    const registers: Register[] = [...arrays, ...numbers];
    for (const instruction of program.instructions) {
      registers.push(runInstruction(backend, instruction, registers, make));
    }
    // A result that is itself an input may be overwritten by another result: copies come first.
    const results = program.outputs.map(([target, register]) => {
      const result = registers[register]!;
      if (typeof result === "number" || register >= arrays.length || register === target) {
        return result;
      }
      const copy = make();
      backend.copy(copy, result);
      return copy;
    });
    program.outputs.forEach(([target], i) => {
      const result = results[i]!;
      if (typeof result === "number") backend.fill(arrays[target]!, result);
      else if (result !== arrays[target]) backend.copy(arrays[target]!, result);
    });
  } finally {
    for (const { buffer } of temporaries) backend.free(buffer);
  }
}

function runInstruction(
  backend: Backend,
  instruction: Instruction,
  registers: readonly Register[],
  make: () => View,
): Register {
  const number = uniformValue(instruction, registers);
  if (number !== null) return number;
  const out = make();
  if (instruction.op === "number") throw new ArgumentError("formula", "a number is not computed");
  if (instruction.b === undefined) {
    backend.unary(instruction.op, out, registers[instruction.a] as View);
  } else {
    backend.binary(instruction.op, out, registers[instruction.a]!, registers[instruction.b]!);
  }
  return out;
}

/**
 * What an instruction gives if all it reads are numbers, else null. Registers that are not numbers
 * may hold anything else.
 */
export function uniformValue(
  instruction: Instruction,
  registers: readonly unknown[],
): number | null {
  if (instruction.op === "number") return instruction.value;
  const a = registers[instruction.a];
  if (typeof a !== "number") return null;
  if (instruction.b === undefined) return onNumber[instruction.op](a);
  const b = registers[instruction.b];
  return typeof b === "number" ? onNumbers[instruction.op](a, b) : null;
}

const onNumber: Record<UnaryInstruction, (a: number) => number> = {
  neg: (a) => -a,
  abs: Math.abs,
  sign: Math.sign,
  sqrt: Math.sqrt,
};

const onNumbers: Record<BinaryInstruction, (a: number, b: number) => number> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  maximum: Math.max,
  minimum: Math.min,
};
