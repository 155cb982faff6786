// Nanoseconds a call of a kernel on one element, without the array around it: `node bench/calls.mjs` after `npm run build`.

import { createWasmBackendSync } from "@needle/backend-wasm";
import { createReferenceBackend } from "@needle/ndarray";

const backends = { wasm: createWasmBackendSync(), reference: createReferenceBackend() };

function view(backend, shape, strides) {
  const buffer = backend.alloc("float32", 64);
  backend.upload(buffer, "float32", new Float32Array(64).fill(1.5));
  return { buffer, dtype: "float32", shape, strides, offset: 0 };
}

const cases = {
  "alloc + free": (b) => () => b.free(b.alloc("float32", 64)),
  "exp [1]": (b) => {
    const [o, x] = [view(b, [1], [1]), view(b, [1], [1])];
    return () => b.unary("exp", o, x);
  },
  "add [1]": (b) => {
    const [o, x, y] = [0, 1, 2].map(() => view(b, [1], [1]));
    return () => b.binary("add", o, x, y);
  },
  "add [4,4] + number": (b) => {
    const [o, x] = [0, 1].map(() => view(b, [4, 4], [4, 1]));
    return () => b.binary("add", o, x, 2);
  },
  "add [4,4] + [4]": (b) => {
    const [o, x] = [0, 1].map(() => view(b, [4, 4], [4, 1]));
    const y = view(b, [4, 4], [0, 1]);
    return () => b.binary("add", o, x, y);
  },
  "sum [4,4]": (b) => {
    const [o, x] = [view(b, [1, 1], [1, 1]), view(b, [4, 4], [4, 1])];
    return () => b.reduce("sum", o, x, [0, 1]);
  },
  "sum [4,4] axis 0": (b) => {
    const [o, x] = [view(b, [1, 4], [4, 1]), view(b, [4, 4], [4, 1])];
    return () => b.reduce("sum", o, x, [0]);
  },
  "matmul [4,4] x [4,4]": (b) => {
    const [o, x, y] = [0, 1, 2].map(() => view(b, [4, 4], [4, 1]));
    return () => b.matmul(o, x, y);
  },
};

for (const [name, prepare] of Object.entries(cases)) {
  const runs = Object.values(backends).map((backend) => ({
    run: prepare(backend),
    best: Infinity,
  }));
  for (let round = 0; round < 15; round++) {
    for (const one of runs) {
      const start = performance.now();
      for (let i = 0; i < 20_000; i++) one.run();
      one.best = Math.min(one.best, ((performance.now() - start) / 20_000) * 1e6);
    }
  }
  console.log(
    name.padEnd(24) +
      Object.keys(backends)
        .map((label, i) => `${label} ${runs[i].best.toFixed(0)} ns`.padStart(18))
        .join(""),
  );
}
