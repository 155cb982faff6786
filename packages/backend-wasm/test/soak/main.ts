/** `npm run soak -- --steps 10000`: every kind of loop on every backend, and what it leaves alive. */
import { createReferenceBackend } from "@needle/ndarray";
import { createWasmBackendSync } from "../../src/index.ts";
import { numbersOrExit } from "../numbers.ts";
import { loops, watch } from "./loops.ts";

const { steps } = numbersOrExit(
  "npm run soak",
  "Every kind of training loop on every backend, and the bytes alive early on and at the end.",
  { steps: { value: 10_000, about: "steps of a loop", least: 5000 } },
);

let failed = 0;
for (const [name, loop] of Object.entries(loops)) {
  for (const backend of [createReferenceBackend(), createWasmBackendSync()]) {
    const start = performance.now();
    const { buffers, bytes, usedBytes } = await watch(loop, backend, steps);
    const seconds = (performance.now() - start) / 1000;
    const isFlat = bytes[1] < bytes[0] * 1.1 + 1e4 && usedBytes[1] < usedBytes[0] * 1.1 + 1e5;
    if (!isFlat) failed++;
    console.log(
      `${isFlat ? "flat " : "GROWS"} ${backend.name.padEnd(9)} ${name.padEnd(38)} buffers ${buffers.join(" then ")}, bytes ${bytes.join(" then ")}; ${((seconds / steps) * 1e6).toFixed(0)} us a step`,
    );
  }
}
console.log(`${failed} of the loops grow`);
process.exitCode = failed > 0 ? 1 : 0;
