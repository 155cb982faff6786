// The first thing to try in a fresh clone: trains a small network on MNIST and shows what it sees.
import { trainMnist } from "./mnist.mjs";

const demo = ["--model", "mlp", "--epochs", "3", "--show"];

trainMnist(demo);
