/**
 * The little of WebAssembly, and of the runtime around it, that this package uses: its types know
 * neither Node nor the browser.
 */

/** Linear memory. */
export interface Memory {
  /** Replaced by `grow`. The old one is then empty, or if it is shared as long as it was. */
  readonly buffer: ArrayBuffer | SharedArrayBuffer;
  grow(pages: number): number;
}

/** A compiled module. The name is the platform's, so that its own type fits. */
export type Module = object;

interface Instance {
  readonly exports: Readonly<Record<string, unknown>>;
}

/** By the name of a module, then of what is imported from it. */
export type Imports = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

interface WebAssemblyNamespace {
  readonly Memory: new (limits: { initial: number; maximum: number; shared: boolean }) => Memory;
  readonly Module: {
    new (bytes: Uint8Array): Module;
    exports(module: Module): readonly { readonly name: string }[];
  };
  readonly Instance: new (module: Module, imports: Imports) => Instance;
  compile(bytes: Uint8Array): Promise<Module>;
  instantiate(module: Module, imports: Imports): Promise<Instance>;
  validate(bytes: Uint8Array): boolean;
}

/** A browser's worker. */
export interface WebWorker {
  onerror: ((event: { readonly message?: string }) => void) | null;
  postMessage(message: unknown): void;
  terminate(): void;
}

interface Runtime {
  readonly WebAssembly?: WebAssemblyNamespace;
  readonly atob: (text: string) => string;
  readonly console?: { warn(message: string): void };
  readonly performance: { now(): number };
  readonly crossOriginIsolated?: boolean;
  readonly navigator?: { readonly hardwareConcurrency?: number };
  readonly Worker?: new (address: string) => WebWorker;
  readonly Blob?: new (parts: readonly string[], options: { type: string }) => object;
  readonly URL?: { createObjectURL(blob: object): string };
  readonly process?: {
    readonly versions?: { readonly node?: string };
    getBuiltinModule?: (name: string) => unknown;
  };
}

/** The global object, as far as it is used here. */
export const runtime: Runtime = globalThis as unknown as Runtime;
