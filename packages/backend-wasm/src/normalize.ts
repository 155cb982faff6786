/**
 * `normalize` and its gradients: which of the kernels for lines (segments) and columns takes a
 * call. What none takes is declined, and the op composes it of other kernels.
 */
import { isRowMajor, type OptionalKernels, sizeOf, type View } from "@needle/ndarray";
import { cheapGrain } from "./calls.ts";
import { addressOf, type Context, kernelOf } from "./context.ts";

type Names = "normalize" | "normalizeInputGradient" | "normalizeWeightGradient";

/** The normalizing part of a backend. */
export type Normalize = Required<Pick<OptionalKernels, Names>>;

/** What is normalized together in a row-major array. Steps in bytes. */
interface Plan {
  readonly kind: "segments" | "columns";
  /** How many means there are. */
  readonly groups: number;
  /** From one group to the next. */
  readonly step: number;
  /** Pieces of a group, each of `length` neighbours; rows, for columns. */
  readonly pieces: number;
  readonly between: number;
  readonly length: number;
}

/** The plan for axes that, joined, are kept-reduced, reduced-kept or reduced-kept-reduced. */
function planOf(shape: readonly number[], axes: readonly number[]): Plan | null {
  const runs: { isReduced: boolean; length: number }[] = [];
  shape.forEach((length, axis) => {
    if (length === 1) return;
    const isReduced = axes.includes(axis);
    const last = runs.at(-1);
    if (last?.isReduced === isReduced) last.length *= length;
    else runs.push({ isReduced, length });
  });
  const pieces = runs[0]?.isReduced ? runs.shift()!.length : 1;
  const groups = runs[0] && !runs[0].isReduced ? runs.shift()!.length : 1;
  const length = runs[0]?.isReduced ? runs.shift()!.length : 1;
  if (runs.length > 0) return null;
  const isColumns = length === 1 && groups > 1 && pieces > 1;
  if (groups === 1 && length === 1)
    return { kind: "segments", groups, step: 0, pieces: 1, between: 0, length: pieces };
  return {
    kind: isColumns ? "columns" : "segments",
    groups,
    step: 4 * length,
    pieces,
    between: 4 * groups * length,
    length,
  };
}

/** Whether a stretched view holds one row-major array along some of its axes. */
function liesAlong(x: View, isAlong: (axis: number) => boolean): boolean {
  let expected = 1;
  for (let axis = x.shape.length - 1; axis >= 0; axis--) {
    const length = x.shape[axis]!;
    if (length === 1) continue;
    if (x.strides[axis] !== (isAlong(axis) ? expected : 0)) return false;
    if (isAlong(axis)) expected *= length;
  }
  return true;
}

/** What factors belong to: the groups, the places in a segment, or (null) something else. */
function belongsTo(
  factors: readonly (View | null)[],
  axes: readonly number[],
  plan: Plan,
): "groups" | "places" | "nothing" | null {
  const given = factors.filter((factor) => factor !== null);
  if (given.length === 0) return "nothing";
  if (given.length < factors.length) return null;
  if (given.every((factor) => liesAlong(factor, (axis) => !axes.includes(axis)))) return "groups";
  const isPlaces = plan.kind === "segments" && plan.pieces === 1;
  const inPlaces = given.every((factor) => liesAlong(factor, (axis) => axes.includes(axis)));
  return isPlaces && inPlaces ? "places" : null;
}

