/**
 * Trains in a worker of a page with a content security policy, with what its URL hands to the backend: `module` the compiled
 * kernels, `worker` the workers' program. Prints how it went and the warnings.
 */
import { defaultBackend, rand } from "@needle/ndarray";
import type { WasmBackend, WasmOptions } from "../../src/index.ts";
import { train } from "./train.ts";

const { searchParams } = new URL(import.meta.url);
const warnings: string[] = [];
const module = searchParams.get("module");
const worker = searchParams.get("worker");

/** What a page calls while the file arrives. */
function compileFile(address: string): Promise<WasmOptions["module"]> {
  const { WebAssembly } = globalThis as unknown as {
    WebAssembly: { compileStreaming(file: Promise<unknown>): Promise<WasmOptions["module"]> };
  };
  return WebAssembly.compileStreaming(fetch(address));
}

const training = await train({
  threads: 2,
  onWarning: (message) => warnings.push(message),
  ...(module && { module: await compileFile(module) }),
  ...(worker && { worker }),
});
// Whether workers start is known a moment later.
for (let turn = 0; turn < 20; turn++) {
  await new Promise((resolve) => setTimeout(resolve, 20));
  rand([256, 256])
    .matmul(rand([256, 256]))
    .dispose();
}
const { threads, reason } = (defaultBackend() as WasmBackend).info();
console.log(`result: ${JSON.stringify({ ...training, threads, reason, warnings })}`);
