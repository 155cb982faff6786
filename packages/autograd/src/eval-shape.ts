/** Shapes and dtypes of what a program would compute, without computing it. */
import {
  ArgumentError,
  args,
  arrayOptions,
  createShapeOnlyBackend,
  DeviceError,
  type DType,
  defaultBackend,
  peekRandom,
  type Shape,
  scope,
  setDefaultBackend,
  show,
} from "@needle/ndarray";
import { zeros } from "./create.ts";
import { isTensor, type Tensor } from "./tensor.ts";
import { checkTree, replaceLeaves, type Tree } from "./tree.ts";
import { watched } from "./watch.ts";

/** The form of a tensor. */
export interface TensorSpec {
  readonly shape: readonly number[];
  readonly dtype: DType;
}

/**
 * The form of an argument: a shape (of float32), a shape with a dtype, a tensor whose form is
 * taken, or nested arrays and objects of these.
 */
export type SpecTree =
  | Shape
  | { readonly shape: Shape; readonly dtype?: DType }
  | Tensor
  | readonly SpecTree[]
  | { readonly [key: string]: SpecTree };

/** The forms of a tree of tensors. */
export type Specs<Out extends Tree> = Out extends Tensor
  ? TensorSpec
  : { [Key in keyof Out]: Out[Key] extends Tree ? Specs<Out[Key]> : never };

/**
 * The shapes and dtypes of what `fn` gives for arguments of these forms. `fn` runs on a backend
 * without values: whatever the sizes, it costs next to nothing, and every shape error is found.
 * Give it `valueAndGrad(f)` or a function that calls `backward` and the derivatives are run
 * through, too.
 *
 * Tensors that `fn` reads from elsewhere, such as a model's parameters, may be on any backend: for
 * the time they are replaced by others of their form, so nothing about them changes. Streams of
 * random numbers stay where they are.
 *
 * @throws DeviceError when `fn` reads values, or works on arrays of another backend by itself.
 *
 * @example
 * import { evalShape, grad, ones } from "@needle/autograd";
 * const w = ones([1000, 10]);
 * evalShape((x) => x.matmul(w).softmax(), [5000000, 1000]).shape; // => [5000000,10]
 * evalShape(grad((x) => x.matmul(w).sum()), [64, 1000]).shape; // => [64,1000]
 */
export function evalShape<Out extends Tree>(
  fn: (...inputs: never[]) => Out,
  ...specs: readonly SpecTree[]
): Specs<Out> {
  args.check("evalShape", "the first argument", fn, args.callback);
  specs.forEach((spec, i) => {
    checkSpec(`argument ${i + 1}`, spec);
  });
  const backend = createShapeOnlyBackend();
  const twins = new Map<Tensor, Tensor>();
  const blank = (shape: Shape, dtype: DType, requiresGrad = false): Tensor =>
    zeros(shape, { dtype, backend, requiresGrad });
  const operand = (x: Tensor): Tensor => {
    if (x.backend === backend) return x;
    const twin = twins.get(x) ?? blank(x.shape, x.dtype, x.requiresGrad && x.node === null);
    twins.set(x, twin);
    return twin;
  };
  const before = defaultBackend();
  setDefaultBackend(backend);
  try {
    return scope(() => {
      const inputs = specs.map((spec) => inputOf(spec, blank)) as never[];
      const result = peekRandom(() => watched({ operand }, () => fn(...inputs)));
      checkTree("evalShape", "the function must return", result);
      return replaceLeaves(result, ({ shape, dtype }) => ({ shape, dtype })) as Specs<Out>;
    });
  } catch (error) {
    if (!(error instanceof DeviceError)) throw error;
    throw new DeviceError(
      "evalShape",
      `the function does not run without values (${error.message.split("\n")[0]})`,
      "It may read tensors from elsewhere, but neither values nor arrays of another backend.",
    );
  } finally {
    setDefaultBackend(before);
  }
}

const shapeKind: args.Kind = {
  expected: "a shape of whole numbers from 0 on",
  holds: args.arrayOf(args.whole(0)).holds,
};
const specKinds = { shape: shapeKind, dtype: arrayOptions.dtype };

/** Throws unless that is a tree of forms. */
function checkSpec(where: string, spec: unknown): void {
  if (isTensor(spec)) return;
  if (typeof spec !== "object" || spec === null) {
    throw new ArgumentError(
      "evalShape",
      `${where} must be a shape, a tensor, or arrays and objects of these, got ${show(spec)}`,
    );
  }
  if (Array.isArray(spec) && spec.every((length) => typeof length === "number")) {
    args.check("evalShape", where, spec, shapeKind);
    return;
  }
  if ("shape" in spec && Array.isArray(spec.shape)) {
    args.checkOptions("evalShape", spec, specKinds);
    return;
  }
  for (const [key, part] of Object.entries(spec)) checkSpec(`${where}.${key}`, part);
}

function inputOf(spec: SpecTree, blank: (shape: Shape, dtype: DType) => Tensor): unknown {
  if (isTensor(spec)) return blank(spec.shape, spec.dtype);
  if (Array.isArray(spec)) {
    if (spec.every((length) => typeof length === "number")) return blank(spec as Shape, "float32");
    return spec.map((part: SpecTree) => inputOf(part, blank));
  }
  if ("shape" in spec && !isTensor(spec.shape)) {
    return blank(spec.shape as Shape, (spec.dtype as DType | undefined) ?? "float32");
  }
  return Object.fromEntries(
    Object.entries(spec).map(([key, part]) => [key, inputOf(part as SpecTree, blank)]),
  );
}
