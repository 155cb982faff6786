/** Modules of tensors: what the layers of this package are. */
import type { Tensor } from "@needle/autograd";
import { Module } from "./module.ts";

/** A module whose `forward` says so when it is given something else than a tensor. */
export abstract class TensorModule<
  Inputs extends readonly unknown[] = [x: Tensor],
  Output = Tensor,
> extends Module<Inputs, Output> {
  static override readonly tensorInputs: readonly string[] = ["x"];
}
