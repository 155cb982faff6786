// The first thing to try in a fresh clone: trains a small network on MNIST and shows what it sees.
import { trainMnist } from "./mnist.mjs";

// About 2.1 % test error, whatever the seed.
const network = ["--model", "mlp", "--hidden", "256"];
const training = ["--epochs", "6", "--batch-size", "200", "--lr", "0.002"];

trainMnist([...network, ...training, "--show"]);
