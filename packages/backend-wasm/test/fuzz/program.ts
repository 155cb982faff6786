/** Programs as data: inputs and calls of ops, each on what came before. They run, and print as TypeScript. */
import * as nd from "@needle/ndarray";
import { type OpName, opCalls } from "@needle/ndarray/testing";

/** The result of an earlier step. */
export class Ref {
  readonly index: number;

  constructor(index: number) {
    this.index = index;
  }
}

/** An argument of an op. */
export type Arg =
  | Ref
  | number
  | string
  | boolean
  | null
  | readonly Arg[]
  | { readonly [name: string]: Arg };

/** An array from the outside. */
export interface Input {
  readonly dtype: nd.DType;
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

/** A call of an op: with arguments of its own, or the one at a position of `opCalls`. */
export interface Call {
  readonly op: OpName;
  readonly listed?: number;
  readonly args: readonly Arg[];
}

export type Step = Input | Call;

/** Steps in order; an array has the number of its step. */
export type Program = readonly Step[];

export function isCall(step: Step): step is Call {
  return "op" in step;
}

const functions = nd as unknown as Record<OpName, (...args: unknown[]) => nd.NDArray>;

/** The array that a step gives, where `arrays` came before. */
export function runStep(
  step: Step,
  arrays: readonly nd.NDArray[],
  backend: nd.Backend,
): nd.NDArray {
  if (!isCall(step)) {
    const { dtype, shape, data } = step;
    const elements = nd.typedArray(dtype, data.length);
    elements.set(data);
    return nd.fromTypedArray<nd.DType>(elements, shape, { dtype, backend });
  }
  const args = step.args.map((arg) => resolve(arg, arrays));
  return step.listed === undefined
    ? functions[step.op](...args)
    : opCalls[step.op][step.listed]!.run(...(args as nd.NDArray[]));
}

function resolve(arg: Arg, arrays: readonly nd.NDArray[]): unknown {
  if (arg instanceof Ref) return arrays[arg.index];
  if (Array.isArray(arg)) return arg.map((one: Arg) => resolve(one, arrays));
  return arg;
}

/** The steps whose results an argument names. */
export function refsOf(arg: Arg): number[] {
  if (arg instanceof Ref) return [arg.index];
  return Array.isArray(arg) ? arg.flatMap(refsOf) : [];
}

/** The same step, where results have other numbers. */
export function renumbered(step: Step, to: (index: number) => number): Step {
  const change = (arg: Arg): Arg => {
    if (arg instanceof Ref) return new Ref(to(arg.index));
    return Array.isArray(arg) ? arg.map(change) : arg;
  };
  return isCall(step) ? { ...step, args: step.args.map(change) } : step;
}

/** A program that prints what both backends make of the last step. */
export function show(program: Program, deterministic: boolean): string {
  const lines = program.map((step, i) => `  const x${i} = ${showStep(step)};`);
  return `import { createWasmBackendSync } from "@needle/backend-wasm";
import * as nd from "@needle/ndarray";
import { opCalls } from "@needle/ndarray/testing";

function program(backend: nd.Backend): nd.NDArray {
${lines.join("\n")}
  return x${program.length - 1};
}

console.log(program(nd.createReferenceBackend()));
console.log(program(createWasmBackendSync({ deterministic: ${deterministic} })));
`;
}

function showStep(step: Step): string {
  if (isCall(step)) {
    const args = step.args.map(showArg).join(", ");
    return step.listed === undefined
      ? `nd.${step.op}(${args})`
      : `opCalls.${step.op}[${step.listed}]!.run(${args})`;
  }
  const { dtype, shape, data } = step;
  const type = nd.typedArray(dtype, 0).constructor.name;
  const elements = data.map((value) => (Object.is(value, -0) ? "-0" : String(value)));
  const options = `{ dtype: "${dtype}", backend }`;
  return `nd.fromTypedArray(new ${type}([${elements.join(", ")}]), [${shape.join(", ")}], ${options})`;
}

function showArg(arg: Arg): string {
  if (arg instanceof Ref) return `x${arg.index}`;
  if (Array.isArray(arg)) return `[${arg.map(showArg).join(", ")}]`;
  return typeof arg === "number" ? String(arg) : JSON.stringify(arg);
}
