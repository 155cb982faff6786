// Nanoseconds an element of kernels on this backend and on the reference, interleaved, the best and the median of several rounds:
// `node bench/ops.mjs [expression a name matches]` after `npm run build`.

import { createWasmBackendSync } from "@needle/backend-wasm";
import { createReferenceBackend, fromTypedArray } from "@needle/ndarray";

const wanted = process.argv[2] ?? "";
const backends = {
  wasm: createWasmBackendSync(),
  strict: createWasmBackendSync({ deterministic: true }),
  reference: createReferenceBackend(),
};
const median = (xs) => xs.toSorted((a, b) => a - b)[xs.length >> 1];

function arrayOn(backend, shape, make = (i) => Math.sin(i) * 2 + 2.5) {
  const size = shape.reduce((a, b) => a * b, 1);
  return fromTypedArray(
    Float32Array.from({ length: size }, (_, i) => make(i)),
    shape,
    { backend },
  );
}

/** Each case: its name, elements counted, and given a backend a function that runs it once. */
const cases = [];
const add = (name, count, prepare) => cases.push({ name, count, prepare });
const sizes = { "4K": [4096], "1M": [1000, 1000], "16M": [4000, 4000] };
for (const [label, shape] of Object.entries(sizes)) {
  const count = shape.reduce((a, b) => a * b, 1);
  add(`add ${label}`, count, (b) => {
    const [x, y] = [arrayOn(b, shape), arrayOn(b, shape)];
    return () => x.add(y);
  });
  if (label === "16M") continue;
  for (const op of [
    "exp",
    "log",
    "tanh",
    "sigmoid",
    "sin",
    "expm1",
    "log1p",
    "sqrt",
    "relu",
    "abs",
  ]) {
    add(`${op} ${label}`, count, (b) => {
      const x = arrayOn(b, shape);
      return () => x[op]();
    });
  }
  add(`maximum ${label}`, count, (b) => {
    const [x, y] = [arrayOn(b, shape), arrayOn(b, shape, Math.cos)];
    return () => x.maximum(y);
  });
  add(`mul number ${label}`, count, (b) => {
    const x = arrayOn(b, shape);
    return () => x.mul(1.5);
  });
  add(`gt number ${label}`, count, (b) => {
    const x = arrayOn(b, shape);
    return () => x.gt(1.5);
  });
  add(`sum ${label}`, count, (b) => {
    const x = arrayOn(b, shape);
    return () => x.sum();
  });
  add(`max ${label}`, count, (b) => {
    const x = arrayOn(b, shape);
    return () => x.max();
  });
}
const square = [1000, 1000];
const million = 1e6;
add("add transposed 1M", million, (b) => {
  const [x, y] = [arrayOn(b, square), arrayOn(b, square)];
  return () => x.add(y.transpose());
});
add("copy transposed 1M", million, (b) => {
  const x = arrayOn(b, square).transpose();
  return () => x.reshape([million]);
});
add("add row [1000,1000]+[1000]", million, (b) => {
  const [x, y] = [arrayOn(b, square), arrayOn(b, [1000])];
  return () => x.add(y);
});
add("add column [1000,1000]+[1000,1]", million, (b) => {
  const [x, y] = [arrayOn(b, square), arrayOn(b, [1000, 1])];
  return () => x.add(y);
});
add("sum axis 0 1M", million, (b) => {
  const x = arrayOn(b, square);
  return () => x.sum(0);
});
add("sum axis 1 1M", million, (b) => {
  const x = arrayOn(b, square);
  return () => x.sum(1);
});
add("max axis 0 1M", million, (b) => {
  const x = arrayOn(b, square);
  return () => x.max(0);
});
add("argmax axis 1 1M", million, (b) => {
  const x = arrayOn(b, square);
  return () => x.argmax(1);
});
add("softmax 1M", million, (b) => {
  const x = arrayOn(b, square);
  return () => x.softmax();
});
add("logSoftmax 1M", million, (b) => {
  const x = arrayOn(b, square);
  return () => x.logSoftmax();
});
add("softmax [100,10]", 1000, (b) => {
  const x = arrayOn(b, [100, 10]);
  return () => x.softmax();
});
add("where 1M", million, (b) => {
  const [x, y] = [arrayOn(b, square), arrayOn(b, square, Math.cos)];
  const c = x.gt(2);
  return () => c.where(x, y);
});
add("sum axes 0,2 [100,100,100]", million, (b) => {
  const x = arrayOn(b, [100, 100, 100]);
  return () => x.sum([0, 2]);
});
add("add 1 element", 1, (b) => {
  const [x, y] = [arrayOn(b, [1]), arrayOn(b, [1])];
  return () => x.add(y);
});
add("exp 1 element", 1, (b) => {
  const x = arrayOn(b, [1]);
  return () => x.exp();
});
add("add [2,3]+[3]", 1, (b) => {
  const [x, y] = [arrayOn(b, [2, 3]), arrayOn(b, [3])];
  return () => x.add(y);
});
add("sum 1 element", 1, (b) => {
  const x = arrayOn(b, [1]);
  return () => x.sum();
});

const width = Math.max(...cases.map(({ name }) => name.length));
console.log(
  `${"".padEnd(width)}  ${Object.keys(backends)
    .map((name) => `${name} best`.padStart(15) + "median".padStart(9))
    .join("")}   (ns an element)`,
);
for (const { name, count, prepare } of cases) {
  if (!new RegExp(wanted).test(name)) continue;
  const runs = Object.entries(backends).map(([label, backend]) => ({
    label,
    run: prepare(backend),
    times: [],
  }));
  for (const one of runs) {
    const once = (n) => {
      const start = performance.now();
      for (let i = 0; i < n; i++) one.run().dispose();
      return performance.now() - start;
    };
    once(count < 10_000 ? 2000 : 2);
    let n = 1;
    while (once(n) < 4) n *= 2;
    one.once = once;
    one.n = n;
  }
  for (let round = 0; round < 9; round++)
    for (const one of runs) one.times.push((one.once(one.n) / one.n / count) * 1e6);
  console.log(
    name.padEnd(width + 2) +
      runs
        .map(
          ({ times }) =>
            Math.min(...times)
              .toFixed(3)
              .padStart(15) + median(times).toFixed(3).padStart(9),
        )
        .join(""),
  );
}
