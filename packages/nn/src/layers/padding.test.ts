import { tensor } from "@needle/autograd";
import { assertSame } from "@needle/ndarray/testing";
import { describe, expect, test } from "vitest";
import * as nn from "../index.ts";

const row = tensor([[1, 2, 3]]);
const image = tensor([
  [
    [1, 2],
    [3, 4],
  ],
]);

describe("margins", () => {
  const rows: Record<string, [layer: nn.Layer, wanted: number[]]> = {
    ZeroPad1d: [new nn.ZeroPad1d([1, 2]), [0, 1, 2, 3, 0, 0]],
    ConstantPad1d: [new nn.ConstantPad1d(1, 9), [9, 1, 2, 3, 9]],
    ReflectionPad1d: [new nn.ReflectionPad1d([2, 1]), [3, 2, 1, 2, 3, 2]],
    ReplicationPad1d: [new nn.ReplicationPad1d([2, 1]), [1, 1, 1, 2, 3, 3]],
    CircularPad1d: [new nn.CircularPad1d([1, 2]), [3, 1, 2, 3, 1, 2]],
  };

  test.each(Object.entries(rows))("%s surrounds sequences", (_, [layer, wanted]) => {
    assertSame(layer.forward(row).value, [wanted]);
  });

  // Left 1, right 0, top 0, bottom 1.
  const sides = [1, 0, 0, 1];
  const images: Record<string, [layer: nn.Layer, wanted: number[][]]> = {
    ZeroPad2d: [
      new nn.ZeroPad2d(sides),
      [
        [0, 1, 2],
        [0, 3, 4],
        [0, 0, 0],
      ],
    ],
    ConstantPad2d: [
      new nn.ConstantPad2d(sides, 9),
      [
        [9, 1, 2],
        [9, 3, 4],
        [9, 9, 9],
      ],
    ],
    ReflectionPad2d: [
      new nn.ReflectionPad2d(sides),
      [
        [2, 1, 2],
        [4, 3, 4],
        [2, 1, 2],
      ],
    ],
    ReplicationPad2d: [
      new nn.ReplicationPad2d(sides),
      [
        [1, 1, 2],
        [3, 3, 4],
        [3, 3, 4],
      ],
    ],
    CircularPad2d: [
      new nn.CircularPad2d(sides),
      [
        [2, 1, 2],
        [4, 3, 4],
        [2, 1, 2],
      ],
    ],
  };

  test.each(Object.entries(images))("%s surrounds images", (_, [layer, wanted]) => {
    assertSame(layer.forward(image).value, [wanted]);
    const batch = layer.forward(image.unsqueeze(0));
    expect(batch.shape).toEqual([1, 1, 3, 3]);
  });

  test("print what they add", () => {
    expect(String(new nn.ZeroPad2d(1))).toBe("ZeroPad2d(padding=[1,1,1,1])");
    expect(String(new nn.ConstantPad1d([1, 2], 0.5))).toBe(
      "ConstantPad1d(padding=[1,2], value=0.5)",
    );
  });

  test("refuse other numbers of widths, and cropping", () => {
    expect(() => new nn.ZeroPad2d([1, 2])).toThrow(
      "ZeroPad2d: the padding is a whole number of at least 0 or [left,right,top,bottom], got [1,2]",
    );
    expect(() => new nn.ReflectionPad1d(-1)).toThrow(
      "ReflectionPad1d: the padding is a whole number of at least 0 or [left,right], got -1",
    );
  });

  test("refuse inputs without channels", () => {
    expect(() => new nn.ZeroPad2d(1).forward(row)).toThrow(
      "ZeroPad2d: expected […,channels,height,width], got [1,3]",
    );
    expect(() => new nn.ZeroPad1d(1).forward(row.slice(0))).toThrow(
      "ZeroPad1d: expected […,channels,length], got [3]",
    );
  });
});
