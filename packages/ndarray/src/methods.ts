/**
 * The methods of NDArray: every op that takes an array first, as `x.op(...)`. The type is derived
 * from the ops, and so are the methods, so that none is written twice.
 */
import { NDArray } from "./ndarray.ts";
import * as ops from "./ops/index.ts";

type Ops = typeof ops;

/** A function of an array and more, seen as a method of the array. */
type Method<F> = F extends (x: never, ...rest: infer Rest) => infer Result
  ? (...rest: Rest) => Result
  : never;

/** The ops as methods. */
export type ArrayMethods = { [Name in keyof Ops]: Method<Ops[Name]> };

for (const [name, op] of Object.entries(ops)) {
  Object.defineProperty(NDArray.prototype, name, {
    value(this: NDArray, ...rest: never[]): unknown {
      return (op as (x: NDArray, ...rest: never[]) => unknown)(this, ...rest);
    },
    writable: true,
    configurable: true,
  });
}
