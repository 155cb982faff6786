/** The programs, by the name the command line takes. */
import { autoencoder } from "./autoencoder.ts";
import type { Programs } from "./console.ts";

export const programs: Programs = {
  autoencoder,
};
