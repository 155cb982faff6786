/** The garbage that tests before have left, out of the way of one that counts buffers. */
import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { memory } from "@needle/ndarray";

/** Collects all garbage, then gives how many buffers are alive. */
export async function buffersInUse(): Promise<number> {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  let last = Number.NaN;
  while (memory().buffers !== last) {
    last = memory().buffers;
    collect();
    // Finalizers run between turns.
    for (let turn = 0; turn < 4; turn++) await setImmediate();
  }
  return last;
}
