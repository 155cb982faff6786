import { describe, expect, test } from "vitest";
import { ArgumentError } from "../errors.ts";
import { checkSeed, Mt19937 } from "./mt19937.ts";

/** Words number `from` to `to - 1` of a stream. */
function words(seed: number | readonly number[], from: number, to: number): number[] {
  const generator = new Mt19937(seed);
  return Array.from({ length: to }, () => generator.uint32()).slice(from);
}

describe("Mt19937", () => {
  test("seeded with a number equals the authors' stream and std::mt19937's 10000th word", () => {
    expect(words(5489, 0, 3)).toEqual([3499211612, 581869302, 3890346734]);
    expect(words(5489, 9999, 10000)).toEqual([4123659995]);
  });

  test("seeded with an array equals the authors' mt19937ar.out", () => {
    const seed = [0x123, 0x234, 0x345, 0x456];
    expect(words(seed, 0, 3)).toEqual([1067595299, 955945823, 477289528]);
    expect(words(seed, 999, 1000)).toEqual([3460025646]);
  });

  test("takes an array longer than its state, as NumPy does", () => {
    const seed = Array.from({ length: 1000 }, (_, i) => i);
    expect(words(seed, 0, 2)).toEqual([4012946933, 3615799318]);
  });

  test("takes 5 and [5] for different seeds", () => {
    expect(words(5, 0, 4)).not.toEqual(words([5], 0, 4));
  });

  test("joins two words into a double", () => {
    const [high, low] = words(3, 0, 2) as [number, number];
    const expected = Math.floor(high / 2 ** 5) / 2 ** 27 + Math.floor(low / 2 ** 6) / 2 ** 53;
    expect(new Mt19937(3).double()).toBe(expected);
  });

  test.each([-1, 1.5, 2 ** 32, Number.NaN])("says which seeds it takes, given %d", (seed) => {
    const problem = `expected a whole number from 0 to 4294967295, got ${seed}`;
    expect(() => checkSeed("seed", seed)).toThrow(new ArgumentError("seed", problem));
    expect(() => checkSeed("seed", [0, seed])).toThrow(
      new ArgumentError("seed", `${problem} (index 1)`),
    );
  });

  test("says that an empty array is no seed", () => {
    expect(() => checkSeed("seed", [])).toThrow(
      new ArgumentError("seed", "expected at least one number, got an empty array"),
    );
  });
});
