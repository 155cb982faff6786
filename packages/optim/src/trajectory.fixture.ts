/** Runs an optimizer on the function of the recorded paths. */
import { type Tensor, tensor } from "@needle/autograd";
import type { Optimizer } from "./index.ts";
import { a, c, start } from "./torch.fixture.ts";

export interface Path {
  readonly steps: number;
  readonly dtype: "float32" | "float64";
}

/** The parameter after each step, on `f(w) = sum(a / 2 * (w - c)^2 + sin(w))` from `start`. */
export function pathOf(
  make: (parameters: Tensor[]) => Optimizer,
  { steps, dtype }: Path,
): number[][] {
  const w = tensor([...start], { dtype, requiresGrad: true });
  const [curvature, center] = [tensor([...a], { dtype }), tensor([...c], { dtype })];
  const optimizer = make([w]);
  return Array.from({ length: steps }, () => {
    optimizer.resetGrad();
    w.sub(center).square().mul(curvature).mul(0.5).add(w.sin()).sum().backward();
    optimizer.step();
    return Array.from(w.toTypedArray());
  });
}

/** The same by plain numbers: `update` gets one element, its gradient and the step from 1. */
export function plainPathOf(
  makeUpdate: () => (w: number, gradient: number, step: number) => number,
  steps: number,
): number[][] {
  const w = [...start];
  const updates = w.map(makeUpdate);
  return Array.from({ length: steps }, (_, step) => {
    updates.forEach((update, i) => {
      w[i] = update(w[i]!, a[i]! * (w[i]! - c[i]!) + Math.cos(w[i]!), step + 1);
    });
    return [...w];
  });
}

/** The largest distance between two paths, relative where numbers are above 1. */
export function apart(path: number[][], other: number[][]): number {
  const distances = path.flatMap((row, i) =>
    row.map((x, j) => Math.abs(x - other[i]![j]!) / Math.max(1, Math.abs(x))),
  );
  return distances.length === other.flat().length ? Math.max(...distances) : Number.NaN;
}
