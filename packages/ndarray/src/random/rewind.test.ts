import { describe, expect, test } from "vitest";
import {
  defaultGenerator,
  manualSeed,
  NumpyGenerator,
  Philox,
  peekRandom,
  permutation,
  rand,
  randint,
  randn,
  rewindable,
  setDefaultGenerator,
} from "../index.ts";

describe("rewindable", () => {
  test("draws the same again from every generator, and leaves the streams where they are", () => {
    manualSeed(1);
    const [own, numpy] = [new Philox(2), new NumpyGenerator(3)];
    own.uniform([5]);
    numpy.normal([3]); // an odd number: one Gaussian is left over
    const draw = (): unknown[] => [
      rand([2]).toArray(),
      rand([2], { generator: own }).toArray(),
      randn([2, 1], { generator: numpy }).toArray(),
      [...own.permutation(5)],
      randint(0, 100, [3]).toArray(),
    ];
    const [first, rewound] = rewindable(draw);
    const between = draw();
    expect(between).not.toEqual(first);
    expect(rewound(draw)).toEqual(first);
    expect(rewound(draw)).toEqual(first);
    const after = draw();

    manualSeed(1);
    const [plain, plainNumpy] = [new Philox(2), new NumpyGenerator(3)];
    plain.uniform([5]);
    plainNumpy.normal([3]);
    const again = (): unknown[] => [
      rand([2]).toArray(),
      rand([2], { generator: plain }).toArray(),
      randn([2, 1], { generator: plainNumpy }).toArray(),
      [...plain.permutation(5)],
      randint(0, 100, [3]).toArray(),
    ];
    expect([again(), again(), again()]).toEqual([first, between, after]);
  });

  test("goes back to the default generator of then", () => {
    manualSeed(5);
    const [first, rewound] = rewindable(() => rand([3]).toArray());
    const other = new Philox(6);
    setDefaultGenerator(other);
    expect(rewound(() => rand([3]).toArray())).toEqual(first);
    expect(defaultGenerator()).toBe(other);
  });

  test("goes back though the function seeds", () => {
    manualSeed(5);
    const numpy = new NumpyGenerator(1);
    const draw = (): unknown => {
      const before = rand([1]).item();
      manualSeed(9);
      numpy.random.seed(4);
      return [before, permutation(4).toArray(), numpy.uniform([2]).toArray()];
    };
    const generator = defaultGenerator();
    const [first, rewound] = rewindable(draw);
    setDefaultGenerator(generator);
    const next = rand([1]).item();
    setDefaultGenerator(generator);
    expect(rewound(draw)).toEqual(first);
    expect(defaultGenerator()).toBe(generator);
    expect(rand([1]).item()).not.toBe(next);
  });

  test("can be nested, inside the first run and inside the second", () => {
    manualSeed(7);
    const inner: { value: unknown; again: unknown }[] = [];
    const run = (): unknown => {
      const before = rand([1]).item();
      const [value, rewound] = rewindable(() => rand([2]).toArray());
      const between = rand([1]).item();
      const again = rewound(() => rand([2]).toArray());
      inner.push({ value, again });
      return [before, value, between, again, rand([1]).item()];
    };
    const [first, rewound] = rewindable(run);
    expect(rewound(run)).toEqual(first);
    for (const { value, again } of inner) expect(again).toEqual(value);
  });

  test("has a sister that looks ahead", () => {
    manualSeed(11);
    const numpy = new NumpyGenerator(1);
    const draw = (): unknown => [rand([3]).toArray(), numpy.normal([3]).toArray()];
    const coming = peekRandom(() => {
      const drawn = draw();
      manualSeed(5);
      return drawn;
    });
    expect(draw()).toEqual(coming);
  });

  test("sets the streams back when a function fails", () => {
    manualSeed(3);
    const [, rewound] = rewindable(() => rand([3]));
    const [expected] = rewindable(() => 0);
    expect(expected).toBe(0);
    expect(() =>
      rewound(() => {
        rand([100]);
        throw new Error("stop");
      }),
    ).toThrow("stop");
    const next = rand([2]).toArray();
    manualSeed(3);
    rand([3]);
    expect(rand([2]).toArray()).toEqual(next);
  });
});
