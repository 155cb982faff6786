/** Sums that go on in double precision: a double for each column. */

/** Adds floats to doubles. */
export function addTotals(totals: usize, sums: usize, n: i32): void {
  for (; n >= 2; n -= 2) {
    const pair = f64x2.promote_low_f32x4(v128.load64_zero(sums));
    v128.store(totals, f64x2.add(v128.load(totals), pair));
    totals += 16;
    sums += 8;
  }
  if (n) store<f64>(totals, load<f64>(totals) + <f64>load<f32>(sums));
}

/** Stores doubles, times a factor, as floats. */
export function storeTotals(o: usize, totals: usize, n: i32, factor: f64): void {
  for (let i = 0; i < n; i++) store<f32>(o + 4 * i, <f32>(load<f64>(totals + 8 * i) * factor));
}
