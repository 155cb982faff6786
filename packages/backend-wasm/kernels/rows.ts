/**
 * The loops around elementwise ops. An op is a class without fields whose `apply` works on four
 * elements; a row is a class whose `run` applies an op along one axis, four neighbours at a time
 * where the steps allow. Neither class ever has an instance: they only name which functions a loop
 * is compiled with. Addresses and steps are in bytes.
 */

/** Four elements that are `step` bytes apart. */
@inline
export function gather4(p: usize, step: i32): v128 {
  let v = v128.load32_zero(p);
  v = v128.load32_lane(p + step, v, 1);
  v = v128.load32_lane(p + 2 * step, v, 2);
  return v128.load32_lane(p + 3 * step, v, 3);
}

/** Stores four elements `step` bytes apart. */
@inline
export function scatter4(p: usize, step: i32, v: v128): void {
  v128.store32_lane(p, v, 0);
  v128.store32_lane(p + step, v, 1);
  v128.store32_lane(p + 2 * step, v, 2);
  v128.store32_lane(p + 3 * step, v, 3);
}

/** Elements of four bytes from one operand. */
@unmanaged
export class Map1<Op> {
  run(o: usize, x: usize, n: i32, so: i32, sx: i32): void {
    const op = changetype<Op>(0);
    if (so == 4 && sx == 4 && n >= 4) {
      // The last four, some of which the loop may do too, are read first: the output may be the
      // input.
      const end = o + 4 * (n - 4);
      const last = v128.load(x + 4 * (n - 4));
      for (; n >= 8; n -= 8) {
        const y0 = op.apply(v128.load(x));
        const y1 = op.apply(v128.load(x, 16));
        v128.store(o, y0);
        v128.store(o, y1, 16);
        o += 32;
        x += 32;
      }
      if (n > 4) v128.store(o, op.apply(v128.load(x)));
      if (n > 0) v128.store(end, op.apply(last));
      return;
    }
    for (let i = n >> 2; i > 0; i--) {
      scatter4(o, so, op.apply(gather4(x, sx)));
      o += 4 * so;
      x += 4 * sx;
    }
    for (let i = n & 3; i > 0; i--) {
      v128.store32_lane(o, op.apply(v128.load32_splat(x)), 0);
      o += so;
      x += sx;
    }
  }
}

/**
 * The same for an op with a quick way, `common`, for all but a few numbers, `anywhere` for those,
 * and `rare`, which tells whether they are among eight.
 */
@unmanaged
export class MapCommon<Op> {
  run(o: usize, x: usize, n: i32, so: i32, sx: i32): void {
    const op = changetype<Op>(0);
    if (so == 4 && sx == 4) {
      for (; n >= 8; n -= 8) {
        const x0 = v128.load(x);
        const x1 = v128.load(x, 16);
        if (op.rare(x0, x1)) {
          v128.store(o, op.anywhere(x0));
          v128.store(o, op.anywhere(x1), 16);
        } else {
          const y0 = op.common(x0);
          const y1 = op.common(x1);
          v128.store(o, y0);
          v128.store(o, y1, 16);
        }
        o += 32;
        x += 32;
      }
    }
    for (let i = n >> 2; i > 0; i--) {
      const x0 = gather4(x, sx);
      scatter4(o, so, op.rare(x0, x0) ? op.anywhere(x0) : op.common(x0));
      o += 4 * so;
      x += 4 * sx;
    }
    for (let i = n & 3; i > 0; i--) {
      const x0 = v128.load32_splat(x);
      v128.store32_lane(o, op.rare(x0, x0) ? op.anywhere(x0) : op.common(x0), 0);
      o += so;
      x += sx;
    }
  }
}

/** Elements of four bytes from two operands; a step of 0 stands for one number. */
@unmanaged
export class Map2<Op> {
  run(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32): void {
    const op = changetype<Op>(0);
    if (so == 4 && sa == 4 && sb == 4) {
      for (let i = n >> 3; i > 0; i--) {
        const y0 = op.apply(v128.load(a), v128.load(b));
        const y1 = op.apply(v128.load(a, 16), v128.load(b, 16));
        v128.store(o, y0);
        v128.store(o, y1, 16);
        o += 32;
        a += 32;
        b += 32;
      }
      if (n & 4) {
        v128.store(o, op.apply(v128.load(a), v128.load(b)));
        o += 16;
        a += 16;
        b += 16;
      }
    } else if (so == 4 && sa == 4 && sb == 0) {
      const right = v128.load32_splat(b);
      for (let i = n >> 3; i > 0; i--) {
        const y0 = op.apply(v128.load(a), right);
        const y1 = op.apply(v128.load(a, 16), right);
        v128.store(o, y0);
        v128.store(o, y1, 16);
        o += 32;
        a += 32;
      }
      if (n & 4) {
        v128.store(o, op.apply(v128.load(a), right));
        o += 16;
        a += 16;
      }
    } else if (so == 4 && sa == 0 && sb == 4) {
      const left = v128.load32_splat(a);
      for (let i = n >> 3; i > 0; i--) {
        const y0 = op.apply(left, v128.load(b));
        const y1 = op.apply(left, v128.load(b, 16));
        v128.store(o, y0);
        v128.store(o, y1, 16);
        o += 32;
        b += 32;
      }
      if (n & 4) {
        v128.store(o, op.apply(left, v128.load(b)));
        o += 16;
        b += 16;
      }
    } else {
      for (let i = n >> 2; i > 0; i--) {
        scatter4(o, so, op.apply(gather4(a, sa), gather4(b, sb)));
        o += 4 * so;
        a += 4 * sa;
        b += 4 * sb;
      }
    }
    for (let i = n & 3; i > 0; i--) {
      v128.store32_lane(o, op.apply(v128.load32_splat(a), v128.load32_splat(b)), 0);
      o += so;
      a += sa;
      b += sb;
    }
  }
}

