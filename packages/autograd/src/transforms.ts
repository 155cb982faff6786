/**
 * Reverse mode as functions of functions. They can be nested in any order, with each other and with
 * those of `forward.ts`: what one computes is recorded like everything else, so another can
 * differentiate it.
 */
import { ArgumentError, args, scope, show, showShape } from "@needle/ndarray";
import { gradients } from "./backward.ts";
import { enableGrad, isRecording } from "./mode.ts";
import { isTensor, newestId, type Tensor } from "./tensor.ts";
import { forget, isNested, settle, settleAll, standIns, trace } from "./trace.ts";
import { checkTree, leavesLike, leavesOf, type Tree, withLeaves } from "./tree.ts";

/** What `grad` and `valueAndGrad` expect of the function. */
export interface GradOptions<HasAux extends boolean = boolean> {
  /**
   * Whether the function returns a pair: the tensor to differentiate, and anything else, which is
   * handed on as it is (its tensors as constants). Default false.
   */
  readonly hasAux?: HasAux;
}

const gradOptions: args.Kinds<GradOptions> = { hasAux: args.flag };

/**
 * A function that gives both the value of `f`, which must have one element, and the gradient with
 * respect to its first argument: a tensor, or nested arrays and objects of tensors, whose form the
 * gradient takes. With `hasAux` the value is the pair that `f` returns.
 *
 * @example
 * import { tensor, valueAndGrad } from "@needle/autograd";
 * const loss = ({ w, b }) => w.mul(3).add(b).square().sum();
 * const [value, gradient] = valueAndGrad(loss)({ w: tensor(1), b: tensor(2) });
 * value; // => 25.0
 * gradient.w; // => 30.0
 */
export function valueAndGrad<T extends Tree, Rest extends readonly unknown[]>(
  f: (x: T, ...rest: Rest) => Tensor,
  options?: GradOptions<false>,
): (x: T, ...rest: Rest) => [Tensor, T];
export function valueAndGrad<T extends Tree, Rest extends readonly unknown[], Aux>(
  f: (x: T, ...rest: Rest) => readonly [Tensor, Aux],
  options: GradOptions<true>,
): (x: T, ...rest: Rest) => [[Tensor, Aux], T];
export function valueAndGrad<T extends Tree, Rest extends readonly unknown[]>(
  f: (x: T, ...rest: Rest) => Tensor | readonly [Tensor, unknown],
  options: GradOptions = {},
): (x: T, ...rest: Rest) => [Tensor | [Tensor, unknown], T] {
  args.check("valueAndGrad", "f", f, args.callback);
  const { hasAux = false } = args.checkOptions("valueAndGrad", options, gradOptions);
  return (x, ...rest) =>
    scope(() => {
      const [[y, aux], gradient] = differentiate("valueAndGrad", f, hasAux, x, rest);
      return [hasAux ? [y, aux] : y, gradient];
    });
}

/**
 * The function that gives the gradient of `f` with respect to its first argument. `grad(grad(f))`
 * is the second derivative. With `hasAux`, `f` returns a pair and so does the result: the gradient
 * of the first, and the second.
 *
 * @example
 * import { grad, tensor } from "@needle/autograd";
 * grad((x) => x.pow(3))(tensor(2)); // => 12.0
 * grad(grad((x) => x.pow(3)))(tensor(2)); // => 12.0
 * const [slope, half] = grad((x) => [x.square(), x.mul(0.5)], { hasAux: true })(tensor(3));
 * slope; // => 6.0
 * half; // => 1.5
 */
