// Runs one of the example programs: `npm run example -- resnet9 --epochs 3`.
import { runApp } from "./app.mjs";

runApp("examples", process.argv.slice(2));
