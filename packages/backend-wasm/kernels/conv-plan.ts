/**
 * What a convolution's kernels are told: a plan of 32-bit words in memory, written by
 * `src/convolving.ts`. Strides are in bytes. The image that is read gets a border of zeros, and
 * zeros between its pixels where it is the output of a strided convolution; `H x W` is its size
 * then.
 */

// @ts-ignore: decorator
@inline export const X = 0; // its address, then strides: batch, row, column, channel
// @ts-ignore: decorator
@inline export const Y = 5; // the same of the image that is written, or of the adjoint
// @ts-ignore: decorator
@inline export const WEIGHT = 10; // address of the packed weight
// @ts-ignore: decorator
@inline export const H = 11; // rows and columns of the image that is read
// @ts-ignore: decorator
@inline export const C = 13; // its channels
// @ts-ignore: decorator
@inline export const PADDED = 14; // rows and columns with border
// @ts-ignore: decorator
@inline export const TOP = 16; // rows above and columns to the left; negative ones are cut off
// @ts-ignore: decorator
@inline export const SPREAD = 18; // from one pixel to the next, rows and columns
// @ts-ignore: decorator
@inline export const OH = 20; // rows and columns of the image that is written
// @ts-ignore: decorator
@inline export const O = 22; // its channels
// @ts-ignore: decorator
@inline export const KH = 23; // rows and columns of the window
// @ts-ignore: decorator
@inline export const STRIDE = 25; // of rows and columns
// @ts-ignore: decorator
@inline export const DILATION = 27; // of rows and columns
// @ts-ignore: decorator
@inline export const GROUPS = 29;
// @ts-ignore: decorator
@inline export const CHUNK = 30; // images worked on at once

// @ts-ignore: decorator
@inline
export function word(plan: usize, i: i32): i32 {
  return load<i32>(plan + 4 * i);
}
