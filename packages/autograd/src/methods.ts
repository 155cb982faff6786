/**
 * The methods of Tensor: every op that takes a tensor first, as `x.op(...)`, and `backward`. The
 * type is derived from the ops, and so are the methods, so that none is written twice.
 */
import { backward } from "./backward.ts";
import * as ops from "./ops/index.ts";
import { Tensor } from "./tensor.ts";

type Methods = typeof ops & { backward: typeof backward };

/** A function of a tensor and more, seen as a method of the tensor. */
type Method<F> = F extends (x: never, ...rest: infer Rest) => infer Result
  ? (...rest: Rest) => Result
  : never;

/** The ops as methods. */
export type TensorMethods = { [Name in keyof Methods]: Method<Methods[Name]> };

for (const [name, op] of Object.entries({ ...ops, backward })) {
  Object.defineProperty(Tensor.prototype, name, {
    value(this: Tensor, ...rest: never[]): unknown {
      return (op as (x: Tensor, ...rest: never[]) => unknown)(this, ...rest);
    },
    writable: true,
    configurable: true,
  });
}
