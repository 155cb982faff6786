// What a user writes: a classifier, trained on points on two circles.
import { noGrad, tensor } from "@needle/autograd";
import { createWasmBackend } from "@needle/backend-wasm";
import { ArrayDataset, DataLoader } from "@needle/data";
import { manualSeed, randn, setDefaultBackend } from "@needle/ndarray";
import { accuracy, crossEntropy, Linear, Sequential, Tanh } from "@needle/nn";
import { Adam } from "@needle/optim";

setDefaultBackend(await createWasmBackend({ deterministic: true }));
manualSeed(0);

const noise = randn([200, 2]).mul(0.1).toArray();
const points = noise.map(([dx, dy], i) => {
  const radius = 1 + (i % 2);
  return [radius * Math.round(Math.cos(i)) + dx, radius * Math.round(Math.sin(i)) + dy];
});
const x = tensor(points);
const y = tensor(
  points.map((_, i) => i % 2),
  { dtype: "int32" },
);

const model = new Sequential(new Linear(2, 32), new Tanh(), new Linear(32, 2));
const optimizer = new Adam(model.parameters(), { lr: 0.02 });
const losses = [];
for (let epoch = 0; epoch < 15; epoch++) {
  let sum = 0;
  for await (const [points, labels] of new DataLoader(new ArrayDataset(x, y), {
    batchSize: 20,
    shuffle: true,
  })) {
    optimizer.resetGrad();
    // A method: bundlers must keep what installs it.
    const loss = crossEntropy(model.forward(points), labels).mul(1);
    loss.backward();
    optimizer.step();
    sum += loss.item();
  }
  losses.push(sum);
}
const right = noGrad(() => accuracy(model.eval().forward(x), y)).item();
console.log(`result: ${JSON.stringify({ losses, right })}`);
