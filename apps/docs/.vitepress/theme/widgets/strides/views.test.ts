import { NeedleError } from "@needle/ndarray";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  addressFormula,
  cellsOf,
  pagesOf,
  readShape,
  type Stage,
  type Step,
  start,
  take,
} from "./views.ts";

function after(stage: Stage, ...steps: Step[]): Stage {
  return steps.reduce(take, stage);
}

const layoutOf = ({ array: { shape, strides, offset } }: Stage): unknown => ({
  shape,
  strides,
  offset,
});

describe("the memory stays while the strides change", () => {
  const stage = start("3, 4");
  const steps: [string, Step, object][] = [
    ["transpose", { op: "transpose" }, { shape: [4, 3], strides: [1, 4], offset: 0 }],
    ["flip", { op: "flip", axis: 0 }, { shape: [3, 4], strides: [-4, 1], offset: 8 }],
    [
      "slice",
      { op: "slice", indices: ["1:3", "::-2"] },
      { shape: [2, 2], strides: [4, -2], offset: 7 },
    ],
    ["a position", { op: "slice", indices: [" 1", ""] }, { shape: [4], strides: [1], offset: 4 }],
    [
      "broadcastTo",
      { op: "broadcastTo", shape: "[2, 3, 4]" },
      { shape: [2, 3, 4], strides: [0, 4, 1], offset: 0 },
    ],
    ["reshape", { op: "reshape", shape: "2 -1" }, { shape: [2, 6], strides: [6, 1], offset: 0 }],
  ];
  test.each(steps)("with %s", (_, step, layout) => {
    const next = take(stage, step);
    expect(layoutOf(next)).toEqual(layout);
    expect(next).toMatchObject({ effect: "view", memoryNumber: 0, memory: stage.memory });
    expect(next.array.storage).toBe(stage.array.storage);
  });
});

describe("new memory", () => {
  const transposed = take(start("2, 3"), { op: "transpose" });

  test("comes with compact()", () => {
    const compact = take(transposed, { op: "compact" });
    expect(compact).toMatchObject({ effect: "compact", memoryNumber: 1 });
    expect(compact.array.strides).toEqual([2, 1]);
    expect(compact.memory.toArray()).toEqual([0, 3, 1, 4, 2, 5]);
    expect(take(compact, { op: "compact" })).toMatchObject({ effect: "same", memoryNumber: 1 });
  });

  test("comes with a reshape that no strides can express", () => {
    const reshaped = take(transposed, { op: "reshape", shape: "6" });
    expect(reshaped).toMatchObject({ effect: "reshape", memoryNumber: 1 });
    expect(reshaped.array.toArray()).toEqual([0, 3, 1, 4, 2, 5]);
  });
});

test("the program is written down", () => {
  const steps: Step[] = [
    { op: "transpose" },
    { op: "slice", indices: ["1:", "-1"] },
    { op: "flip", axis: 0 },
    { op: "broadcastTo", shape: "2,2" },
    { op: "reshape", shape: "4" },
    { op: "compact" },
  ];
  expect(after(start("2 3"), ...steps).code).toBe(
    'arange(6).reshape([2, 3]).transpose().slice("1:", -1).flip(0)' +
      ".broadcastTo([2, 2]).reshape([4]).compact()",
  );
  expect(start("5").code).toBe("arange(5)");
});

