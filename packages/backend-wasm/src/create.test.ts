/**
 * Making backends: what they say of themselves, compiled modules from outside, options out of
 * range.
 */
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { ArgumentError, array, NeedleError } from "@needle/ndarray";
import { afterEach, describe, expect, test, vi } from "vitest";
import { strictSources } from "./generated/strict.ts";
import { createWasmBackend, createWasmBackendSync } from "./index.ts";
import { binaryOf } from "./module.ts";
import { runtime } from "./webassembly.ts";

const WebAssembly = runtime.WebAssembly!;

afterEach(() => vi.unstubAllGlobals());

/** The bytes of a whole number in an instruction. */
function leb128(value: number): number[] {
  const low = value & 127;
  const rest = value >> 7;
  const isLast = rest === (low & 64 ? -1 : 0);
  return isLast ? [low] : [low | 128, ...leb128(rest)];
}

describe("info", () => {
  test("tells the build, the threads and the memory", async () => {
    const info = (await createWasmBackend()).info();
    expect(info).toMatchObject({
      build: "relaxed",
      threads: Math.min(availableParallelism(), 8),
      reason: null,
      usedBytes: 0,
      freeBytes: 0,
      outsideBytes: 0,
    });
    expect(info.reservedBytes).toBeGreaterThan(0);
  });

  test("says why there are fewer threads than asked for, and warns once", async () => {
    const onWarning = vi.fn();
    const module = await WebAssembly.compile(binaryOf("strict", false));
    const backend = await createWasmBackend({ threads: 4, module, onWarning });
    expect(backend.info()).toMatchObject({
      threads: 1,
      reason: "the module is not a -threads.wasm",
    });
    expect(onWarning.mock.calls).toEqual([
      ["needle: running on 1 of 4 threads: the module is not a -threads.wasm."],
    ]);
  });

  test("deterministic chooses the strict build", async () => {
    expect((await createWasmBackend({ deterministic: true })).info().build).toBe("strict");
    expect(createWasmBackendSync({ deterministic: true }).info().build).toBe("strict");
  });

  test("bytes in use follow the arrays", async () => {
    const backend = await createWasmBackend();
    const x = array([1, 2, 3], { backend });
    expect(backend.info().usedBytes).toBe(64);
    x.dispose();
    expect(backend.info()).toMatchObject({ usedBytes: 0, freeBytes: 64 });
  });
});

describe("modules from outside", () => {
  for (const build of ["relaxed", "strict"] as const) {
    for (const threads of [1, 3]) {
      const file = `${build}${threads > 1 ? "-threads" : ""}.wasm`;
      test(`the compiled ${file} says what it is`, async () => {
        createWasmBackendSync();
        const module = await WebAssembly.compile(
          readFileSync(new URL(`./generated/${file}`, import.meta.url)),
        );
        const backend = await createWasmBackend({ module, threads });
        expect(backend.info()).toMatchObject({ build, threads, reason: null });
        expect(array([1, 2], { backend }).add(1).sum().item()).toBe(5);
      });
    }
  }

  test("one of another version is refused", () => {
    const bytes = binaryOf("strict", false);
    // The function that returns one constant and ends.
    const body = Buffer.from([0x41, ...leb128(strictSources), 0x0b]);
    const at = Buffer.from(bytes).indexOf(body) + 1;
    bytes[at] = bytes[at]! ^ 1;
    const module = new WebAssembly.Module(bytes);
    expect(() => createWasmBackendSync({ module })).toThrowErrorMatchingInlineSnapshot(`
      [ArgumentError: createWasmBackendSync: module is of another version of @needle/backend-wasm
      Compile the file of the version that is installed.]
    `);
  });

  test("one of something else is refused, whatever it imports", () => {
    const empty = new WebAssembly.Module(Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]));
    expect(() => createWasmBackendSync({ module: empty })).toThrowErrorMatchingInlineSnapshot(`
      [ArgumentError: createWasmBackendSync: module must be a compiled module of @needle/backend-wasm, got Module
      Compile the bytes of its relaxed.wasm or strict.wasm with WebAssembly.compile.]
    `);
  });

  test("one for threads runs on one thread, too", async () => {
    const module = await WebAssembly.compile(binaryOf("strict", true));
    const backend = await createWasmBackend({ module, threads: 1 });
    expect(backend.info()).toMatchObject({ threads: 1, reason: null });
    expect(array([1, 2], { backend }).add(1).sum().item()).toBe(5);
  });
});

describe("options out of range", () => {
  test("threads", async () => {
    await expect(createWasmBackend({ threads: 0 })).rejects.toThrow(ArgumentError);
    expect(() => createWasmBackendSync({ threads: 1.5 })).toThrowErrorMatchingInlineSnapshot(
      `[ArgumentError: createWasmBackendSync: threads must be a whole number of at least 1, got 1.5]`,
    );
  });

  test("maxBytes", () => {
    expect(() => createWasmBackendSync({ maxBytes: 5 })).toThrowErrorMatchingInlineSnapshot(
      `[ArgumentError: createWasmBackendSync: maxBytes must be between 1 MiB and 4 GiB, got 5]`,
    );
  });
});

describe("engines", () => {
  test("without relaxed SIMD the strict build runs", () => {
    const validate = WebAssembly.validate.bind(WebAssembly);
    // Without waiting: the test runner needs its process in the next turn.
    vi.stubGlobal("process", undefined);
    vi.spyOn(WebAssembly, "validate").mockImplementation((bytes) => {
      const isRelaxed = bytes.at(-2) === 2;
      return !isRelaxed && validate(bytes);
    });
    const { build } = createWasmBackendSync().info();
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
    expect(build).toBe("strict");
  });

  test("without SIMD there is an error that names the remedy", () => {
    vi.spyOn(WebAssembly, "validate").mockReturnValue(false);
    expect(() => createWasmBackendSync()).toThrowErrorMatchingInlineSnapshot(`
      [NeedleError: createWasmBackendSync: this engine has no WebAssembly SIMD
      Use createReferenceBackend() here.]
    `);
    vi.restoreAllMocks();
  });

  test("without WebAssembly there is an error, too", async () => {
    vi.stubGlobal("WebAssembly", undefined);
    await expect(createWasmBackend()).rejects.toThrow(NeedleError);
    vi.unstubAllGlobals();
  });
});
