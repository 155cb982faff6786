/** Every op of tensors meets every wrong argument with an error of its own. */
import { memory } from "@needle/ndarray";
import { complaint, type RecordedCall, wrongCalls } from "@needle/ndarray/testing";
import { describe, expect, test, vi } from "vitest";
import { arange, tensor } from "./index.ts";
import { samplesOf } from "./testing/cases/case.ts";
import { cases, type OpName } from "./testing/cases.ts";

const calls = vi.hoisted((): RecordedCall[] => []);

vi.mock(import("./ops/index.ts"), async (original) => {
  const { recording } = await import("@needle/ndarray/testing");
  return recording(await original(), calls);
});

/** Ops that leave positions and values to another one, in whose name these are refused. */
const delegates: Partial<Record<OpName, string>> = { at: "slice", put: "indexPut" };

/** More samples of a case hardly call its op in other ways. */
const samplesTried = 3;

describe("a wrong argument", () => {
  const others = [
    tensor([true, false]),
    arange(35, undefined, 1, { dtype: "float32" }).reshape([7, 5]),
    tensor([[9, -9, 100]], { dtype: "int32" }),
  ];

  test.each(Object.keys(cases) as OpName[])("of %s is named and shown", (op) => {
    calls.length = 0;
    for (const { inputs, run } of samplesOf(cases[op]).slice(0, samplesTried)) {
      run(...inputs);
    }
    const recorded = calls.filter(({ name }) => name === op).slice(0, samplesTried);
    const complaints = recorded.flatMap(({ name, run, args }) =>
      Array.from(wrongCalls(args, others), (wrong) =>
        complaint(name, run, wrong, () => memory().allocatedBytes),
      ).filter((text) => text !== null),
    );
    const own = (text: string): boolean => !text.includes(`: says ${delegates[op]}: `);
    expect(complaints.filter(own)).toEqual([]);
  });
});
