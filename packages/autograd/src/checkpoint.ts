/** Trading time for memory: parts of a computation that are done again in the backward pass. */
import { args, NeedleError, rewindable, scope, showShape } from "@needle/ndarray";
import { ancestors, type Node, type Rule } from "./graph.ts";
import { enableGrad, isRecording } from "./mode.ts";
import { record } from "./op.ts";
import { concat } from "./ops/joining.ts";
import { adjointsThrough, type Recomputation, tangentThrough } from "./recompute.ts";
import { newestId, Tensor } from "./tensor.ts";
import { forget } from "./trace.ts";
import { checkTree, leavesOf, mapTree, type Tree, withLeaves } from "./tree.ts";
import { watched } from "./watch.ts";

/**
 * `fn(...inputs)`, of which nothing is kept for the backward pass but its inputs and what else it
 * reads: its graph is freed at once, and made again when a derivative is asked for. A chain of n
 * layers cut into sqrt(n) checkpoints needs the memory of 2 sqrt(n) layers instead of n, for one
 * more forward pass.
 *
 * Gradients are those of `fn` itself, of any order and in both modes, for the inputs as for
 * parameters that `fn` reads from elsewhere. Random numbers are drawn the same the second time,
 * from the generators of this package. `fn` must otherwise do the same each time it is called:
 * statistics that it updates, as BatchNorm does, are updated by each run.
 *
 * Inputs and results are tensors, or nested arrays and objects of them.
 *
 * @throws NeedleError, in the backward pass, when `fn` reads parameters then that it did not read
 *   before; MemoryError when a value that it reads was changed in place since.
 *
 * @example
 * import { checkpoint, tensor } from "@needle/autograd";
 * const x = tensor([1, 2], { requiresGrad: true });
 * const w = tensor([3, 4], { requiresGrad: true });
 * const y = checkpoint((x) => x.mul(w).tanh().square(), x);
 * y.sum().backward();
 * w.grad !== null; // => true
 */
export function checkpoint<Inputs extends readonly [] | readonly Tree[], Out extends Tree>(
  fn: (...inputs: NoInfer<Inputs>) => Out,
  ...inputs: Inputs
): Out {
  args.check("checkpoint", "the first argument", fn, args.callback);
  checkTree("checkpoint", "each input must be", inputs);
  const call = fn as unknown as (...inputs: readonly Tree[]) => Out;
  if (!isRecording()) return call(...inputs);
  const leaves = leavesOf(inputs);
  const first = firstRun(call, inputs, leaves);
  const { y, packing, outside, held, rewound } = first;
  if (y === null) return withLeaves(packing.form, packing.constants);
  const recomputation: Recomputation = {
    name: "checkpoint",
    run: (xs) => rewound(() => packed(call(...withLeaves(inputs, xs)), packing)),
    outside,
    check: (again, since, primals) => checkSame(again, since, primals, outside),
  };
  const result = record(ruleOf(recomputation, leaves.length), y.value, [...leaves, ...outside], []);
  for (const x of held) result.node?.hold(x.value);
  return unpacked(result, packing);
}

/** How a function's results are carried as one tensor. */
interface Packing<Out extends Tree> {
  readonly form: Out;
  /** The results of the first run without a graph, of which those that have none are handed on. */
  readonly constants: readonly Tensor[];
  /** Which of the results have derivatives. */
  readonly moving: readonly number[];
}

interface FirstRun<Out extends Tree> {
  /** The results that have derivatives, as one; null if there are none. */
  readonly y: Tensor | null;
  readonly packing: Packing<Out>;
  /** Tensors that require gradients and that the function read from elsewhere. */
  readonly outside: readonly Tensor[];
  /** Other tensors that it read from elsewhere. */
  readonly held: ReadonlySet<Tensor>;
  readonly rewound: <R>(again: () => R) => R;
}

function firstRun<Out extends Tree>(
  call: (...inputs: readonly Tree[]) => Out,
  inputs: readonly Tree[],
  leaves: readonly Tensor[],
): FirstRun<Out> {
  const since = newestId();
  const held = new Set<Tensor>();
  const operand = (x: Tensor): Tensor => {
    if (x.id <= since && !x.requiresGrad) held.add(x);
    return x;
  };
  return scope(() => {
    const stand = leaves.map((x) => new Tensor(x.value, { requiresGrad: x.requiresGrad }));
    const [form, rewound] = rewindable(() =>
      scope(
        () => watched({ operand }, () => enableGrad(() => call(...withLeaves(inputs, stand)))),
        {
          label: "checkpoint",
        },
      ),
    );
    checkTree("checkpoint", "the function must return", form);
    const results = leavesOf(form);
    const constants = results.map((x) => x.detach());
    const moving = [...results.keys()].filter((i) => results[i]!.requiresGrad);
    const packing = { form: withLeaves(form, constants), constants, moving };
    const own = new Set(stand);
    const outside = readOutside(results, since, own);
    const y = moving.length === 0 ? null : packed(form, packing);
    forget("checkpoint", y === null ? [] : [y], [], since);
    return { y: y === null ? null : y.detach(), packing, outside, held, rewound };
  });
}

/** The tensors older than `since` that a graph begins with, apart from `own`. */
function readOutside(outputs: readonly Tensor[], since: number, own: Set<Tensor>): Tensor[] {
  const isEnd = (x: Tensor): boolean => x.id <= since || own.has(x);
  return ancestors(outputs, isEnd).filter((x) => x.id <= since && !own.has(x));
}

/** The moving results as one tensor: the one there is, or all of them behind each other. */
function packed(result: Tree, { moving }: Packing<Tree>): Tensor {
  const results = leavesOf(result);
  if (moving.length === 1) return results[moving[0]!]!;
  // Of mixed dtypes the widest is taken, which holds the others exactly.
  return concat(moving.map((i) => results[i]!.reshape([-1])));
}

function unpacked<Out extends Tree>(y: Tensor, { form, constants, moving }: Packing<Out>): Out {
  if (moving.length === 1) {
    return withLeaves(
      form,
      constants.map((x, i) => (i === moving[0] ? y : x)),
    );
  }
  let start = 0;
  let next = 0;
  return mapTree(form, (x) => {
    if (!moving.includes(next++)) return x;
    const part = y.slice([start, start + x.size]).reshape(x.shape);
    start += x.size;
    return part.astype(x.dtype);
  });
}

function ruleOf(recomputation: Recomputation, count: number): Rule {
  const split = (node: Node): readonly Tensor[] => node.inputs.slice(0, count) as Tensor[];
  return {
    name: "checkpoint",
    saves: "inputs",
    vjp: (i, g, _y, node) => adjointsThrough(recomputation, [i], g, split(node))[0]!,
    vjps: (needed, g, _y, node) => adjointsThrough(recomputation, needed, g, split(node)),
    jvp: (tangents, _y, node) => tangentThrough(recomputation, tangents, split(node)),
  };
}

/** Throws if the second run read what the first did not. */
function checkSame(
  y: Tensor,
  since: number,
  primals: readonly Tensor[],
  outside: readonly Tensor[],
): void {
  const known = new Set(outside);
  for (const x of readOutside([y], since, new Set(primals))) {
    if (known.has(x)) continue;
    throw new NeedleError(
      "checkpoint",
      `run again, the function reads a ${x.dtype} ${showShape(x.shape)} that it did not read before`,
      "It must do the same each time: keep what it depends on as it is until the backward pass.",
    );
  }
}
