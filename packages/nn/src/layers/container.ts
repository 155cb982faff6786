/** Modules made of modules, and those that only reshape. */
import type { Tensor } from "@needle/autograd";
import { ArgumentError, sizeOf } from "@needle/ndarray";
import { Module } from "../module.ts";

/** A module from one tensor to one tensor. */
export type Layer = Module<[x: Tensor], Tensor>;

/**
 * Modules applied one after the other.
 *
 * @example
 * import { zeros } from "@needle/autograd";
 * import { Linear, ReLU, Sequential } from "@needle/nn";
 * const model = new Sequential(new ReLU(), new Linear(4, 2));
 * model.forward(zeros([3, 4])).shape; // => [3,2]
 * model.namedParameters().map(([name]) => name); // => ["layers.1.weight","layers.1.bias"]
 */
export class Sequential extends Module {
  readonly layers: readonly Layer[];

  constructor(...layers: readonly Layer[]) {
    super();
    layers.forEach((layer, i) => {
      checkModule("Sequential", `argument ${i}`, layer);
    });
    this.layers = layers;
  }

  forward(x: Tensor): Tensor {
    return this.layers.reduce((input, layer) => layer.forward(input), x);
  }
}

/**
 * `fn(x) + x`: what `fn` gives must have the shape of `x`.
 *
 * He et al., Deep residual learning for image recognition (2015); CMU 10-714 hw2.
 *
 * @throws ShapeError when it has not.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * import { ReLU, Residual } from "@needle/nn";
 * new Residual(new ReLU()).forward(tensor([-1, 2])); // => [-1.  4.]
 */
export class Residual extends Module {
  readonly fn: Layer;

  constructor(fn: Layer) {
    super();
    checkModule("Residual", "fn", fn);
    this.fn = fn;
  }

  forward(x: Tensor): Tensor {
    const y = this.fn.forward(x);
    y.expectShape("Residual", x.shape);
    return y.add(x);
  }
}

/** The input itself. */
export class Identity extends Module {
  forward(x: Tensor): Tensor {
    return x;
  }
}

/**
 * All axes but the first joined: `[batch, …] -> [batch, features]`.
 *
 * @example
 * import { zeros } from "@needle/autograd";
 * import { Flatten } from "@needle/nn";
 * new Flatten().forward(zeros([32, 28, 28])).shape; // => [32,784]
 */
export class Flatten extends Module {
  forward(x: Tensor): Tensor {
    return x.reshape([x.shape[0] ?? 1, sizeOf(x.shape.slice(1))]);
  }
}

function checkModule(op: string, what: string, layer: unknown): void {
  if (layer instanceof Module) return;
  throw new ArgumentError(
    op,
    `${what} is not a Module`,
    "Wrap functions in a Module of their own.",
  );
}
