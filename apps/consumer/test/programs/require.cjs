// The packages are ES modules; Node 20.19 and later give them to require() as well.
const { grad, tensor } = require("@needle/autograd");
const { createWasmBackendSync } = require("@needle/backend-wasm");
const { ArrayDataset } = require("@needle/data");
const { setDefaultBackend } = require("@needle/ndarray");
const { Linear } = require("@needle/nn");
const { SGD } = require("@needle/optim");

setDefaultBackend(createWasmBackendSync());
const slope = grad((x) => x.square().sum())(tensor([1, 2, 3])).toArray();
const model = new Linear(2, 1);
const parameters = new SGD(model.parameters(), { lr: 0.1 }).parameters.length;
const items = new ArrayDataset(tensor([[1], [2]])).length;
console.log(`result: ${JSON.stringify({ slope, parameters, items })}`);
