/**
 * Initial values of weights. The functions take the numbers of inputs and outputs of a layer (the
 * fans) and give a `[fanIn, fanOut]` tensor, or one of `shape`. They draw from the default
 * generator.
 */
import { rand, randn, type Tensor } from "@needle/autograd";
import { ArgumentError, type DrawOptions, type Shape } from "@needle/ndarray";

/** What an initializer makes, and for which nonlinearity. */
export interface InitOptions extends DrawOptions {
  /** Default `[fanIn, fanOut]`. */
  readonly shape?: Shape;
  /** Multiplies the bound or the standard deviation; the default follows from the initializer. */
  readonly gain?: number;
}

/**
 * Uniform within `gain * sqrt(6 / (fanIn + fanOut))` of 0; gain 1.
 *
 * Glorot and Bengio, Understanding the difficulty of training deep feedforward neural networks
 * (2010).
 */
export function xavierUniform(fanIn: number, fanOut: number, options: InitOptions = {}): Tensor {
  const { gain = 1 } = options;
  return uniform(
    gain * Math.sqrt(6 / checkFan("xavierUniform", fanIn + fanOut)),
    fanIn,
    fanOut,
    options,
  );
}

/**
 * Normal with standard deviation `gain * sqrt(2 / (fanIn + fanOut))`; gain 1. Glorot and Bengio
 * (2010).
 */
export function xavierNormal(fanIn: number, fanOut: number, options: InitOptions = {}): Tensor {
  const { gain = 1, shape = [fanIn, fanOut] } = options;
  const std = gain * Math.sqrt(2 / checkFan("xavierNormal", fanIn + fanOut));
  return randn(shape, { ...options, std });
}

/**
 * Uniform within `gain * sqrt(3 / fanIn)` of 0; gain `sqrt(2)`, that of ReLU.
 *
 * He et al., Delving deep into rectifiers (2015).
 *
 * @example
 * import { kaimingUniform } from "@needle/nn";
 * const w = kaimingUniform(6, 4);
 * w.shape; // => [6,4]
 * w.abs().max().item() <= 1; // => true
 */
export function kaimingUniform(fanIn: number, fanOut: number, options: InitOptions = {}): Tensor {
  const { gain = Math.SQRT2 } = options;
  return uniform(gain * Math.sqrt(3 / checkFan("kaimingUniform", fanIn)), fanIn, fanOut, options);
}

/**
 * Normal with standard deviation `gain / sqrt(fanIn)`; gain `sqrt(2)`, that of ReLU. He et al.
 * (2015).
 */
export function kaimingNormal(fanIn: number, fanOut: number, options: InitOptions = {}): Tensor {
  const { gain = Math.SQRT2, shape = [fanIn, fanOut] } = options;
  return randn(shape, { ...options, std: gain / Math.sqrt(checkFan("kaimingNormal", fanIn)) });
}

function uniform(bound: number, fanIn: number, fanOut: number, options: InitOptions): Tensor {
  const { shape = [fanIn, fanOut] } = options;
  return rand(shape, { ...options, low: -bound, high: bound });
}

function checkFan(op: string, fan: number): number {
  if (fan > 0) return fan;
  throw new ArgumentError(op, `fans must be at least 1, got ${fan}`);
}
