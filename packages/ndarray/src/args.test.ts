/** What is said of arguments that are not what they must be. */
import { describe, expect, test } from "vitest";
import {
  ArgumentError,
  arange,
  args,
  array,
  empty,
  eye,
  full,
  linspace,
  MemoryError,
  ones,
  ShapeError,
  show,
  zeros,
  zerosLike,
} from "./index.ts";

const wrong = (value: unknown): never => value as never;

describe("show", () => {
  test.each([
    ["mean", '"mean"'],
    [Symbol("s"), "Symbol(s)"],
    [() => 0, "a function"],
    [null, "null"],
    [undefined, "undefined"],
    [10n, "10n"],
    [-0, "-0"],
    [[1, [2.5, "a"]], '[1,[2.5,"a"]]'],
    [Array.from({ length: 9 }, (_, i) => i), "[0,1,2,3,4,5,6,7,…]"],
    [{ keepDims: true }, "{keepDims}"],
    [Object.create(null), "{}"],
    [new Map(), "Map"],
    [new Float32Array(2), "Float32Array"],
  ])("writes %o as %s", (value, text) => {
    expect(show(value)).toBe(text);
  });

  test("writes arrays by dtype and shape", () => {
    expect(show([zeros([2, 3], { dtype: "int32" })])).toBe("[NDArray int32 [2,3]]");
  });
});

describe("options", () => {
  test("are an object with known names that hold what they must", () => {
    const x = zeros([2, 3]);
    const known = "\nKnown are keepdims.";
    expect(() => x.sum(0, wrong({ keepDims: true }))).toThrow(
      new ArgumentError("sum", `there is no option "keepDims", did you mean "keepdims"?${known}`),
    );
    expect(() => x.mean(0, wrong(true))).toThrow(
      new ArgumentError("mean", `options are an object, got true${known}`),
    );
    expect(() => x.max(0, wrong(null))).toThrow(
      new ArgumentError("max", `options are an object, got null${known}`),
    );
    expect(() => x.std(0, { keepdims: wrong("yes") })).toThrow(
      new ArgumentError("std", 'keepdims must be true or false, got "yes"'),
    );
    expect(() => x.sum(0, wrong(zeros([1])))).toThrow(
      "sum: options are an object, got NDArray float32 [1]",
    );
    expect(() => x.sum(0, wrong({ constructor: 1 }))).toThrow('there is no option "constructor"');
  });

  test("that are misspelt are guessed where the word is long enough to tell", () => {
    const kinds = { bias: args.flag, lr: args.number, learningRate: args.number };
    const said = (name: string): string => {
      try {
        args.checkOptions("Layer", { [name]: 1 }, kinds as never);
      } catch (error) {
        return /did you mean "(.*)"\?/.exec(String(error))?.[1] ?? "no guess";
      }
      return "nothing";
    };
    const names = ["bais", "BIAS", "biases", "bia", "learnrate", "blas", "lx", "momentum", ""];
    expect(names.map(said)).toEqual([
      "bias",
      "bias",
      "bias",
      "bias",
      "learningRate",
      "bias",
      "no guess",
      "no guess",
      "no guess",
    ]);
    expect(() => args.checkOptions("Layer", wrong({ bias: 1 }), {})).toThrow(
      new ArgumentError("Layer", 'there is no option "bias"\nThere are none.'),
    );
  });

  test("that have no default have to be given", () => {
    const kinds = { length: args.whole(1), end: args.number };
    expect(() =>
      args.checkOptions("cosine", { end: 1 }, kinds as never, wrong(["length"])),
    ).toThrow("cosine: length must be a whole number of at least 1, got undefined");
  });

  test("may be undefined, one by one and all together", () => {
    expect(ones([2]).sum(0, undefined).item()).toBe(2);
    expect(ones([2]).sum(0, { keepdims: undefined }).shape).toEqual([]);
  });

  test("of convolutions and pools are those of the op", () => {
    const [x, w] = [zeros([1, 1, 4, 4]), zeros([1, 1, 2, 2])];
    expect(() => x.conv2d(w, wrong({ strides: 2 }))).toThrow(
      'conv2d: there is no option "strides", did you mean "stride"?\nKnown are stride, padding, dilation, groups, layout, bias.',
    );
    expect(() => x.conv2d(w, { stride: wrong([1, 2, 3]) })).toThrow(
      "conv2d: stride must be one or two whole numbers of at least 1, got [1,2,3]",
    );
    expect(() => x.conv2d(w, { padding: wrong("full") })).toThrow(
      'conv2d: padding must be numbers, one, two or two pairs, "same" or "valid", got "full"',
    );
    expect(() => x.conv2d(w, { bias: wrong([1]) })).toThrow(
      "conv2d: bias must be an array, got [1]",
    );
    expect(() => x.maxPool2d(wrong(undefined))).toThrow(
      "maxPool2d: kernelSize must be one or two whole numbers of at least 1, got undefined",
    );
    expect(() => x.avgPool2d(2, wrong({ dilation: 2 }))).toThrow(
      'avgPool2d: there is no option "dilation"',
    );
    expect(() => x.maxPool2d(2, { layout: wrong("CHW") })).toThrow(
      'maxPool2d: layout must be "NCHW" or "NHWC", got "CHW"',
    );
  });
});

