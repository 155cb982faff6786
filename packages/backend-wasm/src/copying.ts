/** `fill` and `copy` with its conversions. */
import type { DType, View } from "@needle/ndarray";
import { addressOf, type Context, kernelOf, operandAddress } from "./context.ts";
import type { Kernel } from "./module.ts";
import { acrossAxis, transpose } from "./transpose.ts";

/** The copying part of a backend. */
export interface Copying {
  fill(out: View, value: number): void;
  copy(out: View, x: View): void;
}

export function createCopying(context: Context): Copying {
  const { kernels, layout, calls, fallback } = context;
  const { addresses } = calls;
  const [copy1, copy4, copy8] = ["copy1", "copy4", "copy8"].map((name) =>
    kernelOf(kernels, name),
  ) as [Kernel, Kernel, Kernel];
  const cast = (name: string): Kernel => kernelOf(kernels, name);
  const byteToInt32 = cast("byteToInt32");
  const byteToFloat32 = cast("byteToFloat32");
  const byteToFloat64 = cast("byteToFloat64");
  /** By the dtype copied from, then to. */
  const conversions: Record<DType, Record<DType, Kernel>> = {
    bool: {
      bool: copy1,
      uint8: copy1,
      int32: byteToInt32,
      float32: byteToFloat32,
      float64: byteToFloat64,
    },
    uint8: {
      bool: cast("byteToBool"),
      uint8: copy1,
      int32: byteToInt32,
      float32: byteToFloat32,
      float64: byteToFloat64,
    },
    int32: {
      bool: cast("int32ToBool"),
      uint8: cast("int32ToUint8"),
      int32: copy4,
      float32: cast("int32ToFloat32"),
      float64: cast("int32ToFloat64"),
    },
    float32: {
      bool: cast("float32ToBool"),
      uint8: cast("float32ToUint8"),
      int32: cast("float32ToInt32"),
      float32: copy4,
      float64: cast("float32ToFloat64"),
    },
    float64: {
      bool: cast("float64ToBool"),
      uint8: cast("float64ToUint8"),
      int32: cast("float64ToInt32"),
      float32: cast("float64ToFloat32"),
      float64: copy8,
    },
  };
  const moves: Record<DType, Kernel> = {
    bool: copy1,
    uint8: copy1,
    int32: copy4,
    float32: copy4,
    float64: copy8,
  };

  return {
    fill(out, value) {
      const { dtype } = out;
      addresses[0] = addressOf("fill", out);
      if (addresses[0] === 0) return fallback.fill(out, value);
      const stored = dtype === "bool" ? Number(value !== 0) : value;
      addresses[1] = operandAddress(context, "fill", stored, 0, dtype);
      if (layout.set(out, stored)) calls.run(moves[dtype], 2);
    },

    copy(out, x) {
      const kernel = conversions[x.dtype][out.dtype];
      addresses[0] = addressOf("copy", out);
      addresses[1] = addressOf("copy", x);
      if (addresses[0] === 0 || addresses[1] === 0) return fallback.copy(out, x);
      if (!layout.set(out, x)) return;
      const across = kernel === copy4 ? acrossAxis(layout, 1) : -1;
      if (across < 0) calls.run(kernel, 2);
      else transpose(context, addresses[0], layout.steps[0], addresses[1], layout.steps[1], across);
    },
  };
}
