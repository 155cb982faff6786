/** `randomBits` and `dropoutMask`: the words of the Philox stream, wherever it is entered. */
import fc from "fast-check";
import { philox4x32 } from "../../random/philox.ts";
import { anyViews } from "../arbitraries.ts";
import { HostArray } from "../host.ts";
import { type ConformanceCase, forAll } from "./case.ts";

type Key = readonly [number, number];

/** Word number `index` of a key's stream: lane `index % 4` of block `index / 4`. */
function wordAt(key: Key, index: number): number {
  const block = Math.floor(index / 4);
  return philox4x32([block >>> 0, Math.floor(block / 2 ** 32), 0, 0], key)[index % 4]!;
}

/** What the element at a row-major position is, from the words of the stream. */
const elements: Record<
  "int32" | "float32" | "float64",
  (key: Key, offset: number, position: number) => number
> = {
  int32: (key, offset, position) => wordAt(key, offset + position) | 0,
  float32: (key, offset, position) => (wordAt(key, offset + position) >>> 8) * 2 ** -24,
  float64: (key, offset, position) => {
    const [high, low] = [
      wordAt(key, offset + 2 * position),
      wordAt(key, offset + 2 * position + 1),
    ];
    return ((high >>> 5) * 2 ** 26 + (low >>> 6)) * 2 ** -53;
  },
};

const word = fc.integer({ min: 0, max: 2 ** 32 - 1 });
// Block numbers pass 2^32 at word 2^34.
const offsets = fc.oneof(
  fc.nat(20),
  fc.integer({ min: 2 ** 34 - 40, max: 2 ** 34 + 4 }),
  fc.integer({ min: 0, max: 2 ** 53 - 2 ** 20 }),
);

const bitCases: readonly ConformanceCase[] = (["int32", "float32", "float64"] as const).map(
  (dtype) => {
    const sample = fc.record({
      out: anyViews(dtype, { stretch: false }),
      key: fc.tuple(word, word),
      offset: offsets,
    });
    return forAll(`randomBits ${dtype}`, sample, (bench, { out, key, offset }) => {
      const target = bench.place(out);
      bench.backend.randomBits(target, key, offset);
      const positions = HostArray.of(out).values.map((_, i) => elements[dtype](key, offset, i));
      return bench.expect(target, out, new HostArray(dtype, out.shape, positions));
    });
  },
);

const maskCases: readonly ConformanceCase[] = (["float32", "float64"] as const).map((dtype) => {
  const sample = fc.record({
    out: anyViews(dtype, { stretch: false }),
    p: fc.oneof(fc.constantFrom(0, 0.5, 0.9), fc.double({ min: 0, max: 0.999, noNaN: true })),
    key: fc.tuple(word, word),
    offset: offsets,
  });
  const name = `dropoutMask ${dtype}, where there is one`;
  return forAll(name, sample, async (bench, { out, p, key, offset }) => {
    if (bench.backend.dropoutMask === undefined) return;
    const target = bench.place(out);
    bench.backend.dropoutMask(target, p, key, offset);
    const positions = HostArray.of(out).values.map((_, i) =>
      elements.float32(key, offset, i) <= Math.fround(1 - p) ? 1 / (1 - p) : 0,
    );
    const rounded = dtype === "float32" ? positions.map(Math.fround) : positions;
    await bench.expect(target, out, new HostArray(dtype, out.shape, rounded));
  });
});

/** Cases of `randomBits` and `dropoutMask`. */
export const randomCases: readonly ConformanceCase[] = [...bitCases, ...maskCases];
