/** Models as files: saved by a click, opened by another, or by dropping them on the page. */
import { element } from "./element.ts";

/** The most bytes that are read. */
const mostBytes = 2 ** 28;

/** What is done with files. */
export interface FileActions {
  readonly save: () => void;
  readonly open: (name: string, bytes: Uint8Array) => void;
  /** Told why a file is not opened. */
  readonly refuse: (why: string) => void;
}

/** Makes the buttons and the page listen. */
export function listenForFiles({ save, open, refuse }: FileActions): void {
  const input = element("file", HTMLInputElement);
  const take = async (file: File | undefined): Promise<void> => {
    if (file === undefined) return;
    if (file.size > mostBytes) return refuse(`${file.name}: ${file.size} bytes, too large`);
    try {
      open(file.name, new Uint8Array(await file.arrayBuffer()));
    } catch (error) {
      refuse(`${file.name}: ${(error as Error).message}`);
    }
  };
  element("save", HTMLButtonElement).addEventListener("click", save);
  element("open", HTMLButtonElement).addEventListener("click", () => input.click());
  input.addEventListener("change", () => {
    void take(input.files?.[0]);
    // The same file may be chosen again.
    input.value = "";
  });
  listenForDrops((file) => void take(file));
}

function listenForDrops(take: (file: File | undefined) => void): void {
  const { classList } = document.body;
  addEventListener("dragover", (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    classList.add("dropping");
  });
  addEventListener("dragleave", (event) => {
    // Only when it leaves the page, not one element for another.
    if (event.relatedTarget === null) classList.remove("dropping");
  });
  addEventListener("drop", (event) => {
    classList.remove("dropping");
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    take(event.dataTransfer.files[0]);
  });
}

/** Lets the browser save bytes as a file. */
export function download(name: string, bytes: Uint8Array): void {
  const link = document.createElement("a");
  const url = URL.createObjectURL(new Blob([bytes as Uint8Array<ArrayBuffer>]));
  link.href = url;
  link.download = name;
  link.click();
  // The browser takes the bytes a moment later.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
