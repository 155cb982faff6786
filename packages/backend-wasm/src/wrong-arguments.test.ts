/** Every export meets every wrong argument with an error of its own. A new one gets a line here. */
import { callable, type Sweep, sweep } from "@needle/ndarray/testing";
import { afterEach, describe, expect, test, vi } from "vitest";
import * as wasm from "./index.ts";
import { binaryOf } from "./module.ts";
import { runtime } from "./webassembly.ts";

const options = {
  threads: 1,
  worker: "worker.js",
  deterministic: true,
  precise: true,
  module: new runtime.WebAssembly!.Module(binaryOf("strict", false)),
  maxBytes: 2 ** 20,
  onWarning: () => {},
};

// An address is any string, and a warning may be met in any way.
const takes = /worker \("wrong"\)|onWarning \(a function/;

const cases: Record<keyof typeof wasm, Sweep> = {
  createWasmBackend: { calls: [[options]], takes },
  createWasmBackendSync: { calls: [[options]], takes },
};

/** Linear memories made so far. */
const memories = vi.spyOn(runtime.WebAssembly!, "Memory");
afterEach(() => memories.mockClear());

describe.each(Object.entries({ ...wasm }))("%s", (name, exported) => {
  test("refuses what it does not take before it has reserved memory", async () => {
    const calls = cases[name as keyof typeof cases];
    expect(await sweep(name, callable(exported), calls, () => memories.mock.calls.length)).toEqual(
      [],
    );
    expect(memories).toHaveBeenCalled();
  });
});
