/** The sheet to draw on, with a mouse, a finger, a pen or the keyboard. */

/** Pixels of the sheet, across and down. */
const size = 280;
const penWidth = 22;
/** How far an arrow key moves the pen. */
const stride = 10;

const arrows: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-stride, 0],
  ArrowRight: [stride, 0],
  ArrowUp: [0, -stride],
  ArrowDown: [0, stride],
};

/** Told of the ink after each change, at most once a frame; null when the sheet is empty. */
export type OnInk = (ink: Uint8ClampedArray | null, width: number) => void;

/** Drawing on a canvas. */
export class Pad {
  readonly #canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  readonly #onInk: OnInk;
  /** The lines drawn, each a list of points. */
  #strokes: [number, number][][] = [];
  #pen: [number, number] = [size / 2, size / 2];
  /** Whether arrow keys draw; null while the keyboard is not used. */
  #keyDown: boolean | null = null;
  #pending = false;

  /** @param sheet - what has the focus: the canvas, or what it is in. */
  constructor(canvas: HTMLCanvasElement, sheet: HTMLElement, onInk: OnInk) {
    canvas.width = canvas.height = size;
    this.#canvas = canvas;
    this.#context = canvas.getContext("2d", { willReadFrequently: true })!;
    this.#onInk = onInk;
    canvas.addEventListener("pointerdown", (event) => this.#down(event));
    canvas.addEventListener("pointermove", (event) => this.#move(event));
    sheet.addEventListener("keydown", (event) => this.#key(event));
    sheet.addEventListener("blur", () => {
      this.#keyDown = null;
      this.#draw();
    });
  }

  clear(): void {
    this.#strokes = [];
    this.#keyDown = this.#keyDown === null ? null : false;
    this.#changed();
  }

  #down(event: PointerEvent): void {
    if (event.button !== 0) return;
    this.#canvas.setPointerCapture(event.pointerId);
    this.#keyDown = null;
    this.#strokes.push([this.#point(event)]);
    this.#changed();
  }

  #move(event: PointerEvent): void {
    if (!this.#canvas.hasPointerCapture(event.pointerId)) return;
    // Safari has had no coalesced events for long.
    const events = event.getCoalescedEvents?.() ?? [];
    for (const part of events.length > 0 ? events : [event]) {
      this.#strokes.at(-1)?.push(this.#point(part));
    }
    this.#changed();
  }

  #point({ clientX, clientY }: PointerEvent): [number, number] {
    const { left, top, width, height } = this.#canvas.getBoundingClientRect();
    return [((clientX - left) / width) * size, ((clientY - top) / height) * size];
  }

  #key(event: KeyboardEvent): void {
    const arrow = arrows[event.key];
    if (arrow !== undefined) {
      const [x, y] = this.#pen;
      const within = (position: number): number => Math.min(size, Math.max(0, position));
      this.#pen = [within(x + arrow[0]), within(y + arrow[1])];
      this.#keyDown ??= false;
      if (this.#keyDown) this.#strokes.at(-1)!.push(this.#pen);
    } else if (event.key === " ") {
      this.#keyDown = !this.#keyDown;
      if (this.#keyDown) this.#strokes.push([this.#pen]);
    } else if (event.key === "Escape" || event.key === "Delete") {
      this.clear();
    } else {
      return;
    }
    event.preventDefault();
    this.#changed();
  }

  #changed(): void {
    if (this.#pending) return;
    this.#pending = true;
    requestAnimationFrame(() => {
      this.#pending = false;
      this.#tell();
      this.#draw();
    });
  }

  #tell(): void {
    if (this.#strokes.length === 0) {
      this.#onInk(null, size);
      return;
    }
    this.#lines();
    const { data } = this.#context.getImageData(0, 0, size, size);
    const ink = new Uint8ClampedArray(size * size);
    for (let i = 0; i < ink.length; i++) ink[i] = data[4 * i + 3]!;
    this.#onInk(ink, size);
  }

  /** Ink on nothing. */
  #lines(): void {
    const context = this.#context;
    context.clearRect(0, 0, size, size);
    context.lineCap = context.lineJoin = "round";
    context.lineWidth = penWidth;
    context.strokeStyle = getComputedStyle(this.#canvas).color;
    context.beginPath();
    for (const [first, ...rest] of this.#strokes) {
      context.moveTo(...first!);
      // A line without length is a dot.
      for (const point of [first!, ...rest]) context.lineTo(...point);
    }
    context.stroke();
  }

  #draw(): void {
    this.#lines();
    if (this.#keyDown === null) return;
    const context = this.#context;
    context.beginPath();
    context.arc(...this.#pen, penWidth / 2 + 2, 0, 2 * Math.PI);
    context.lineWidth = 2;
    context.strokeStyle = this.#keyDown ? "#e8590c" : "#868e96";
    context.stroke();
  }
}
