/** Trains 784-500-10 on noise for as many steps as asked, then says how much memory it took. */
const load = (name) => import(`../../packages/${name}/dist/index.js`);
const [{ createWasmBackend }, ndarray, { Tensor }, nn, { SGD }] = await Promise.all(
  ["backend-wasm", "ndarray", "autograd", "nn", "optim"].map(load),
);
ndarray.setDefaultBackend(await createWasmBackend({ threads: 1 }));

const model = new nn.Sequential(new nn.Linear(784, 500), new nn.ReLU(), new nn.Linear(500, 10));
const optimizer = new SGD(model.parameters(), { lr: 0.1 });
const labels = new Tensor(ndarray.randint(0, 10, [100]));

for (let i = 0; i < Number(process.argv[2]); i++) {
  optimizer.resetGrad();
  const loss = nn.crossEntropy(model.forward(new Tensor(ndarray.rand([100, 784]))), labels);
  loss.backward();
  optimizer.step();
  loss.item();
  await ndarray.idle();
}
console.log(JSON.stringify({ peakKiB: process.resourceUsage().maxRSS }));
