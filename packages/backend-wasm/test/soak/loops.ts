/**
 * Kinds of training loops, each without a word about memory, and what they leave alive. A loop runs
 * a step and calls `after`; only the one with `for await` ever yields to the event loop.
 */
import { noGrad, randn as randomTensor, Tensor, tensor, zeros } from "@needle/autograd";
import { ArrayDataset, DataLoader } from "@needle/data";
import {
  type Backend,
  manualSeed,
  memory,
  randint,
  randn,
  setDefaultBackend,
} from "@needle/ndarray";
import { crossEntropy, Linear, ReLU, Sequential } from "@needle/nn";
import { Adam } from "@needle/optim";

/** Runs `steps` steps of a loop, with a call after each. */
export type Loop = (steps: number, after: () => void) => void | Promise<void>;

function classifier(): Sequential {
  return new Sequential(new Linear(8, 16), new ReLU(), new Linear(16, 4));
}

export const loops: Readonly<Record<string, Loop>> = {
  "modules in a plain loop": (steps, after) => {
    const model = classifier();
    const optimizer = new Adam(model.parameters(), { lr: 1e-3 });
    const [x, y] = [new Tensor(randn([10, 8])), new Tensor(randint(0, 4, [10]))];
    for (let step = 0; step < steps; step++) {
      optimizer.resetGrad();
      const logits = model.forward(x);
      const loss = crossEntropy(logits, y);
      loss.backward();
      optimizer.step();
      // Results can be read after the backward pass.
      if (!(loss.item() > 0 && logits.size === 40)) throw new Error("the loss is lost");
      after();
    }
  },

  "for await over a DataLoader": async (steps, after) => {
    const model = classifier();
    const optimizer = new Adam(model.parameters(), { lr: 1e-3 });
    const data = new ArrayDataset(new Tensor(randn([50, 8])), new Tensor(randint(0, 4, [50])));
    for (let step = 0; step < steps; ) {
      for await (const [x, y] of new DataLoader(data, { batchSize: 10, shuffle: true })) {
        optimizer.resetGrad();
        crossEntropy(model.forward(x), y).backward();
        optimizer.step();
        after();
        if (++step === steps) break;
      }
    }
  },

  "tensors by hand": (steps, after) => {
    const w = randomTensor([8, 4], { requiresGrad: true });
    const x = tensor(randn([10, 8]).toArray() as number[][]);
    for (let step = 0; step < steps; step++) {
      const loss = x.matmul(w).tanh().sub(0.5).square().mean();
      loss.backward();
      noGrad(() => w.assign(w.sub(w.grad!.mul(0.1))));
      w.resetGrad();
      after();
    }
  },

  "evaluation under noGrad": (steps, after) => {
    const model = classifier().eval() as Sequential;
    const x = new Tensor(randn([10, 8]));
    for (let step = 0; step < steps; step++) {
      noGrad(() => model.forward(x)).argmax(1);
      after();
    }
  },

  "a recurrent loop with detached state": (steps, after) => {
    const [w, u] = [
      [4, 4],
      [3, 4],
    ].map((shape) => randomTensor(shape, { requiresGrad: true })) as [Tensor, Tensor];
    const optimizer = new Adam([w, u], { lr: 1e-3 });
    const x = new Tensor(randn([2, 3]));
    let h = zeros([2, 4]);
    for (let step = 0; step < steps; step++) {
      const next = h.matmul(w).add(x.matmul(u)).tanh();
      optimizer.resetGrad();
      next.square().mean().backward();
      optimizer.step();
      h = next.detach();
      after();
    }
  },
};

/** The most that was alive in the first and in the second half of a loop. */
export interface Course {
  readonly buffers: readonly [number, number];
  readonly bytes: readonly [number, number];
  /** Bytes the backend itself accounts for; 0 where it keeps no account. */
  readonly usedBytes: readonly [number, number];
}

/** Runs a loop on a backend. */
export async function watch(
  loop: Loop,
  backend: Backend & { info?(): { readonly usedBytes: number } },
  steps: number,
): Promise<Course> {
  setDefaultBackend(backend);
  manualSeed(1);
  const most = { buffers: [0, 0], bytes: [0, 0], usedBytes: [0, 0] } as {
    [name in keyof Course]: [number, number];
  };
  let step = 0;
  await loop(steps, () => {
    const half = step++ * 2 < steps ? 0 : 1;
    const { buffers, bytes } = memory(backend);
    const usedBytes = backend.info?.().usedBytes ?? 0;
    for (const [name, now] of Object.entries({ buffers, bytes, usedBytes })) {
      const pair = most[name as keyof Course];
      pair[half] = Math.max(pair[half]!, now);
    }
  });
  if (step !== steps) throw new Error(`the loop made ${step} of ${steps} steps`);
  return most;
}
