/** The programs, by the name the command line takes. */
import { autoencoder } from "./autoencoder.ts";
import type { Programs } from "./console.ts";
import { gan } from "./gan.ts";
import { gpt } from "./gpt.ts";
import { languageModel } from "./language-model.ts";
import { resnet9 } from "./resnet9.ts";

export const programs: Programs = {
  autoencoder,
  gan,
  gpt,
  "language-model": languageModel,
  resnet9,
};