export function createNormalize(context: Context): Normalize {
  const { kernels, memory, pool } = context;
  const scratchBytes = kernelOf(kernels, "columnsScratchBytes")();

  /** The addresses of views in row-major order; null unless all are. 0 stands for none. */
  function addresses(views: readonly (View | null)[]): number[] | null {
    const found: number[] = [];
    for (const x of views) {
      const address = x === null ? 0 : addressOf("normalize", x);
      if (x !== null && (address === 0 || x.dtype !== "float32")) return null;
      found.push(address);
    }
    return found;
  }

  const inOrder = (...views: readonly View[]): boolean =>
    views.every((x) => isRowMajor(x.shape, x.strides) && sizeOf(x.shape) > 0);

  /** Calls `body` with room for each of the parts of a call; false if there is none. */
  function withScratch(bytes: number, body: (address: number) => void): boolean {
    const parts = Math.min(32, 4 * pool.threads);
    const block = memory.alloc("uint8", bytes * parts);
    const hasRoom = block.pointer > 0;
    try {
      if (hasRoom) body(block.pointer);
    } finally {
      memory.free(block);
    }
    return hasRoom;
  }

  /**
   * Runs a kernel on all groups of a plan. `arrays` are the addresses of what it takes first, with
   * the bytes from one group to the next; `inner` says what weights belong to.
   */
  function run(
    name: string,
    plan: Plan,
    arrays: readonly (readonly [address: number, step: number])[],
    inner: readonly number[],
    eps: number,
  ): boolean {
    const { kind, groups, step, pieces, between, length } = plan;
    const size = kind === "columns" ? pieces : pieces * length;
    const grain = Math.ceil(cheapGrain / size);
    const at = (first: number): number[] =>
      arrays.map(([address, bytes]) => (address === 0 ? 0 : address + first * bytes));
    if (kind === "segments") {
      const kernel = kernelOf(kernels, `${name}Segments`);
      pool.split(kernel, groups, grain, (first, count) => [
        ...at(first),
        ...[count, step, pieces, between, length, ...inner, eps],
      ]);
      return true;
    }
    const kernel = kernelOf(kernels, `${name}Columns`);
    return withScratch(scratchBytes, (scratch) => {
      const call = (first: number, count: number, part: number): number[] => [
        ...at(first),
        ...[count, pieces, between, eps, scratch + part * scratchBytes],
      ];
      pool.split(kernel, groups, grain, call, { align: 16 });
    });
  }

  return {
    normalize(out, mean, variance, x, axes, weight, bias, eps) {
      const plan = planOf(x.shape, axes);
      const at = addresses([out, x, mean, variance, weight, bias]);
      if (plan === null || at === null || !inOrder(out, x, mean, variance)) return false;
      const owner = belongsTo([weight, bias], axes, plan);
      if (owner === null) return false;
      const [o, from, m, v, w, b] = at as [number, number, number, number, number, number];
      const isInner = owner === "places";
      const inner = plan.kind === "segments" ? [Number(isInner)] : [];
      const { step } = plan;
      const each = isInner ? 0 : 4;
      const arrays = [
        [o, step],
        [from, step],
        [m, 4],
        [v, 4],
        [w, each],
        [b, each],
      ] as const;
      return run("normalize", plan, arrays, inner, eps);
    },

    normalizeInputGradient(out, g, x, mean, variance, axes, weight, eps) {
      const plan = planOf(x.shape, axes);
      const at = addresses([out, g, x, mean, variance, weight]);
      if (plan === null || at === null || !inOrder(out, g, x, mean, variance)) return false;
      const owner = belongsTo([weight], axes, plan);
      if (owner === null) return false;
      const [o, slopes, from, m, v, w] = at as [number, number, number, number, number, number];
      const isInner = owner === "places";
      const inner = plan.kind === "segments" ? [Number(isInner)] : [];
      const { step } = plan;
      const walked = [o, slopes, from].map((address) => [address, step] as const);
      const arrays = [...walked, [m, 4], [v, 4], [w, isInner ? 0 : 4]] as const;
      return run("normalizeInput", plan, arrays, inner, eps);
    },

    normalizeWeightGradient(out, g, x, mean, variance, axes, eps) {
      const at = addresses([out, g, x, mean, variance]);
      if (at === null || !inOrder(out, g, x, mean, variance)) return false;
      const [o, slopes, from, m, v] = at as [number, number, number, number, number];
      const normalized = mean.shape.flatMap((length, axis) =>
        length === 1 && x.shape[axis] !== 1 ? [axis] : [],
      );
      const plan = planOf(x.shape, normalized);
      if (plan === null) return false;
      if (sameAxes(x.shape, axes, normalized)) {
        const { step } = plan;
        const arrays = [
          [o, 4],
          [slopes, step],
          [from, step],
          [m, 4],
          [v, 4],
        ] as const;
        return run("normalizeWeight", plan, arrays, [], eps);
      }
      const others = x.shape.flatMap((_, axis) => (normalized.includes(axis) ? [] : [axis]));
      const isRows = plan.kind === "segments" && plan.pieces === 1;
      if (!isRows || !sameAxes(x.shape, axes, others)) return false;
      const { groups, step, length } = plan;
      const kernel = kernelOf(kernels, "normalizeWeightRows");
      return withScratch(12 * length, (scratch) => {
        const call = (first: number, count: number): number[] => [
          ...[o + 4 * first, slopes + 4 * first, from + 4 * first, m, v, groups, step, count, eps],
          scratch + 12 * first,
        ];
        pool.split(kernel, length, Math.ceil(cheapGrain / groups), call, { align: 16 });
      });
    },
  };
}

/** Whether two lists name the same of the axes that have more than one place. */
function sameAxes(shape: readonly number[], a: readonly number[], b: readonly number[]): boolean {
  return shape.every((length, axis) => length === 1 || a.includes(axis) === b.includes(axis));
}
