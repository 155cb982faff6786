/** Fetching the digits that the page was built with. */
import { gunzip, MnistDataset, parseIdx } from "@needle/data";
import { concat } from "@needle/ndarray";

/** Told how many bytes have come, of how many; a server need not say how many there will be. */
export type OnProgress = (loaded: number, total: number) => void;

/** Fetches one part, such as `first`: its images and its labels. */
export async function fetchDigits(
  folder: string,
  part: "first" | "rest" | "test",
  onProgress: OnProgress = () => {},
): Promise<MnistDataset> {
  const [images, labels] = await Promise.all([
    fetchFile(new URL(`${part}-images.gz`, folder), onProgress),
    fetchFile(new URL(`${part}-labels.gz`, folder)),
  ]);
  return new MnistDataset(parseIdx(images), parseIdx(labels).astype("int32"));
}

/** The digits of both. */
export function joined(a: MnistDataset, b: MnistDataset): MnistDataset {
  return new MnistDataset(concat([a.pixels, b.pixels]), concat([a.labels.value, b.labels.value]));
}

async function fetchFile(url: URL, onProgress: OnProgress = () => {}): Promise<Uint8Array> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url.pathname}: the server answers ${response.status}`);
  // Where the server compresses, the length is that of what is sent, not of what is read.
  const encoded = response.headers.has("Content-Encoding");
  const total = encoded ? 0 : Number(response.headers.get("Content-Length") ?? 0);
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let loaded = 0;
  const reader = response.body!.getReader();
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    chunks.push(read.value);
    loaded += read.value.length;
    onProgress(loaded, total);
  }
  const bytes = new Uint8Array(await new Blob(chunks).arrayBuffer());
  return gunzip(bytes, { name: url.pathname });
}