test("cells are the elements with their places, whatever was done", () => {
  const step = fc.oneof(
    fc.constant<Step>({ op: "transpose" }),
    fc.constant<Step>({ op: "compact" }),
    fc.nat(2).map((axis): Step => ({ op: "flip", axis })),
    fc
      .array(fc.constantFrom(":", "::2", "::-1", "1:", "0"), { minLength: 1, maxLength: 3 })
      .map((indices): Step => ({ op: "slice", indices })),
    fc.constantFrom("2, 2, 3", "3", "1, 6", "6", "-1").map(
      (shape): Step => ({
        op: "broadcastTo",
        shape,
      }),
    ),
    fc.constantFrom("2, 3", "6", "-1", "3, -1", "1, 2, 3").map(
      (shape): Step => ({
        op: "reshape",
        shape,
      }),
    ),
  );
  const property = fc.property(
    fc.constantFrom("6", "2, 3", "3, 4", "2, 3, 2"),
    fc.array(step),
    (shape, steps) => {
      let stage = start(shape);
      for (const next of steps) {
        try {
          stage = take(stage, next);
        } catch (error) {
          expect(error).toBeInstanceOf(NeedleError);
        }
      }
      const cells = cellsOf(stage);
      expect(cells.map(({ value }) => value)).toEqual([...stage.array.toTypedArray()]);
      for (const cell of cells) {
        expect(stage.array.slice(...cell.index).item()).toBe(cell.value);
        expect(stage.memory.slice(cell.address).item()).toBe(cell.value);
        expect(addressFormula(stage, cell)).toMatch(new RegExp(` = ${cell.address}$`));
      }
    },
  );
  fc.assert(property, { seed: 1, numRuns: 200 });
});

describe("pages", () => {
  test.each([
    ["5", [[0, 1, 2, 3, 4]]],
    [
      "2, 2",
      [
        [0, 1],
        [2, 3],
      ],
    ],
  ])("of [%s] are one", (shape, rows) => {
    const pages = pagesOf(start(shape));
    expect(pages.map(({ at }) => at)).toEqual([[]]);
    expect(pages[0]!.rows.map((row) => row.map(({ value }) => value))).toEqual(rows);
  });

  test("of more axes are one for each place", () => {
    const pages = pagesOf(start("2, 2, 1, 2"));
    expect(pages.map(({ at }) => at)).toEqual([
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ]);
    expect(pages[2]!.rows[0]!.map(({ value }) => value)).toEqual([4, 5]);
  });

  test("of a number are one cell, of nothing none", () => {
    const stage = start("2, 3");
    const position = take(stage, { op: "slice", indices: ["1", "2"] });
    expect(pagesOf(position)).toMatchObject([{ at: [], rows: [[{ value: 5, address: 5 }]] }]);
    expect(addressFormula(position, cellsOf(position)[0]!)).toBe("5 = 5");
    expect(pagesOf(take(stage, { op: "slice", indices: ["2:1"] }))).toEqual([]);
  });
});

test("an address is the offset and index times stride along each axis", () => {
  const stage = take(start("3, 4"), { op: "flip", axis: 0 });
  expect(addressFormula(stage, cellsOf(stage)[6]!)).toBe("8 + 1·(−4) + 2·1 = 6");
});

describe("what does not work is said", () => {
  test.each([
    ["a, 2", 'shape: "a" is not a whole number'],
    ["7, 7", "shape: from 1 to 48 elements fit here, not [7,7]"],
    ["0, 3", "shape: from 1 to 48 elements fit here, not [0,3]"],
    ["1 1 1 1 1", "shape: at most 4 axes fit here, not 5"],
  ])("a start of %s", (text, message) => {
    expect(() => start(text)).toThrow(message);
  });

  test.each<[Step, string]>([
    [{ op: "broadcastTo", shape: "50, 2, 3" }, "at most 120 elements fit here, not 300"],
    [{ op: "broadcastTo", shape: "1,1,1,2,3" }, "at most 4 axes fit here, not 5"],
    [{ op: "reshape", shape: "4" }, "reshape"],
    [{ op: "flip", axis: 2 }, "flip"],
    [{ op: "slice", indices: ["5"] }, "slice: index 5 is out of range for axis 0 of length 2"],
  ])("%j", (step, message) => {
    expect(() => take(start("2, 3"), step)).toThrow(message);
  });
});

test.each([
  ["2, 3", [2, 3]],
  [" [2,3] ", [2, 3]],
  ["(4)", [4]],
  ["2x3×4", [2, 3, 4]],
  ["", []],
])("the shape %j", (text, shape) => {
  expect(readShape(text)).toEqual(shape);
});