describe("functions that make arrays", () => {
  test("name themselves", () => {
    const problem = "sizes must be whole numbers of at least 0, got";
    expect(() => zeros([-1])).toThrow(new ShapeError("zeros", `${problem} [-1]`));
    expect(() => ones([2.5])).toThrow(new ShapeError("ones", `${problem} [2.5]`));
    expect(() => empty([wrong("2")])).toThrow(new ShapeError("empty", `${problem} ["2"]`));
    expect(() => zeros(wrong(3))).toThrow(
      new ShapeError("zeros", "a shape is an array of sizes, got 3\nWrite [3]."),
    );
    expect(() => zeros([2], { dtype: wrong("float16") })).toThrow('zeros: dtype must be "bool"');
    expect(() => zeros([2], { backend: wrong("wasm") })).toThrow(
      'zeros: backend must be a backend, got "wasm"',
    );
    expect(() => zeros([2], wrong("int32"))).toThrow(
      'zeros: options are an object, got "int32"\nKnown are dtype, backend.',
    );
    expect(() => zerosLike(wrong([1]))).toThrow("zerosLike: needs an array, got [1]");
  });

  test("refuse values that are no numbers", () => {
    expect(() => full([2], wrong("abc"))).toThrow('full: value must be a number, got "abc"');
    expect(() => full([2], wrong(undefined))).toThrow(
      "full: value must be a number, got undefined",
    );
    expect(() => array(wrong(["a"]))).toThrow('array: expected numbers, got "a"');
    expect(() => arange(wrong("3"))).toThrow('arange: stop must be a number, got "3"');
    expect(() => linspace(0, wrong([1]))).toThrow("linspace: stop must be a number");
    expect(() => eye(1.5)).toThrow("eye: rows must be a whole number of at least 0, got 1.5");
  });

  test("say that there is no room before anything is made", () => {
    expect(() => zeros([1e9, 1e9])).toThrow(
      new ShapeError("zeros", "[1000000000,1000000000] has too many elements"),
    );
    expect(() => zeros([1e6, 1e6])).toThrow(
      new MemoryError(
        "zeros",
        "float32 [1000000,1000000] takes 4.00e+3 GB, which cannot be had\nUse a smaller shape, or work on parts.",
      ),
    );
    expect(() => zeros([1, 1]).broadcastTo([1e6, 1e6]).add(1)).toThrow(
      "add: float32 [1000000,1000000] takes 4.00e+3 GB",
    );
  });

  test("take the dtype and the backend of an array for options", () => {
    const like = zeros([1], { dtype: "int32" });
    expect(ones([2], like).dtype).toBe("int32");
  });
});

