/**
 * Runs a program on a backend and on the reference side by side. After every step the two results
 * are compared, and the reference goes on with what the backend gave: each call is judged on equal
 * inputs, so that errors do not grow from step to step and no program is ill-conditioned.
 */
import {
  type Backend,
  createReferenceBackend,
  fromTypedArray,
  type NDArray,
  scope,
  showShape,
} from "@needle/ndarray";
import {
  type Arg,
  isCall,
  type Program,
  Ref,
  refsOf,
  renumbered,
  runStep,
  type Step,
} from "./program.ts";
import { type Bound, boundOf, compare } from "./tolerance.ts";

/** What was compared, in elements. */
export interface Tally {
  steps: number;
  equal: number;
  close: number;
  /** Where overflow on the way depends on the order of additions. */
  unknown: number;
}

/** Where a program goes another way than on the reference. */
export interface Difference {
  readonly step: number;
  readonly message: string;
}

const reference = createReferenceBackend();

/** The first difference, null if there is none. */
export function check(program: Program, backend: Backend, tally?: Tally): Difference | null {
  return scope(() => {
    const actual: NDArray[] = [];
    const wanted: NDArray[] = [];
    for (const [i, step] of program.entries()) {
      const message = checkStep(step, actual, wanted, backend, tally);
      if (message !== null) return { step: i, message };
    }
    // A kernel that writes beyond its output damages others.
    for (const [i, x] of actual.entries()) {
      const message = differenceOf(x, wanted[i]!, null);
      if (message !== null)
        return { step: program.length - 1, message: `x${i} was changed: ${message}` };
    }
    return null;
  });
}

function checkStep(
  step: Step,
  actual: NDArray[],
  wanted: NDArray[],
  backend: Backend,
  tally?: Tally,
): string | null {
  const before = isCall(step) ? step.args.map((arg) => valueOf(arg, wanted)) : [];
  const w = runStep(step, wanted, reference);
  const bound = isCall(step) ? boundOf(step, before, w) : null;
  let a: NDArray;
  try {
    a = runStep(step, actual, backend);
  } catch (error) {
    return `only the reference can do it: ${error}`;
  }
  const message = differenceOf(a, w, bound, tally);
  if (message !== null) return message;
  if (bound !== null && differenceOf(a, w, null) !== null)
    w.assign(fromTypedArray(a.toTypedArray(), a.shape, { dtype: a.dtype, backend: reference }));
  actual.push(a);
  wanted.push(w);
  return null;
}

function valueOf(arg: Arg, arrays: readonly NDArray[]): unknown {
  return arg instanceof Ref ? arrays[arg.index] : arg;
}

function differenceOf(a: NDArray, w: NDArray, bound: Bound, tally?: Tally): string | null {
  if (a.dtype !== w.dtype || showShape(a.shape) !== showShape(w.shape))
    return `it is ${a.dtype} ${showShape(a.shape)}, the reference gives ${w.dtype} ${showShape(w.shape)}`;
  const [values, expected] = [a.toTypedArray(), w.toTypedArray()];
  if (tally !== undefined) tally.steps++;
  for (let i = 0; i < expected.length; i++) {
    const outcome = compare(values, expected, bound, i);
    if (outcome === "different")
      return `element ${i} of ${showShape(a.shape)} is ${values[i]}, the reference gives ${expected[i]}${
        bound === null ? "" : ` (${bound[i]} may be lost)`
      }; strides ${showShape(a.strides)}`;
    if (tally !== undefined) tally[outcome]++;
  }
  return null;
}

/** A smaller program that differs still: without steps that do not matter, with results as inputs. */
export function shrink(program: Program, backend: Backend): Program {
  const fails = (candidate: Program): boolean => check(candidate, backend) !== null;
  let length = 1;
  while (!fails(program.slice(0, length))) length++;
  let smallest: Program = program.slice(0, length);
  for (let i = smallest.length - 1; i >= 0; i--) {
    const without = withoutStep(smallest, i);
    const simpler = isCall(smallest[i]!) ? [without, withInput(smallest, i)] : [without];
    smallest = simpler.find(fails) ?? smallest;
  }
  return smallest;
}

/** The program without a step and all that builds on it. */
function withoutStep(program: Program, index: number): Program {
  const gone = new Set([index]);
  for (const [i, step] of program.entries()) {
    if (isCall(step) && step.args.flatMap(refsOf).some((j) => gone.has(j))) gone.add(i);
  }
  const kept = [...program.keys()].filter((i) => !gone.has(i));
  return kept.map((i) => renumbered(program[i]!, (j) => kept.indexOf(j)));
}

/** The program with the values of a step's result in place of its call. */
function withInput(program: Program, index: number): Program {
  return scope((): Program => {
    const arrays: NDArray[] = [];
    for (const step of program.slice(0, index + 1)) arrays.push(runStep(step, arrays, reference));
    const { dtype, shape } = arrays[index]!;
    const input: Step = { dtype, shape, data: Array.from(arrays[index]!.toTypedArray()) };
    return program.with(index, input);
  });
}
