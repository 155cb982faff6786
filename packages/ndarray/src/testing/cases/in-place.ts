/** An output may be the same view as an input: what is read is what was there before. */
import fc from "fast-check";
import { shapes, views } from "../arbitraries.ts";
import { HostArray, hostBinary, hostUnary } from "../host.ts";
import { type ConformanceCase, forAll } from "./case.ts";

const sample = shapes().chain((shape) =>
  fc.record({ out: views("float32", shape, { stretch: false }), x: views("float32", shape) }),
);

/** Cases of `unary` and `binary` in place. */
export const inPlaceCases: readonly ConformanceCase[] = [
  forAll("neg in place", sample, (bench, { out }) => {
    const both = bench.place(out);
    bench.backend.unary("neg", both, both);
    return bench.expect(both, out, hostUnary("neg", "float32", HostArray.of(out)));
  }),
  forAll("sub in place of the left operand", sample, (bench, { out, x }) => {
    const target = bench.place(out);
    bench.backend.binary("sub", target, target, bench.place(x));
    const expected = hostBinary("sub", out, "float32", HostArray.of(out), HostArray.of(x));
    return bench.expect(target, out, expected);
  }),
  forAll("sub in place of the right operand", sample, (bench, { out, x }) => {
    const target = bench.place(out);
    bench.backend.binary("sub", target, bench.place(x), target);
    const expected = hostBinary("sub", out, "float32", HostArray.of(x), HostArray.of(out));
    return bench.expect(target, out, expected);
  }),
  forAll("div in place by a number", sample, (bench, { out }) => {
    const target = bench.place(out);
    bench.backend.binary("div", target, target, 3);
    return bench.expect(target, out, hostBinary("div", out, "float32", HostArray.of(out), 3));
  }),
];
