/**
 * Laws of every op: it is a method, leaves no memory behind, and gives the shape and dtype that the
 * shape-only backend says.
 */
import { describe, expect, test } from "vitest";
import {
  concat,
  createReferenceBackend,
  createShapeOnlyBackend,
  DeviceError,
  MemoryError,
  memory,
  NDArray,
  NeedleError,
  stack,
  zeros,
} from "../index.ts";
import { makeInputs, type OpCall, type OpName, opCalls } from "../testing/op-calls.ts";
import * as ops from "./index.ts";

const calls = (Object.entries(opCalls) as [OpName, readonly OpCall[]][]).flatMap(([op, list]) =>
  list.map((call) => [`${op}: ${call.about}`, op, call] as const),
);

/** Ops that write into their first argument, which is what they give. */
const inPlace: readonly OpName[] = ["assign", "fill"];

/** Ops made of other views, whose names their errors may bear. */
const views: readonly OpName[] = ["flatten", "flip", "transpose", "compact", "reshape"];

describe("every op", () => {
  test.each(calls.filter(([, , { reads }]) => reads === true))(
    "%s says on the shape-only backend that it needs values",
    (_, op, call) => {
      const inputs = makeInputs(call, createShapeOnlyBackend());
      const problem = "the shape of the result depends on values, which the shape-only backend";
      expect(() => call.run(...inputs)).toThrow(DeviceError);
      expect(() => call.run(...inputs)).toThrow(`${op}: ${problem}`);
    },
  );

  test.each(calls.filter(([, , { reads }]) => reads !== true))(
    "%s gives the shape and dtype that the shape-only backend gives",
    (_, op, call) => {
      const [real, hollow] = [createReferenceBackend(), createShapeOnlyBackend()].map((backend) =>
        call.run(...makeInputs(call, backend)),
      );
      expect([hollow!.shape, hollow!.dtype]).toEqual([real!.shape, real!.dtype]);
      expect(real!.toTypedArray().length).toBe(real!.size);
      expect(op).toBeTypeOf("string");
    },
  );

  test.each(calls)("%s keeps nothing but its result", (_, __, call) => {
    const backend = createReferenceBackend();
    const inputs = makeInputs(call, backend);
    const before = memory(backend).buffers;
    const result = call.run(...inputs);
    const isView = inputs.some((x) => x.storage === result.storage);
    const chained = call.about.includes("transposed");
    if (!chained) expect(memory(backend).buffers).toBe(before + (isView ? 0 : 1));
    result.dispose();
    for (const x of inputs) x.dispose();
    if (!chained) expect(memory(backend)).toMatchObject({ buffers: 0, bytes: 0 });
  });

  test.each(calls)("%s leaves its arguments as they are", (_, op, call) => {
    const inputs = makeInputs(call, createReferenceBackend());
    const before = inputs.map((x) => x.toArray());
    call.run(...inputs);
    const changed = inPlace.includes(op) ? 1 : 0;
    expect(inputs.slice(changed).map((x) => x.toArray())).toEqual(before.slice(changed));
  });

  const unchained = calls.filter(
    ([, op, { about }]) => !about.includes("transposed") && op !== "to",
  );
  test.each(unchained)("%s says that its first operand is no array", (_, op, call) => {
    const inputs = makeInputs(call, createReferenceBackend());
    for (const wrong of [undefined, null, "1", {}]) {
      const run = (): unknown => call.run(...inputs.with(0, wrong as unknown as NDArray));
      expect(run, `${wrong}`).toThrow(NeedleError);
      expect(run).toThrow(`${op}: `);
    }
  });

  test.each(calls)("%s refuses an array that was freed, and allocates nothing", (_, op, call) => {
    const backend = createReferenceBackend();
    const inputs = makeInputs(call, backend);
    for (const x of inputs) x.dispose();
    expect(() => call.run(...inputs)).toThrow(MemoryError);
    if (!views.includes(op)) expect(() => call.run(...inputs)).toThrow(`${op}: the array`);
    expect(memory(backend).buffers).toBe(0);
  });
});

describe("ops of several arrays", () => {
  test("say which operand is no array", () => {
    const x = zeros([2, 2]);
    const two = 2 as unknown as NDArray;
    const problem = "the operand is an array, got 2\nMake one with array(...).";
    expect(() => x.matmul(two)).toThrow(`matmul: ${problem}`);
    expect(() => x.affine(two)).toThrow(`affine: ${problem}`);
    expect(() => x.take(two)).toThrow(`take: ${problem}`);
    expect(() => x.gather(0, two)).toThrow(`gather: ${problem}`);
    expect(() => x.maskedFill(two, 0)).toThrow(`maskedFill: ${problem}`);
    expect(() => x.conv1d(two)).toThrow(`conv1d: ${problem}`);
    expect(() => concat([x, two])).toThrow(`concat: ${problem}`);
    expect(() => stack([x, two])).toThrow(`stack: ${problem}`);
    const notListed = x as unknown as NDArray[];
    expect(() => concat(notListed)).toThrow("concat: takes arrays in an array");
    expect(() => x.indexPut(notListed, 0)).toThrow("indexPut: takes indices in an array");
  });
});

describe("methods", () => {
  test("are the ops, none of them listed among an array's own fields", () => {
    for (const name of Object.keys(ops)) {
      expect(NDArray.prototype).toHaveProperty(name);
      expect(Object.keys(NDArray.prototype)).not.toContain(name);
    }
  });
});
