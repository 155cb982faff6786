/** Activations: elementwise functions as modules. */
import type { Tensor } from "@needle/autograd";
import { Module } from "../module.ts";

/** `max(x, 0)`, any shape. */
export class ReLU extends Module {
  forward(x: Tensor): Tensor {
    return x.relu();
  }
}

/** `tanh(x)`, any shape. */
export class Tanh extends Module {
  forward(x: Tensor): Tensor {
    return x.tanh();
  }
}

/** `1 / (1 + e^-x)`, any shape. */
export class Sigmoid extends Module {
  forward(x: Tensor): Tensor {
    return x.sigmoid();
  }
}
