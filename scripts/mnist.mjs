// Runs the digit trainer: `npm run mnist -- --model mlp --epochs 3`.
import { runApp } from "./app.mjs";
import { isMain } from "./setup.mjs";

export function trainMnist(trainerArguments) {
  runApp("mnist", trainerArguments);
}

if (isMain(import.meta)) trainMnist(process.argv.slice(2));
