/** jax-js on its WebAssembly backend. It uses workers only where `Worker` is a global, which it is not in Node: one thread. */
import * as jax from "@jax-js/jax";
import { awaiting } from "../lib.mjs";

await jax.init("wasm");
jax.defaultDevice("wasm");

export { jax };
export const np = jax.numpy;

/** An array of these elements that is in memory already. */
export const arrayOf = (data, shape) => np.array(data).reshape(shape).blockUntilReady();

/** Runs `f`, waits for the array it gives, and frees that. */
export const waitingFor = (f) => awaiting(async () => (await f().blockUntilReady()).dispose());
