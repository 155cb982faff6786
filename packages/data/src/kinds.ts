/** What the functions of this package take; of numbers and flags speaks ndarray's `args`. */
import { isTensor } from "@needle/autograd";
import { args, arrayOptions, isNDArray } from "@needle/ndarray";

/** What a file holds. */
export const bytes: args.Kind = {
  expected: "a Uint8Array",
  holds: (value) => value instanceof Uint8Array,
  remedy: "An ArrayBuffer becomes one with new Uint8Array(buffer).",
};

export const text: args.Kind = args.text;

/** Of which there are no more than so many; infinitely many are no limit. */
export const atMost: args.Kind = {
  expected: "a number of at least 0",
  holds: (value) => typeof value === "number" && value >= 0,
};

/** Of how many images of a data set are read. */
export const limit: args.Kind = { ...args.whole(1), remedy: "Leave it out to load all." };

export const array: args.Kind = { expected: "an NDArray", holds: isNDArray };

export const tensorOrArray: args.Kind = {
  expected: "a tensor or an NDArray",
  holds: (value) => isTensor(value) || isNDArray(value),
  remedy: "Make one with tensor(...).",
};

/** The positions of a batch. */
export const positions: args.Kind = { expected: "an Int32Array", holds: ArrayBuffer.isView };

export const dataset: args.Kind = args.having(
  "a dataset, with length and batch",
  "length",
  "batch",
);

/** Some object, whose members are looked at one by one. */
export const object: args.Kind = args.having("an object");

/** Where arrays are put. */
export const backend: args.Kind = arrayOptions.backend;
