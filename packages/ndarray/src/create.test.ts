import { afterEach, describe, expect, test } from "vitest";
import {
  ArgumentError,
  arange,
  array,
  createReferenceBackend,
  DTypeError,
  defaultBackend,
  empty,
  eye,
  fromTypedArray,
  full,
  linspace,
  ones,
  onesLike,
  ShapeError,
  setDefaultBackend,
  zeros,
  zerosLike,
} from "./index.ts";

const initial = defaultBackend();
afterEach(() => setDefaultBackend(initial));

describe("array", () => {
  test("takes numbers, booleans and typed arrays, alone or nested", () => {
    expect(array(3).toArray()).toBe(3);
    expect(
      array([
        [1, 2],
        [3, 4],
      ]).toArray(),
    ).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(array([Float64Array.of(1, 2), Float64Array.of(3, 4)]).toArray()).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(array([[true], [false]]).toArray()).toEqual([[1], [0]]);
    expect(array([[], []]).shape).toEqual([2, 0]);
    expect(array([]).shape).toEqual([0]);
  });

  test.each([
    [1, "float32"],
    [[], "float32"],
    [true, "bool"],
    [[[true, false]], "bool"],
    [new Int8Array(1), "int32"],
    [new Uint8Array(1), "uint8"],
    [new Uint8ClampedArray(1), "uint8"],
    [new Int16Array(1), "int32"],
    [new Uint16Array(1), "int32"],
    [new Int32Array(1), "int32"],
    [new Float32Array(1), "float32"],
    [[new Float64Array(1)], "float64"],
  ] as const)("of %o is %s unless told otherwise", (source, dtype) => {
    expect(array(source).dtype).toBe(dtype);
    expect(array(source, { dtype: "float64" }).dtype).toBe("float64");
  });

  test("takes the dtype that holds all of its parts", () => {
    expect(array([true, 2]).toArray()).toEqual([1, 2]);
    expect(array([[0.5], [true]]).dtype).toBe("float32");
    expect(array([Uint8Array.of(1), Float64Array.of(0.5)]).toArray()).toEqual([[1], [0.5]]);
  });

  test("converts towards zero to integers, and anything but 0 to true", () => {
    expect(array([1.9, -1.9], { dtype: "int32" }).toArray()).toEqual([1, -1]);
    expect(array([0, 0.5, Number.NaN], { dtype: "bool" }).toArray()).toEqual([0, 1, 1]);
    expect(array(Float32Array.of(2.5), { dtype: "uint8" }).toArray()).toEqual([2]);
  });

  test("copies its source", () => {
    const source = Float32Array.of(1, 2);
    const x = array(source);
    const y = array(x);
    source[0] = 9;
    x.fill(7);
    expect(y.toArray()).toEqual([1, 2]);
  });

  test("copies an array to another backend", () => {
    const backend = createReferenceBackend();
    const x = array([
      [1, 2],
      [3, 4],
    ]).transpose();
    const y = array(x, { backend, dtype: "int32" });
    expect(y.backend).toBe(backend);
    expect(y.toArray()).toEqual([
      [1, 3],
      [2, 4],
    ]);
    expect(array(x).backend).toBe(initial);
  });

  test.each([
    [[[1, 2], [3]], "1 elements beside 2 at depth 1"],
    [[[1], [2, 3]], "2 elements beside 1 at depth 1"],
    [[[1], 2], "a number beside arrays at depth 1"],
    [[1, [2]], "an array beside numbers at depth 1"],
    [[[], [1]], "1 elements beside 0 at depth 1"],
    [[[1, 2], Float32Array.of(3)], "1 elements beside 2 at depth 1"],
  ] as const)("refuses ragged nesting %j", (source, where) => {
    const error = new ShapeError(
      "array",
      `nested arrays are ragged: ${where}`,
      "Give every row the same length.",
    );
    expect(() => array(source as never)).toThrow(error);
  });

  test.each([
    ["7", '"7"'],
    [["a"], '"a"'],
    [[1, null], "null"],
    [[undefined], "undefined"],
    [undefined, "undefined"],
    [[1, undefined], "undefined"],
    [3n, "3n"],
  ])("refuses what is no number: %o", (source, found) => {
    expect(() => array(source as never)).toThrow(
      new DTypeError("array", `expected numbers, got ${found}`),
    );
  });

  test("refuses typed arrays that no dtype holds", () => {
    const remedy = "Convert it to Float64Array or Int32Array first.";
    // @ts-expect-error: not among the typed arrays taken.
    expect(() => array(new Uint32Array(1))).toThrow(
      new DTypeError("array", "Uint32Array has no dtype here", remedy),
    );
    expect(() => array([new BigInt64Array(1)] as never)).toThrow(
      new DTypeError("array", "BigInt64Array has no dtype here", remedy),
    );
  });
});

describe("fromTypedArray", () => {
  test("takes the elements in row-major order and copies them", () => {
    const data = Int32Array.of(1, 2, 3, 4, 5, 6);
    const x = fromTypedArray<"int32">(data, [2, 3]);
    data.fill(0);
    expect(x.dtype).toBe("int32");
    expect(x.toArray()).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
  });

  test("makes 0 and 1 of bools", () => {
    expect(fromTypedArray<"bool">(Uint8Array.of(0, 7), [2], { dtype: "bool" }).toArray()).toEqual([
      0, 1,
    ]);
  });

  test("refuses another number of elements", () => {
    expect(() => fromTypedArray(new Float32Array(3), [2, 2])).toThrow(
      new ShapeError("fromTypedArray", "[2,2] does not hold 3 elements"),
    );
    expect(() => fromTypedArray(new Float32Array(2), [-1, -2])).toThrow(ShapeError);
  });
});

