import { test } from "vitest";
import { scope, memory } from "@needle/ndarray";
import { jvp, tensor, type Tensor, noGrad } from "./index.ts";
test("x", () => {
    const steps = 50_000;
    const chain = (x: Tensor): Tensor => {
      let y = x;
      for (let i = 0; i < steps; i++) y = y.mul(1.0001);
      return y;
    };
    const out: unknown[] = [];
    const time = (n: string, f: () => unknown) => { const t = performance.now(); const r = f(); out.push([n, (performance.now() - t).toFixed(0)]); return r; };
    const x = tensor(1, { dtype: "float64", requiresGrad: true });
    for (let k = 0; k < 3; k++) {
    time("nograd", () => noGrad(() => chain(x)));
    const y = time("fwd", () => chain(x)) as Tensor;
    time("bwd", () => y.backward());
    time("jvp", () => jvp(chain, [x.detach()], [x.detach()]));
    }
    console.log(out, memory());
    const a = tensor([1,2,3,4]), b = tensor([1,2,3,4]); const w = tensor([1,2,3,4], {requiresGrad: true});
    for (let k = 0; k < 4; k++) {
      const n = 20000;
      let t = performance.now();
      scope(() => { for (let i = 0; i < n; i++) a.value.add(b.value); });
      const t0 = (performance.now() - t) / n * 1000; t = performance.now();
      scope(() => { for (let i = 0; i < n; i++) a.add(b); });
      const t1 = (performance.now() - t) / n * 1000; t = performance.now();
      scope(() => { for (let i = 0; i < n; i++) w.add(b); });
      const t2 = (performance.now() - t) / n * 1000;
      t = performance.now();
      scope(() => { for (let i = 0; i < n; i++) w.mul(b); });
      const t3 = (performance.now() - t) / n * 1000;
      console.log({ nd: t0, noRecord: t1, recordAdd: t2, recordMul: t3 });
    }
});
