import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ArgumentError, arange, type Index, IndexError, zeros } from "./index.ts";
import { anyViews, indexExpressions } from "./testing/arbitraries.ts";
import { arrayOfView } from "./testing/arrays.ts";
import { assertSame } from "./testing/close.ts";
import { HostArray, multiIndices } from "./testing/host.ts";

const fixture = JSON.parse(
  readFileSync(new URL("./slice.fixture.json", import.meta.url), "utf8"),
) as {
  readonly slices: Readonly<Record<string, string>>;
};

type Range = readonly [number | null, number | null, number | null];

/** Every range of the fixture for one length and step, in its order. */
function ranges(length: number, step: number | null): Range[] {
  const bounds = [null, ...Array.from({ length: 2 * length + 3 }, (_, i) => i - length - 1)];
  return bounds.flatMap((start) => bounds.map((stop): Range => [start, stop, step]));
}

/** Python's `range(n)[start:stop:step]` as it was printed. */
function pythonPositions(length: number, [start, stop, step]: Range): number[] {
  const cut = (bound: number | null): number | null =>
    bound === null ? null : Math.min(length + 1, Math.max(-length - 1, bound));
  const found = ranges(length, step).findIndex(
    (one) => one[0] === cut(start) && one[1] === cut(stop),
  );
  const printed =
    fixture.slices[`${length} ${step === null || step === 1 ? "None" : step}`]!.split(" ")[found]!;
  return printed === "-" ? [] : Array.from(printed, Number);
}

describe("a range", () => {
  test.each(Object.entries(fixture.slices))(
    "selects what Python selects (length and step %s)",
    (name, printed) => {
      const [length, step] = name.split(" ").map((part) => (part === "None" ? null : Number(part)));
      const x = arange(length!);
      const found = ranges(length!, step!).map((range) => x.slice(range).toArray());
      expect(found.map((list) => (list as number[]).join("") || "-").join(" ")).toBe(printed);
    },
  );

  test("can be written as text", () => {
    const x = arange(10);
    expect(x.slice("2:8:3").toArray()).toEqual([2, 5]);
    expect(x.slice(" -3 : ").toArray()).toEqual([7, 8, 9]);
    expect(x.slice("::-4").toArray()).toEqual([9, 5, 1]);
    expect(x.slice(":+2").toArray()).toEqual([0, 1]);
  });

  test("can leave out numbers", () => {
    expect(arange(4).slice([]).toArray()).toEqual([0, 1, 2, 3]);
    expect(arange(4).slice([1]).toArray()).toEqual([1, 2, 3]);
    expect(arange(4).slice([undefined, -1]).toArray()).toEqual([0, 1, 2]);
  });
});

/**
 * Positions along each axis of `x` that index expressions select, `null` for axes that go away, -1
 * for new ones.
 */
function selected(
  shape: readonly number[],
  indices: readonly Index[],
): { readonly kept: boolean; readonly positions: number[] }[] {
  const named = indices.filter((index) => index !== null && index !== "...").length;
  const hasEllipsis = indices.includes("...");
  const rest = new Array<Index>(shape.length - named).fill(":");
  const all = hasEllipsis
    ? indices.flatMap((index) => (index === "..." ? rest : [index]))
    : [...indices, ...rest];
  let axis = 0;
  return all.map((index) => {
    if (index === null) return { kept: true, positions: [-1] };
    const length = shape[axis++]!;
    if (typeof index === "number") return { kept: false, positions: [(index + length) % length] };
    const fields =
      typeof index === "string"
        ? index.split(":").map((field) => (field === "" ? null : Number(field)))
        : index;
    const [start = null, stop = null, step = null] = fields;
    return { kept: true, positions: pythonPositions(length, [start, stop, step]) };
  });
}

