/**
 * Walking the outer axes of a frame: a row becomes a kernel of up to four axes. A frame holds three
 * outer lengths, then three steps for each operand; a frame of 0 says that there is but one row.
 */

/** The outer length `i` of a frame. */
@inline
export function outerLength(frame: usize, i: i32): i32 {
  return load<i32>(frame + 4 * i);
}

/** The step of an operand along outer axis `i`. */
@inline
export function outerStep(frame: usize, operand: i32, i: i32): i32 {
  return load<i32>(frame + 12 * (operand + 1) + 4 * i);
}

/** Rows of one operand. */
export function walk1<Row>(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  const row = changetype<Row>(0);
  if (!frame) {
    row.run(o, x, n, so, sx);
    return;
  }
  for (let i = outerLength(frame, 0); i > 0; i--) {
    let oi = o;
    let xi = x;
    for (let j = outerLength(frame, 1); j > 0; j--) {
      let oj = oi;
      let xj = xi;
      for (let k = outerLength(frame, 2); k > 0; k--) {
        row.run(oj, xj, n, so, sx);
        oj += outerStep(frame, 0, 2);
        xj += outerStep(frame, 1, 2);
      }
      oi += outerStep(frame, 0, 1);
      xi += outerStep(frame, 1, 1);
    }
    o += outerStep(frame, 0, 0);
    x += outerStep(frame, 1, 0);
  }
}

/** Rows of two operands. */
export function walk2<Row>(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize): void {
  const row = changetype<Row>(0);
  if (!frame) {
    row.run(o, a, b, n, so, sa, sb);
    return;
  }
  for (let i = outerLength(frame, 0); i > 0; i--) {
    let oi = o;
    let ai = a;
    let bi = b;
    for (let j = outerLength(frame, 1); j > 0; j--) {
      let oj = oi;
      let aj = ai;
      let bj = bi;
      for (let k = outerLength(frame, 2); k > 0; k--) {
        row.run(oj, aj, bj, n, so, sa, sb);
        oj += outerStep(frame, 0, 2);
        aj += outerStep(frame, 1, 2);
        bj += outerStep(frame, 2, 2);
      }
      oi += outerStep(frame, 0, 1);
      ai += outerStep(frame, 1, 1);
      bi += outerStep(frame, 2, 1);
    }
    o += outerStep(frame, 0, 0);
    a += outerStep(frame, 1, 0);
    b += outerStep(frame, 2, 0);
  }
}

/** Rows of three operands. */
export function walk3<Row>(o: usize, a: usize, b: usize, c: usize, n: i32, so: i32, sa: i32, sb: i32, sc: i32, frame: usize): void {
  const row = changetype<Row>(0);
  if (!frame) {
    row.run(o, a, b, c, n, so, sa, sb, sc);
    return;
  }
  for (let i = outerLength(frame, 0); i > 0; i--) {
    let oi = o;
    let ai = a;
    let bi = b;
    let ci = c;
    for (let j = outerLength(frame, 1); j > 0; j--) {
      let oj = oi;
      let aj = ai;
      let bj = bi;
      let cj = ci;
      for (let k = outerLength(frame, 2); k > 0; k--) {
        row.run(oj, aj, bj, cj, n, so, sa, sb, sc);
        oj += outerStep(frame, 0, 2);
        aj += outerStep(frame, 1, 2);
        bj += outerStep(frame, 2, 2);
        cj += outerStep(frame, 3, 2);
      }
      oi += outerStep(frame, 0, 1);
      ai += outerStep(frame, 1, 1);
      bi += outerStep(frame, 2, 1);
      ci += outerStep(frame, 3, 1);
    }
    o += outerStep(frame, 0, 0);
    a += outerStep(frame, 1, 0);
    b += outerStep(frame, 2, 0);
    c += outerStep(frame, 3, 0);
  }
}
