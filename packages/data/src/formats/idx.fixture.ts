/** Writing IDX files for tests. */

/**
 * An IDX file: header fields as given, right or wrong, and numbers written as the type code says
 * (bytes if it is unknown).
 */
export function encodeIdx(
  code: number,
  shape: readonly number[],
  values: Iterable<number>,
): Uint8Array {
  const numbers = [...values];
  const bytes = new Uint8Array(4 + 4 * shape.length + numbers.length * (widths[code] ?? 1));
  const view = new DataView(bytes.buffer);
  view.setUint8(2, code);
  view.setUint8(3, shape.length);
  shape.forEach((length, axis) => void view.setUint32(4 + 4 * axis, length));
  const start = 4 + 4 * shape.length;
  numbers.forEach((value, i) => {
    if (code === 0x09) view.setInt8(start + i, value);
    else if (code === 0x0b) view.setInt16(start + 2 * i, value);
    else if (code === 0x0c) view.setInt32(start + 4 * i, value);
    else if (code === 0x0d) view.setFloat32(start + 4 * i, value);
    else if (code === 0x0e) view.setFloat64(start + 8 * i, value);
    else view.setUint8(start + i, value);
  });
  return bytes;
}

const widths: Readonly<Record<number, number>> = { 11: 2, 12: 4, 13: 4, 14: 8 };
