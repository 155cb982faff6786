/** Steps of optimizers: one kernel for a parameter without gaps, else the reference kernels. */
import { type AdamStep, isRowMajor, type SGDStep, sizeOf, type View } from "@needle/ndarray";
import { cheapGrain } from "./calls.ts";
import { addressOf, type Context, kernelOf } from "./context.ts";

/** The optimizers' part of a backend. */
export interface Stepping {
  sgdStep(value: View, gradient: View, velocity: View | null, step: SGDStep): void;
  adamStep(value: View, gradient: View, mean: View, square: View, step: AdamStep): void;
}

/** The addresses of views that kernels can walk as one list of float32; null if one cannot be. */
function addresses(op: string, views: readonly View[]): number[] | null {
  const found = views.map((x) => addressOf(op, x));
  const fits = views.every((x, i) => {
    return x.dtype === "float32" && found[i] !== 0 && isRowMajor(x.shape, x.strides);
  });
  return fits ? found : null;
}

export function createStepping({ kernels, pool, fallback }: Context): Stepping {
  const sgd = kernelOf(kernels, "sgdFloat32");
  const adam = kernelOf(kernels, "adamFloat32");
  return {
    sgdStep(value, gradient, velocity, step) {
      const views = velocity === null ? [value, gradient] : [value, gradient, velocity];
      const at = addresses("sgdStep", views);
      if (at === null) return fallback.sgdStep(value, gradient, velocity, step);
      const { lr, momentum, weightDecay } = step;
      const size = sizeOf(value.shape);
      const [w, g, u] = at as [number, number, number | undefined];
      const factors = [-lr, momentum, 1 - momentum, weightDecay];
      pool.split(
        sgd,
        size,
        cheapGrain,
        (first, count) => {
          const by = 4 * first;
          return [w + by, g + by, u === undefined ? 0 : u + by, count, ...factors];
        },
        { align: 16 },
      );
    },

    adamStep(value, gradient, mean, square, step) {
      const at = addresses("adamStep", [value, gradient, mean, square]);
      if (at === null) return fallback.adamStep(value, gradient, mean, square, step);
      const { lr, beta1, beta2, eps, weightDecay, decoupled, steps } = step;
      const [l2, keep] = decoupled ? [0, 1 - lr * weightDecay] : [weightDecay, 1];
      const rate = -lr / (1 - beta1 ** steps);
      const scale = 1 / (1 - beta2 ** steps);
      const [w, g, m, v] = at as [number, number, number, number];
      const factors = [rate, beta1, 1 - beta1, beta2, 1 - beta2, scale, eps, l2, keep];
      pool.split(
        adam,
        sizeOf(value.shape),
        cheapGrain / 2,
        (first, count) => {
          const by = 4 * first;
          return [w + by, g + by, m + by, v + by, count, ...factors];
        },
        { align: 16 },
      );
    },
  };
}
