/** The loop that the programs on images share: batches, steps, means weighted by items. */
import { setImmediate } from "node:timers/promises";
import { noGrad, type Tensor } from "@needle/autograd";
import type { DataLoader } from "@needle/data";
import { scope } from "@needle/ndarray";
import type { Optimizer } from "@needle/optim";

/** Called after each batch with the items done so far and the mean loss of these. */
type OnBatch = (done: number, loss: number) => void;

/**
 * One pass over a loader, a step a batch; gives the mean loss of the items.
 *
 * @param lossOf - the mean loss of a batch.
 */
export async function trainEpoch<Batch extends readonly Tensor[]>(
  loader: DataLoader<Batch>,
  optimizer: Optimizer,
  lossOf: (batch: Batch) => Tensor,
  onBatch: OnBatch,
): Promise<number> {
  const step = (batch: Batch): Tensor => {
    optimizer.resetGrad();
    const loss = lossOf(batch);
    loss.backward();
    optimizer.step();
    return loss.detach();
  };
  return (await means(loader, (batch) => ({ loss: scope(() => step(batch)) }), onBatch)).loss;
}

/**
 * Means over a whole set, without gradients.
 *
 * @param measure - the means of one batch.
 */
export function evaluate<Batch extends readonly Tensor[], Name extends string>(
  loader: DataLoader<Batch>,
  measure: (batch: Batch) => Record<Name, Tensor>,
  onBatch: OnBatch = () => {},
): Promise<Record<Name, number>> {
  return means(loader, (batch) => noGrad(() => measure(batch)), onBatch);
}

async function means<Batch extends readonly Tensor[], Name extends string>(
  loader: DataLoader<Batch>,
  measure: (batch: Batch) => Record<Name, Tensor>,
  onBatch: OnBatch,
): Promise<Record<Name, number>> {
  const sums: Record<string, number> = {};
  let done = 0;
  for await (const batch of loader) {
    // The progress bar and Ctrl-C have their turn.
    await setImmediate();
    const count = batch[0]!.shape[0]!;
    const measured = Object.entries<Tensor>(measure(batch));
    for (const [name, mean] of measured) {
      sums[name] = (sums[name] ?? 0) + (await mean.data())[0]! * count;
    }
    // One tensor may go by two names.
    for (const mean of new Set(measured.map(([, mean]) => mean))) mean.dispose();
    done += count;
    onBatch(done, (sums.loss ?? 0) / done);
  }
  for (const name of Object.keys(sums)) sums[name] = sums[name]! / done;
  return sums as Record<Name, number>;
}

/** Seconds since a time of `performance.now()`. */
export function secondsSince(start: number): number {
  return (performance.now() - start) / 1000;
}