describe("slice", () => {
  test("selects along every axis at once, on any strides", () => {
    const sample = anyViews("int32", { maxRank: 3, maxSize: 64 })
      .filter((view) => view.shape.every((length) => length <= 4))
      .chain((view) => fc.tuple(fc.constant(view), indexExpressions(view.shape)));
    fc.assert(
      fc.property(sample, ([view, indices]) => {
        const axes = selected(view.shape, indices);
        const source = HostArray.of(view);
        const values = multiIndices(axes.map(({ positions }) => positions.length)).map((index) =>
          source.at(
            index
              .map((i, axis) => axes[axis]!.positions[i]!)
              .filter((_, axis) => axes[axis]!.positions[0] !== -1),
          ),
        );
        const shape = axes.filter(({ kept }) => kept).map(({ positions }) => positions.length);
        assertSame(arrayOfView(view).slice(...indices), new HostArray("int32", shape, values));
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  test("of a slice selects the positions that both select, one after the other", () => {
    const sample = anyViews("int32", { maxRank: 3, maxSize: 64 })
      .filter((view) => view.shape.every((length) => length <= 4))
      .chain((view) => {
        const lengthsAfter = (indices: readonly Index[]): number[] =>
          selected(view.shape, indices)
            .filter(({ kept }) => kept)
            .map(({ positions }) => positions.length);
        return indexExpressions(view.shape).chain((first) =>
          fc.tuple(fc.constant(view), fc.constant(first), indexExpressions(lengthsAfter(first))),
        );
      });
    fc.assert(
      fc.property(sample, ([view, first, second]) => {
        const outer = selected(view.shape, first);
        const kept = outer.filter((axis) => axis.kept);
        const inner = selected(
          kept.map(({ positions }) => positions.length),
          second,
        );
        const shape = inner.filter((axis) => axis.kept).map(({ positions }) => positions.length);
        const source = HostArray.of(view);
        const values = multiIndices(inner.map(({ positions }) => positions.length)).map((index) => {
          const inKept = index
            .map((i, axis) => inner[axis]!.positions[i]!)
            .filter((_, axis) => inner[axis]!.positions[0] !== -1);
          const places = outer.map((axis) =>
            axis.kept ? axis.positions[inKept[kept.indexOf(axis)]!]! : axis.positions[0]!,
          );
          return source.at(places.filter((place) => place !== -1));
        });
        const found = arrayOfView(view)
          .slice(...first)
          .slice(...second);
        assertSame(found, new HostArray("int32", shape, values));
      }),
      { seed: 2, numRuns: 500 },
    );
  });

  test("gives a view", () => {
    const x = zeros([2, 3]);
    expect(x.slice(0, "::-1").storage).toBe(x.storage);
  });

  test("without indices gives the whole array, also of rank 0", () => {
    expect(arange(3).slice().toArray()).toEqual([0, 1, 2]);
    expect(zeros([]).slice().shape).toEqual([]);
    expect(zeros([]).slice("...", null).shape).toEqual([1]);
  });

  test("refuses positions outside their axis", () => {
    const error = (problem: string): IndexError => new IndexError("slice", problem);
    const x = zeros([2, 3]);
    expect(() => x.slice(0, 3)).toThrow(error("index 3 is out of range for axis 1 of length 3"));
    expect(() => x.slice(-3)).toThrow(error("index -3 is out of range for axis 0 of length 2"));
    expect(() => x.slice(0.5)).toThrow(error("index 0.5 is out of range for axis 0 of length 2"));
    expect(() => x.slice(0, 0, 0)).toThrow(error("3 indices for [2,3], which has 2 axes"));
    expect(() => x.slice("...", "...")).toThrow(error('only one "..." is allowed'));
  });

  test("refuses what is no range", () => {
    const error = (problem: string, remedy?: string): ArgumentError =>
      new ArgumentError("slice", problem, remedy);
    const x = zeros([4]);
    const remedy = 'Write ranges as "start:stop:step", each part optional.';
    expect(() => x.slice("1")).toThrow(error('cannot read "1"', remedy));
    expect(() => x.slice("a:b")).toThrow(error('cannot read "a:b"', remedy));
    expect(() => x.slice("1:2:3:4")).toThrow(error('cannot read "1:2:3:4"', remedy));
    expect(() => x.slice([0, 4, 0])).toThrow(error("the step cannot be 0"));
    expect(() => x.slice("::0")).toThrow(error("the step cannot be 0"));
    expect(() => x.slice([0.5])).toThrow(error("ranges need whole numbers, got [0.5]"));
    expect(() => x.slice([0, 1, 2, 3])).toThrow(
      error(
        'a range is [start, stop, step], got [0,1,2,3]\nAn index is a position, a range, null or "...".',
      ),
    );
  });
});
