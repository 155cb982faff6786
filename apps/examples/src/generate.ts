/** Writing text with a model: one token after the other, each drawn from the model's scores. */
import { categorical, noGrad, type Tensor, tensor } from "@needle/autograd";
import { scope } from "@needle/ndarray";
import type { KeyValueCache } from "@needle/nn";
import type { Command } from "commander";
import { positive, wholeNumber } from "./console.ts";

/** How a token is drawn. */
export interface Sampling {
  /** Below 1 the likely tokens get likelier, above 1 less so. */
  readonly temperature: number;
  /** Only so many of the likeliest tokens are drawn from; all unless given. */
  readonly topK?: number | undefined;
}

/** A model that reads tokens in order and remembers those before. */
export interface Reader {
  /** How many tokens it can remember. */
  readonly room: number;
  /** Reads more tokens; the scores of what comes after the last, `[vocabulary]`. */
  read(ids: readonly number[]): Tensor;
  /** Forgets all tokens, and gives their memory back. */
  forget(): void;
}

/** Draws from `softmax(scores / temperature)`, `[vocabulary] -> []`, int32. */
export function sample(scores: Tensor, { temperature, topK }: Sampling): Tensor {
  return noGrad(() => {
    const size = scores.shape[0]!;
    const { values, indices } = scores.topk(Math.min(topK ?? size, size));
    const drawn = categorical({ logits: values.div(temperature) });
    return indices.take(drawn);
  });
}

/** So many tokens that go on after the prompt. */
export async function generate(
  reader: Reader,
  prompt: ArrayLike<number>,
  count: number,
  sampling: Sampling,
): Promise<number[]> {
  const ids = Array.from(prompt);
  let unread = ids.slice(-reader.room);
  let remembered = 0;
  try {
    for (let n = 0; n < count; n++) {
      if (remembered + unread.length > reader.room) {
        // Half of the memory is filled again, so that this is rare.
        reader.forget();
        remembered = 0;
        unread = ids.slice(-Math.max(1, Math.floor(reader.room / 2)));
      }
      const next = scope(() => sample(reader.read(unread), sampling));
      remembered += unread.length;
      const id = (await next.data())[0]!;
      next.dispose();
      ids.push(id);
      unread = [id];
    }
  } finally {
    reader.forget();
  }
  return ids.slice(prompt.length);
}

/** A reader around a model of attention, whose keys and values of the tokens before are kept. */
export function cachedReader(
  room: number,
  cache: KeyValueCache,
  scoresOf: (ids: Tensor, cache: KeyValueCache) => Tensor,
): Reader {
  return {
    room,
    read: (ids) => noGrad(() => scoresOf(tensor(ids, { dtype: "int32" }), cache)),
    forget: () => cache.dispose(),
  };
}

/** The flags of programs that write. */
export interface WritingSettings extends Sampling {
  readonly prompt: string;
  readonly length: number;
}

/** Adds these flags. */
export function addWritingFlags(command: Command): void {
  command
    .option("--prompt <text>", "what the sample of text begins with", "The whale ")
    .option("--length <n>", "tokens of the sample", wholeNumber(0), 300)
    .option("--temperature <x>", "below 1 safer text, above 1 wilder", positive, 0.8)
    .option("--top-k <n>", "draw from the n likeliest tokens only", wholeNumber(1));
}