/** Up to three elements `step` bytes apart, in the first lanes. */
function gatherFew(p: usize, step: i32, n: i32): v128 {
  let v = v128.load32_splat(p);
  if (n > 1) v = v128.load32_lane(p + step, v, 1);
  return n > 2 ? v128.load32_lane(p + 2 * step, v, 2) : v;
}

/** Stores the first lanes. */
function scatterFew(p: usize, step: i32, n: i32, v: v128): void {
  v128.store32_lane(p, v, 0);
  if (n > 1) v128.store32_lane(p + step, v, 1);
  if (n > 2) v128.store32_lane(p + 2 * step, v, 2);
}

@inline
function read4(p: usize, step: i32, n: i32): v128 {
  return n < 4 ? gatherFew(p, step, n) : step == 4 ? v128.load(p) : gather4(p, step);
}

@inline
function write4(p: usize, step: i32, n: i32, v: v128): void {
  if (n < 4) scatterFew(p, step, n, v);
  else if (step == 4) v128.store(p, v);
  else scatter4(p, step, v);
}

/** The same for an op of many instructions, which are compiled but once. */
@unmanaged
export class Long1<Op> {
  run(o: usize, x: usize, n: i32, so: i32, sx: i32): void {
    const op = changetype<Op>(0);
    for (; n > 0; n -= 4) {
      write4(o, so, n, op.apply(read4(x, sx, n)));
      o += 4 * so;
      x += 4 * sx;
    }
  }
}

/** The same for two operands. */
@unmanaged
export class Long2<Op> {
  run(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32): void {
    const op = changetype<Op>(0);
    for (; n > 0; n -= 4) {
      write4(o, so, n, op.apply(read4(a, sa, n), read4(b, sb, n)));
      o += 4 * so;
      a += 4 * sa;
      b += 4 * sb;
    }
  }
}

/** Sixteen truth values, one a byte, of four masks. */
@inline
function bytes(m0: v128, m1: v128, m2: v128, m3: v128): v128 {
  const m = i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(m0, m1), i16x8.narrow_i32x4_s(m2, m3));
  return v128.and(m, i8x16.splat(1));
}

/** Stores the truth of the first lane. */
@inline
function storeTruth(o: usize, mask: v128): void {
  store<u8>(o, <u8>(i32x4.extract_lane(mask, 0) & 1));
}

/** Truth values, a byte each, from one operand. */
@unmanaged
export class Ask1<Op> {
  run(o: usize, x: usize, n: i32, so: i32, sx: i32): void {
    const op = changetype<Op>(0);
    if (so == 1 && sx == 4) {
      for (; n >= 16; n -= 16) {
        const m0 = op.apply(v128.load(x));
        const m1 = op.apply(v128.load(x, 16));
        const m2 = op.apply(v128.load(x, 32));
        const m3 = op.apply(v128.load(x, 48));
        v128.store(o, bytes(m0, m1, m2, m3));
        o += 16;
        x += 64;
      }
    }
    for (; n > 0; n--) {
      storeTruth(o, op.apply(v128.load32_splat(x)));
      o += so;
      x += sx;
    }
  }
}

/** Truth values, a byte each, from two operands. */
@unmanaged
export class Ask2<Op> {
  run(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32): void {
    const op = changetype<Op>(0);
    if (so == 1 && sa == 4 && sb == 4) {
      for (; n >= 16; n -= 16) {
        const m0 = op.apply(v128.load(a), v128.load(b));
        const m1 = op.apply(v128.load(a, 16), v128.load(b, 16));
        const m2 = op.apply(v128.load(a, 32), v128.load(b, 32));
        const m3 = op.apply(v128.load(a, 48), v128.load(b, 48));
        v128.store(o, bytes(m0, m1, m2, m3));
        o += 16;
        a += 64;
        b += 64;
      }
    } else if (so == 1 && sa == 4 && sb == 0) {
      const right = v128.load32_splat(b);
      for (; n >= 16; n -= 16) {
        const m0 = op.apply(v128.load(a), right);
        const m1 = op.apply(v128.load(a, 16), right);
        const m2 = op.apply(v128.load(a, 32), right);
        const m3 = op.apply(v128.load(a, 48), right);
        v128.store(o, bytes(m0, m1, m2, m3));
        o += 16;
        a += 64;
      }
    }
    for (; n > 0; n--) {
      storeTruth(o, op.apply(v128.load32_splat(a), v128.load32_splat(b)));
      o += so;
      a += sa;
      b += sb;
    }
  }
}
