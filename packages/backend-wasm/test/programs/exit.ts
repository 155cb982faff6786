/** Computes on threads, says so, and has nothing left to do, while the workers watch or are parked. */
import { full } from "@needle/ndarray";
import { createTuned } from "../../src/create.ts";

const { backend, pool } = createTuned({ threads: 3 });
const x = full([1_000_000], 0.5, { backend });
const end = performance.now() + 20_000;
while (pool.helped < 10 && performance.now() < end) x.exp().dispose();
if (process.argv[2] === "parked") await new Promise((resolve) => setTimeout(resolve, 100));
console.log(pool.helped < 10 ? "no worker came" : "done");