describe("kinds", () => {
  test("say what they expect", () => {
    const { oneOf, oneOrMore, orNull, whole } = args;
    expect([oneOf("a").expected, oneOf("a", "b", "c").expected]).toEqual([
      '"a"',
      '"a", "b" or "c"',
    ]);
    expect(oneOrMore(whole(1)).expected).toBe("a whole number of at least 1, or an array of such");
    expect(orNull(args.number).expected).toBe("a number or null");
    expect(whole().expected).toBe("a whole number");
  });

  test("hold what they say, and nothing else", () => {
    const { oneOrMore, orNull, whole } = args;
    expect([3, -3, 0.5, "3", Number.NaN].map(whole().holds)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
    expect([0, -1].map(whole(0).holds)).toEqual([true, false]);
    // biome-ignore lint/suspicious/noSparseArray: a hole is no number.
    expect([[1, 2], [], [1, , 2]].map(oneOrMore(whole()).holds)).toEqual([true, true, false]);
    expect([null, 1, undefined].map(orNull(args.number).holds)).toEqual([true, true, false]);
  });
});

describe("kinds of numbers", () => {
  const { above, atLeast, between, fraction } = args;
  const values = [-1, 0, 0.5, 1, 2, Infinity, Number.NaN, "1", null];

  test.each([
    [above(0), "a number above 0", [0.5, 1, 2]],
    [atLeast(0), "a number of at least 0", [0, 0.5, 1, 2]],
    [between(0, 1), "from 0 to 1", [0, 0.5, 1]],
    [fraction, "from 0 to below 1", [0, 0.5]],
  ])("%o is %s", (kind, expected, held) => {
    expect([kind.expected, values.filter(kind.holds)]).toEqual([expected, held]);
  });
});

describe("kinds of objects", () => {
  test("are told by their members, arrays by their items", () => {
    const { arrayOf, having, whole } = args;
    const dataset = having("a dataset", "length", "batch");
    expect([{ length: 1, batch: null }, { length: 1 }, null, "ab"].map(dataset.holds)).toEqual([
      true,
      false,
      false,
      false,
    ]);
    expect([[1, 2], [], [0.5], 1].map(arrayOf(whole(0)).holds)).toEqual([true, true, false, false]);
    expect(arrayOf(whole(0)).expected).toBe("an array, each item a whole number of at least 0");
  });
});

describe("reductions", () => {
  test("over no shares and no elements speak for themselves", () => {
    expect(zeros([2, 3]).quantile([], 0).shape).toEqual([0, 3]);
    expect(() => zeros([0]).norm(null, { p: Infinity })).toThrow(
      new ArgumentError("norm", "p Infinity needs elements to choose from, [0] over axes [0]"),
    );
    expect(() => zeros([2]).quantile(wrong("half"))).toThrow(
      'quantile: q must be a number, or an array of such, got "half"',
    );
  });

  test("name what is wrong with an axis", () => {
    const x = zeros([2, 3]);
    expect(() => x.sum(wrong("0"))).toThrow("sum: axes are a number or an array of numbers, got");
    expect(() => x.sum([0, wrong("1")])).toThrow('sum: an axis is a whole number, got "1"');
    expect(() => x.countNonzero(2)).toThrow("countNonzero: axis 2 is out of range for 2 axes");
    expect(() => x.nanmean([0, 0])).toThrow("nanmean: an axis is named twice in [0,0]");
    expect(() => x.transpose(wrong([0, 1, 0]))).toThrow("transpose: needs two axes, got [0,1,0]");
  });
});

describe("rounding to tens", () => {
  test("leaves integers integers, halves to even", () => {
    const x = array([15, 25, -15, 4], { dtype: "int32" }).round({ decimals: -1 });
    expect([x.dtype, x.toArray()]).toEqual(["int32", [20, 20, -20, 0]]);
  });
});
