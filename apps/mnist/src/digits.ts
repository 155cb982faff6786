/** The data: MNIST from the installed package or from a folder. */
import type { Tensor } from "@needle/autograd";
import { type Dataset, mnist } from "@needle/data";
import { NeedleError } from "@needle/ndarray";
import { UsageError } from "./options.ts";

/** A batch: flat images `[n, 784]`, from 0 to 1, and their labels `[n]`. */
export type Batch = readonly [images: Tensor, labels: Tensor];

/** A set of digits. */
export type Digits = Dataset<Batch>;

/** What is learned from, and what shows how well. */
export interface DigitSets {
  readonly train: Digits;
  readonly test: Digits;
}

/**
 * Reads both sets.
 *
 * @param options.data - the folder of the four IDX files; the installed package unless given.
 * @param options.limit - how many images of each set; all unless given.
 * @throws UsageError when the files are missing or damaged.
 */
export async function loadDigits(options: {
  readonly data?: string | undefined;
  readonly limit?: number | undefined;
}): Promise<DigitSets> {
  try {
    return await mnist({ from: options.data, limit: options.limit });
  } catch (error) {
    if (!(error instanceof NeedleError) && !isSystemError(error)) throw error;
    // The lines after the first are for programmers.
    throw new UsageError(error.message.replace(/\n.*/s, ""));
  }
}

/** Whether an error comes from the operating system, such as a folder that may not be read. */
function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "syscall" in error;
}
