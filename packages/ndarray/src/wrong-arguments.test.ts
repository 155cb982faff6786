/** Every op meets every wrong argument with an error of its own. */
import { describe, expect, test, vi } from "vitest";
import { arange, array, createReferenceBackend, memory, type NDArray } from "./index.ts";
import { makeInputs, type OpName, opCalls } from "./testing/op-calls.ts";
import { complaint, type RecordedCall, wrongCalls } from "./testing/wrong-arguments.ts";

const calls = vi.hoisted((): RecordedCall[] => []);

vi.mock(import("./ops/index.ts"), async (original) => {
  const { recording } = await import("./testing/wrong-arguments.ts");
  return recording(await original(), calls);
});

/** Ops that are no methods, or whose calls in the table do not pass what they take. */
describe("a wrong argument", () => {
  const others = (backend: ReturnType<typeof createReferenceBackend>): NDArray[] => [
    array([true, false], { backend }),
    arange(35, undefined, 1, { dtype: "float32", backend }).reshape([7, 5]),
    array([[9, -9, 100]], { dtype: "int32", backend }),
  ];

  test.each(Object.keys(opCalls) as OpName[])("of %s is named and shown", (op) => {
    const backend = createReferenceBackend();
    calls.length = 0;
    for (const call of opCalls[op]) call.run(...makeInputs(call, backend));
    const own = calls.filter(({ name }) => name === op);
    const complaints = own.flatMap(({ name, run, args }) =>
      Array.from(wrongCalls(args, others(backend)), (wrong) =>
        complaint(name, run, wrong, () => memory(backend).allocatedBytes),
      ).filter((text) => text !== null),
    );
    expect(complaints).toEqual([]);
  });
});
