/** TensorFlow.js on its WebAssembly backend, one thread. The CPU backend (plain JavaScript) is registered beside it. */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const require = createRequire(import.meta.url);

// The CommonJS builds: the ES modules' imports lack the endings that Node needs.
export const tf = require("@tensorflow/tfjs-core");
const wasm = require("@tensorflow/tfjs-backend-wasm");
require("@tensorflow/tfjs-backend-cpu");
// It registers the gradients.
require("@tensorflow/tfjs-layers");

wasm.setThreadsCount(1);
wasm.setWasmPaths(
  `${join(dirname(require.resolve("@tensorflow/tfjs-backend-wasm/package.json")), "dist")}/`,
);
tf.enableProdMode();
await tf.setBackend("wasm");
await tf.ready();
