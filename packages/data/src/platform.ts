/**
 * The parts of Node that are used where there are any. They are asked for by name at run time, so
 * that bundlers see no import and browsers load the same files.
 */

/** `node:fs/promises`. */
export interface NodeFiles {
  readdir(folder: string): Promise<string[]>;
  stat(file: string): Promise<{ readonly size: number }>;
  readFile(file: string): Promise<Uint8Array>;
  readFile(file: string, encoding: "utf8"): Promise<string>;
}

/** `node:module`. */
interface NodeModules {
  createRequire(from: string): { resolve(name: string): string };
}

interface Runtime {
  readonly TextDecoder: new (
    encoding: string,
    options: { readonly fatal: boolean },
  ) => { decode(bytes: Uint8Array): string };
  readonly TextEncoder: new () => { encode(text: string): Uint8Array };
  readonly process?: {
    cwd(): string;
    getBuiltinModule?(name: string): unknown;
  };
}

/** Read at each use: what is there may differ between loading and calling. */
function runtime(): Runtime {
  return globalThis as unknown as Runtime;
}

/** The file system, or undefined where there is none. */
export function nodeFiles(): NodeFiles | undefined {
  return runtime().process?.getBuiltinModule?.("node:fs/promises") as NodeFiles | undefined;
}

/** The places from which installed packages are looked up: the working folder, then this file. */
export function packageRoots(): string[] {
  const { process } = runtime();
  // Bundles for other module systems have no address of their own.
  const { url } = import.meta as unknown as { readonly url?: string };
  const roots = process === undefined ? [] : [`${process.cwd()}/`];
  return url?.startsWith("file:") ? [...roots, url] : roots;
}

/** The folder of an installed npm package, or undefined. */
export function findPackage(name: string): string | undefined {
  const modules = runtime().process?.getBuiltinModule?.("node:module") as NodeModules | undefined;
  if (modules === undefined) return undefined;
  for (const root of packageRoots()) {
    try {
      return modules
        .createRequire(root)
        .resolve(`${name}/package.json`)
        .replace(/[\\/]package\.json$/, "");
    } catch {
      // Not installed as seen from here.
    }
  }
  return undefined;
}

/** The text that bytes are in UTF-8; throws where they are none. */
export function textOf(bytes: Uint8Array): string {
  const { TextDecoder } = runtime();
  return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
}

/** A text in UTF-8. */
export function bytesOf(text: string): Uint8Array {
  const { TextEncoder } = runtime();
  return new TextEncoder().encode(text);
}
