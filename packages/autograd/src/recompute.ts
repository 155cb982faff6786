/**
 * Derivatives by running a function again: what composite ops and checkpoints have in common. Of
 * such an op only the inputs are kept; when a derivative is asked for, the function runs on
 * stand-ins for them and the graph it leaves is differentiated.
 */
import { adjointsOf } from "./backward.ts";
import { pushForward } from "./forward.ts";
import { isDifferentiable } from "./graph.ts";
import { enableGrad, isRecording } from "./mode.ts";
import { newestId, Tensor } from "./tensor.ts";
import { forget } from "./trace.ts";

/** A function that can be run again on stand-ins for its inputs. */
export interface Recomputation {
  /** The op's name. */
  readonly name: string;
  readonly run: (inputs: readonly Tensor[]) => Tensor;
  /** Tensors that `run` reads besides, and is to be differentiated by. */
  readonly outside: readonly Tensor[];
  /** Throws unless the new result was computed from the same tensors. */
  readonly check?: (y: Tensor, since: number, primals: readonly Tensor[]) => void;
}

/**
 * The adjoints of the inputs at the positions `needed`, those of `outside` counted after those of
 * `inputs`. They are recorded if that is on.
 */
export function adjointsThrough(
  { name, run, outside, check }: Recomputation,
  needed: readonly number[],
  g: Tensor,
  inputs: readonly Tensor[],
): Tensor[] {
  const createGraph = isRecording() && isDifferentiable([g, ...inputs, ...outside]);
  const since = newestId();
  // Views of the inputs, so that an input that is passed twice counts once for each place.
  const primals = inputs.map((x, k) => {
    if (createGraph) return x.requiresGrad ? x.reshape(x.shape) : x;
    return needed.includes(k) ? new Tensor(x.value, { requiresGrad: true }) : x.detach();
  });
  const y = enableGrad(() => run(primals));
  check?.(y, since, primals);
  const all = [...primals, ...outside];
  const wanted = needed.map((k) => all[k]!);
  const adjoints = adjointsOf([y], wanted, { seeds: [g], createGraph, stop: true });
  // What the adjoints do not need of the second run would wait for the garbage collector.
  forget(`${name}`, [y], createGraph ? adjoints : [], since);
  return adjoints;
}

/** The tangent of the result from those of the inputs and of `outside`; null for zero. */
export function tangentThrough(
  { name, run, outside, check }: Recomputation,
  tangents: readonly (Tensor | null)[],
  inputs: readonly Tensor[],
): Tensor {
  const nested = isRecording();
  const since = newestId();
  const primals = inputs.map((x, k) => {
    if (nested && x.requiresGrad) return x.reshape(x.shape);
    return tangents[k] === null ? x.detach() : new Tensor(x.value, { requiresGrad: true });
  });
  const y = enableGrad(() => run(primals));
  check?.(y, since, primals);
  const all = [...primals, ...outside];
  const moving = [...all.keys()].filter((k) => tangents[k] !== null);
  const [tangent] = pushForward(
    [y],
    moving.map((k) => all[k]!),
    moving.map((k) => tangents[k]!),
    true,
    (x) => x.id <= since,
  );
  forget(`${name}`, [y], nested ? [tangent!] : [], since);
  return tangent!;
}
