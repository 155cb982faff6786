/** Every activation is the op it is named after. */
import { full, randn, type Tensor, tensor } from "@needle/autograd";
import { manualSeed } from "@needle/ndarray";
import { assertClose } from "@needle/ndarray/testing";
import { describe, expect, test } from "vitest";
import * as nn from "../index.ts";

const x = randn([3, 2, 4], { dtype: "float64" }).mul(4);

const activations: Record<string, [layer: nn.Layer, op: (x: Tensor) => Tensor]> = {
  ReLU: [new nn.ReLU(), (x) => x.maximum(0)],
  ReLU6: [new nn.ReLU6(), (x) => x.clamp(0, 6)],
  LogSigmoid: [new nn.LogSigmoid(), (x) => x.neg().exp().add(1).log().neg()],
  SiLU: [new nn.SiLU(), (x) => x.div(x.neg().exp().add(1))],
  Mish: [new nn.Mish(), (x) => x.mul(x.exp().add(1).log().tanh())],
  SELU: [new nn.SELU(), (x) => x.selu()],
  Softsign: [new nn.Softsign(), (x) => x.div(x.abs().add(1))],
  Hardsigmoid: [new nn.Hardsigmoid(), (x) => x.div(6).add(0.5).clamp(0, 1)],
  Hardswish: [new nn.Hardswish(), (x) => x.mul(x.add(3).clamp(0, 6)).div(6)],
  Tanhshrink: [new nn.Tanhshrink(), (x) => x.sub(x.tanh())],
  GELU: [new nn.GELU(), (x) => x.mul(x.div(Math.SQRT2).erf().add(1)).div(2)],
  "GELU by tanh": [new nn.GELU({ approximate: "tanh" }), (x) => x.gelu({ approximate: "tanh" })],
  Softplus: [new nn.Softplus({ beta: 2 }), (x) => x.mul(2).exp().add(1).log().div(2)],
  LeakyReLU: [new nn.LeakyReLU(0.2), (x) => x.maximum(x.mul(0.2))],
  ELU: [new nn.ELU(0.5), (x) => x.maximum(0).add(x.minimum(0).exp().sub(1).mul(0.5))],
  CELU: [new nn.CELU(2), (x) => x.maximum(0).add(x.div(2).minimum(0).exp().sub(1).mul(2))],
  Hardtanh: [new nn.Hardtanh(-2, 3), (x) => x.clamp(-2, 3)],
  Hardshrink: [new nn.Hardshrink(1), (x) => x.mul(x.abs().gt(1).astype("float64"))],
  Softshrink: [new nn.Softshrink(1), (x) => x.sub(x.clamp(-1, 1))],
  Threshold: [new nn.Threshold(1, -7), (x) => x.gt(1).where(x, -7)],
  Softmax: [new nn.Softmax(1), (x) => x.exp().div(x.exp().sum(1, { keepdims: true }))],
  Softmin: [new nn.Softmin(0), (x) => x.neg().softmax(0)],
  Softmax2d: [new nn.Softmax2d(), (x) => x.softmax(0)],
  GLU: [
    new nn.GLU(2),
    (x) => x.slice([], [], [0, 2]).div(x.slice([], [], [2, 4]).neg().exp().add(1)),
  ],
  "RReLU in evaluation": [new nn.RReLU(0.1, 0.5).eval(), (x) => x.maximum(x.mul(0.3))],
  LogSoftmax: [new nn.LogSoftmax(1), (x) => x.sub(x.exp().sum(1, { keepdims: true }).log())],
};

describe("activations", () => {
  test.each(Object.entries(activations))("%s is its formula", (_, [layer, op]) => {
    assertClose(layer.forward(x).value, op(x).toArray(), { rtol: 1e-10, atol: 1e-12 });
    expect(layer.parameters()).toEqual([]);
  });

  test("RReLU takes slopes within its bounds, its own for each element", () => {
    manualSeed(0);
    const y = new nn.RReLU(0.2, 0.4).forward(full([1000], -1)).neg();
    expect(y.min().item()).toBeGreaterThanOrEqual(0.2);
    expect(y.max().item()).toBeLessThanOrEqual(0.4);
    expect(y.std().item()).toBeCloseTo(0.2 / Math.sqrt(12), 2);
    assertClose(new nn.RReLU().forward(x.abs()).value, x.abs().toArray());
    expect(() => new nn.RReLU(0.5, 0.1)).toThrow(
      "RReLU: lower must be at most upper, got 0.5 and 0.1",
    );
  });

  test("Softmax2d takes images only", () => {
    expect(() => new nn.Softmax2d().forward(tensor([[1]]))).toThrow(
      "Softmax2d: expected [batch,channels,h,w] or [channels,h,w], got [1,1]",
    );
  });

  test("print their settings", () => {
    expect(
      [new nn.LeakyReLU(0.2), new nn.Hardtanh(), new nn.GELU(), new nn.Softmax(1)].map(String),
    ).toEqual(["LeakyReLU(slope=0.2)", "Hardtanh(min=-1, max=1)", "GELU()", "Softmax(axis=1)"]);
  });

  test("PReLU learns its slope, one or one a channel", () => {
    const layer = new nn.PReLU(2, { dtype: "float64" });
    layer.weight.assign(tensor([0.5, -1], { dtype: "float64" }));
    const slopes = tensor([[0.5], [-1]], { dtype: "float64" });
    assertClose(layer.forward(x).value, x.gt(0).where(x, x.mul(slopes)).toArray());
    layer.forward(x).sum().backward();
    assertClose(layer.weight.grad!.value, x.minimum(0).sum([0, 2]).toArray());
    expect(new nn.PReLU().forward(tensor([-4])).toArray()).toEqual([-1]);
    expect(() => layer.forward(tensor([[1, 2, 3]]))).toThrow(
      "PReLU: expected [batch,2,…], got [1,3]",
    );
  });
});
