/** Steps of optimizers: one pass over a parameter instead of one for each operation. */
import type { AdamStep, SGDStep, View } from "../../backend.ts";
import { dataOf, forEachRow } from "./loops.ts";

export function sgdStep(value: View, gradient: View, velocity: View | null, step: SGDStep): void {
  const { lr, momentum, weightDecay } = step;
  const w = dataOf(value);
  const g = dataOf(gradient);
  const u = velocity === null ? null : dataOf(velocity);
  const views = [value, gradient, velocity ?? value];
  forEachRow(value.shape, views, (offsets, count, steps) => {
    let [i, j, k] = offsets as [number, number, number];
    for (let n = 0; n < count; n++, i += steps[0]!, j += steps[1]!, k += steps[2]!) {
      let direction = g[j]! + weightDecay * w[i]!;
      if (u !== null) {
        direction = momentum * u[k]! + (1 - momentum) * direction;
        u[k] = direction;
      }
      w[i] = w[i]! - lr * direction;
    }
  });
}

export function adamStep(
  value: View,
  gradient: View,
  mean: View,
  square: View,
  step: AdamStep,
): void {
  const { lr, beta1, beta2, eps, weightDecay, decoupled, steps: taken } = step;
  const [l2, keep] = decoupled ? [0, 1 - lr * weightDecay] : [weightDecay, 1];
  const [w, g, m, v] = [dataOf(value), dataOf(gradient), dataOf(mean), dataOf(square)];
  // Both means began at 0; these make up for it.
  const [ofMean, ofSquare] = [1 - beta1 ** taken, 1 - beta2 ** taken];
  forEachRow(value.shape, [value, gradient, mean, square], (offsets, count, steps) => {
    let [i, j, k, l] = offsets as [number, number, number, number];
    for (let n = 0; n < count; n++) {
      const slope = g[j]! + l2 * w[i]!;
      const average = beta1 * m[k]! + (1 - beta1) * slope;
      const size = beta2 * v[l]! + (1 - beta2) * slope * slope;
      m[k] = average;
      v[l] = size;
      w[i] = keep * w[i]! - (lr * (average / ofMean)) / (Math.sqrt(size / ofSquare) + eps);
      i += steps[0]!;
      j += steps[1]!;
      k += steps[2]!;
      l += steps[3]!;
    }
  });
}