describe("filled arrays", () => {
  test("hold one value, converted to the dtype", () => {
    expect(full([2], 0.1).toArray()).toEqual([Math.fround(0.1), Math.fround(0.1)]);
    expect(full([], 2.9, { dtype: "int32" }).item()).toBe(2);
    expect(full([1], 5, { dtype: "bool" }).toArray()).toEqual([1]);
    expect(zeros([2, 1]).toArray()).toEqual([[0], [0]]);
    expect(ones([2], { dtype: "uint8" }).toArray()).toEqual([1, 1]);
    expect(empty([2, 0, 3]).shape).toEqual([2, 0, 3]);
  });

  test("are on the default backend unless told otherwise", () => {
    const backend = createReferenceBackend();
    expect(zeros([1], { backend }).backend).toBe(backend);
    setDefaultBackend(backend);
    for (const x of [zeros([1]), array([1]), arange(2), linspace(0, 1, 2), eye(2)])
      expect(x.backend).toBe(backend);
  });

  test("like another have its shape, dtype and backend", () => {
    const x = ones([2, 3], { dtype: "int32", backend: createReferenceBackend() });
    for (const [y, value] of [
      [zerosLike(x), 0],
      [onesLike(x), 1],
    ] as const) {
      expect([y.shape, y.dtype, y.backend]).toEqual([x.shape, "int32", x.backend]);
      expect(y.max().item()).toBe(value);
    }
  });

  test("do not share their shape with the caller's list", () => {
    const shape = [2, 3];
    const x = zeros(shape);
    shape[0] = 9;
    expect(x.shape).toEqual([2, 3]);
  });
});

describe("arange", () => {
  test("counts as NumPy does", () => {
    // The lengths are np.arange's.
    const lengths: [number, number, number, number][] = [
      [0, 5, 1, 5],
      [2, 7, 2, 3],
      [5, 0, -2, 3],
      [0, 5, -1, 0],
      [3, 3, 1, 0],
      [0, 1, 0.1, 10],
      [1, 1.3, 0.1, 4],
      [0, 0.3, 0.1, 3],
      [0.5, 3, 1, 3],
      [-1, 1, 0.3, 7],
    ];
    for (const [start, stop, step, length] of lengths)
      expect(arange(start, stop, step).size).toBe(length);
    expect(arange(5, 0, -2).toArray()).toEqual([5, 3, 1]);
  });

  test("is int32 for whole numbers and float32 otherwise", () => {
    expect(arange(3).dtype).toBe("int32");
    expect(arange(0, 1, 0.5).dtype).toBe("float32");
    expect(arange(3, undefined, 1, { dtype: "float64" }).dtype).toBe("float64");
    expect(arange(3, undefined, 1, { dtype: undefined }).dtype).toBe("int32");
  });

  test("is float32 for whole numbers beyond int32", () => {
    expect(arange(2 ** 31, 2 ** 31 + 512, 256).toArray()).toEqual([2 ** 31, 2 ** 31 + 256]);
    expect(arange(2 ** 31 - 2, 2 ** 31).dtype).toBe("int32");
  });

  test("refuses steps that do not lead from start to stop", () => {
    const error = (text: string): ArgumentError => new ArgumentError("arange", text);
    expect(() => arange(0, 1, 0)).toThrow(error("cannot count from 0 to 1 in steps of 0"));
    expect(() => arange(0, Number.POSITIVE_INFINITY)).toThrow(
      error("cannot count from 0 to Infinity in steps of 1"),
    );
    expect(() => arange(Number.NaN)).toThrow(error("cannot count from 0 to NaN in steps of 1"));
  });
});

describe("linspace", () => {
  test("has both ends, exactly", () => {
    expect(linspace(0, 1, 5).toArray()).toEqual([0, 0.25, 0.5, 0.75, 1]);
    expect(linspace(0, 0.3, 4, { dtype: "float64" }).slice(-1).item()).toBe(0.3);
    expect(linspace(2, 2, 2).toArray()).toEqual([2, 2]);
    expect(linspace(0, 1).size).toBe(50);
  });

  test("of one number is the start, of none empty", () => {
    expect(linspace(3, 7, 1).toArray()).toEqual([3]);
    expect(linspace(3, 7, 0).shape).toEqual([0]);
    expect(() => linspace(0, 1, -1)).toThrow(
      "linspace: count must be a whole number of at least 0, got -1",
    );
  });
});

describe("eye", () => {
  test("has ones on the diagonal, moved by k", () => {
    expect(eye(2).toArray()).toEqual([
      [1, 0],
      [0, 1],
    ]);
    expect(eye(2, 3, 1).toArray()).toEqual([
      [0, 1, 0],
      [0, 0, 1],
    ]);
    expect(eye(3, 2, -1).toArray()).toEqual([
      [0, 0],
      [1, 0],
      [0, 1],
    ]);
    expect(eye(0).shape).toEqual([0, 0]);
    expect(eye(2, 0).shape).toEqual([2, 0]);
    expect(eye(2, 2, 0, { dtype: undefined }).dtype).toBe("float32");
    expect(eye(2, 2, 0, { dtype: "bool" }).toArray()).toEqual([
      [1, 0],
      [0, 1],
    ]);
  });
});
