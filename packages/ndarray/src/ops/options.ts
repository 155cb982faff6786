/** What the options of ops must be, where layers take the same ones. */
import { type Kinds, number, oneOf } from "../args.ts";
import type { GeluOptions, SoftplusOptions } from "./activations.ts";

/** What the options of `gelu` must be. */
export const geluOptions: Kinds<GeluOptions> = { approximate: oneOf("none", "tanh") };

/** What the options of `softplus` must be. */
export const softplusOptions: Kinds<SoftplusOptions> = { beta: number, threshold: number };
