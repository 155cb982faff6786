/**
 * What a worker thread runs: it joins the compiled kernels to the shared memory and computes the
 * parts of calls that `pool.ts` lays out in the control block. It loads nothing, so it can be
 * started from its text (Node), a blob, or this file as `@needle/backend-wasm/worker.js`.
 *
 * The control block, in words of 32 bits; all access is atomic:
 *   0   the number of the current call, on which workers wait
 *   16  how many workers are parked
 *   32  1 when the workers shall end
 *   48  parts of the current call
 *   64  how many parts workers have done, on which the main thread waits
 *   80  whether the main thread waits
 *   81  how many parts workers have done in all
 *   96  for each thread: 0 absent, 1 starting, 2 ready
 *   128 for each part: 0 free, t taken by thread t, -1 done, -2 failed
 * and from byte 1024 on, for each part, 32 doubles: the number of the kernel, how many arguments,
 * the result, the arguments.
 */

/** Milliseconds of watching for the next call before a worker parks. */
const watching = 1;

/** `idle` is how many milliseconds a worker stays parked before it ends. */
function serve({ module, memory, control, thread, idle }) {
  const words = new Int32Array(control);
  const records = new Float64Array(control, 1024);
  const { exports } = new WebAssembly.Instance(module, { env: { memory }, math: Math });
  const kernels = Object.values(exports);

  const compute = (part) => {
    const first = 32 * part;
    const args = records.subarray(first + 3, first + 3 + records[first + 1]);
    let state = -1;
    try {
      records[first + 2] = kernels[records[first]](...args) ?? 0;
    } catch {
      state = -2;
    }
    Atomics.add(words, 81, 1);
    Atomics.store(words, 128 + part, state);
    Atomics.add(words, 64, 1);
    if (Atomics.load(words, 80) === 1) Atomics.notify(words, 64);
  };

  /** Takes parts as long as there are any. */
  const help = () => {
    for (let part = Atomics.load(words, 48) - 1; part >= 0; part--) {
      const isFree = Atomics.load(words, 128 + part) === 0;
      if (isFree && Atomics.compareExchange(words, 128 + part, 0, thread) === 0) compute(part);
    }
  };

  /** Waits for another call than `seen`. False when none came for long. */
  const wait = (seen) => {
    const end = performance.now() + watching;
    do {
      for (let i = 0; i < 100; i++) if (Atomics.load(words, 0) !== seen) return true;
    } while (performance.now() < end);
    Atomics.add(words, 16, 1);
    const outcome = Atomics.wait(words, 0, seen, idle);
    Atomics.sub(words, 16, 1);
    return outcome !== "timed-out";
  };

  Atomics.compareExchange(words, 96 + thread, 1, 2);
  let goesOn = true;
  while (goesOn) {
    const seen = Atomics.load(words, 0);
    help();
    goesOn = Atomics.load(words, 32) === 0 && wait(seen);
  }
  Atomics.store(words, 96 + thread, 0);
}

const node = globalThis.process?.getBuiltinModule?.("node:worker_threads");
if (node?.workerData) serve(node.workerData);
else {
  globalThis.onmessage = ({ data }) => {
    serve(data);
    globalThis.close();
  };
}