export function grad<T extends Tree, Rest extends readonly unknown[]>(
  f: (x: T, ...rest: Rest) => Tensor,
  options?: GradOptions<false>,
): (x: T, ...rest: Rest) => T;
export function grad<T extends Tree, Rest extends readonly unknown[], Aux>(
  f: (x: T, ...rest: Rest) => readonly [Tensor, Aux],
  options: GradOptions<true>,
): (x: T, ...rest: Rest) => [T, Aux];
export function grad<T extends Tree, Rest extends readonly unknown[]>(
  f: (x: T, ...rest: Rest) => Tensor | readonly [Tensor, unknown],
  options: GradOptions = {},
): (x: T, ...rest: Rest) => T | [T, unknown] {
  args.check("grad", "f", f, args.callback);
  const { hasAux = false } = args.checkOptions("grad", options, gradOptions);
  return (x, ...rest) =>
    scope(() => {
      const since = newestId();
      const [[y, aux], gradient] = differentiate("grad", f, hasAux, x, rest);
      forget("grad()", [y], [...leavesOf(gradient), ...tensorsIn(aux)], since);
      return hasAux ? [gradient, aux] : gradient;
    });
}

function differentiate<T extends Tree, Rest extends readonly unknown[]>(
  op: string,
  f: (x: T, ...rest: Rest) => Tensor | readonly [Tensor, unknown],
  hasAux: boolean,
  x: T,
  rest: Rest,
): [[Tensor, unknown], T] {
  checkTree(op, "x must be", x);
  const inputs = standIns(x);
  const leaves = leavesOf(inputs);
  const result = enableGrad(() => f(inputs, ...rest));
  const [first, aux] = hasAux ? pair(op, result) : [result, undefined];
  const y = scalar(op, first);
  const nested = isNested([y], leaves);
  const adjoints = gradients([y], leaves, { createGraph: nested });
  const [value, ...slopes] = settle([y, ...adjoints], nested) as [Tensor, ...Tensor[]];
  return [[value, settleAll(aux, nested)], withLeaves(x, slopes)];
}

function pair(op: string, result: unknown): readonly [unknown, unknown] {
  if (Array.isArray(result) && result.length === 2) return result as [unknown, unknown];
  throw new ArgumentError(
    op,
    `with hasAux the function must return a pair [value, aux], got ${show(result)}`,
  );
}

function scalar(op: string, y: unknown): Tensor {
  if (!isTensor(y)) {
    throw new ArgumentError(op, `the function must return a tensor, got ${show(y)}`);
  }
  if (y.size === 1) return y;
  throw new ArgumentError(
    op,
    `the function must return a tensor of one element, got ${showShape(y.shape)}`,
    "Sum it, or use vjp.",
  );
}

function tensorsIn(value: unknown): Tensor[] {
  if (isTensor(value)) return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(tensorsIn);
}

/**
 * The value of `f` at `inputs`, and the function that takes an adjoint of it (ones unless given) to
 * the adjoints of the inputs: one reverse pass, all partial derivatives. It can be called several
 * times. Inputs and results are tensors, or nested arrays and objects of them, whose form their
 * adjoints take.
 *
 * @example
 * import { tensor, vjp } from "@needle/autograd";
 * const [y, pullback] = vjp((x, w) => x.mul(w), [tensor([1, 2]), tensor([3, 4])]);
 * y; // => [3. 8.]
 * pullback(tensor([1, 10]))[0]; // => [ 3. 40.]
 */
export function vjp<Inputs extends readonly [] | readonly Tree[], Out extends Tree>(
  f: (...inputs: NoInfer<Inputs>) => Out,
  inputs: Inputs,
): [Out, (seed?: NoInfer<Out>) => { -readonly [I in keyof Inputs]: Inputs[I] }] {
  const { primals, result, outputs, nested } = trace(
    "vjp",
    f as (...inputs: Inputs) => Out,
    inputs,
  );
  const pullback = (seed?: Out): { -readonly [I in keyof Inputs]: Inputs[I] } =>
    scope(() => {
      const seeds = seed === undefined ? undefined : leavesLike("vjp", "the adjoint", result, seed);
      const createGraph = isRecording() && (nested || (seeds ?? []).some((s) => s.requiresGrad));
      const found = gradients(outputs, primals, { seeds, retainGraph: true, createGraph });
      const form = inputs as unknown as Tree;
      return withLeaves(form, settle(found, createGraph)) as unknown as Inputs;
    });
  return [withLeaves(result, settle(outputs, nested)), pullback];
}
