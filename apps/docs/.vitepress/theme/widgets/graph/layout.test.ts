import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "./expression.ts";
import { ancestors, graphOf } from "./graph.ts";
import { box, type Item, layered } from "./layout.ts";
import { cases, names } from "./random.fixture.ts";

describe("layered", () => {
  const itemsOf = (text: string): Item[] =>
    ancestors(graphOf(parse(text), names)).map(({ id, inputs, kind }) => ({
      id,
      inputs: inputs.map((input) => input.id),
      late: kind === "number",
    }));

  test("puts every box below its inputs, and none over another", () => {
    const property = fc.property(cases, ({ text }) => {
      const items = itemsOf(text);
      const { places, width, height } = layered(items);
      const all = [...places.values()];
      for (const { id, inputs } of items) {
        for (const input of inputs) expect(places.get(input)!.y).toBeLessThan(places.get(id)!.y);
      }
      all.forEach((a, i) => {
        expect(a.x).toBeGreaterThanOrEqual(box.width / 2);
        expect(a.x).toBeLessThanOrEqual(width - box.width / 2);
        expect(a.y).toBeLessThanOrEqual(height - box.height / 2);
        for (const b of all.slice(i + 1)) {
          const apart =
            Math.abs(a.x - b.x) >= box.width - 1e-9 || Math.abs(a.y - b.y) >= box.height;
          expect(apart).toBe(true);
        }
      });
    });
    fc.assert(property, { seed: 1, numRuns: 100 });
  });

  test("draws one line for each input, also for one used twice", () => {
    const lines = layered(itemsOf("x1*x1 + x1")).lines;
    expect(lines.map(({ from, to }) => [from, to])).toEqual([
      [0, 3],
      [3, 4],
      [0, 4],
    ]);
    expect(lines[0]!.path).toMatch(/^M[\d.,]+ C/);
  });

  test("keeps what is late next to what uses it", () => {
    const items = itemsOf("sin(sin(x1)) + 1");
    const { places } = layered(items);
    const number = items.find(({ late }) => late)!;
    const sum = items.at(-1)!;
    expect(places.get(sum.id)!.y - places.get(number.id)!.y).toBeLessThan(box.height * 2);
  });

  test("of nothing is nothing", () => {
    expect(layered([])).toMatchObject({ width: 4, height: 0 });
  });
});
