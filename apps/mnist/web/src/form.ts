/** What a training is made with. Changing a choice begins it again. */
import { element } from "./element.ts";
import type { Choices, ModelChoice } from "./messages.ts";

/** The form with the choices. */
export class ChoiceForm {
  readonly #form = element("choices", HTMLFormElement);
  readonly #model = element("model", HTMLSelectElement);
  readonly #optimizer = element("optimizer", HTMLSelectElement);
  readonly #lr = element("lr", HTMLInputElement);
  readonly #batchSize = element("batch-size", HTMLInputElement);
  readonly #onChoices: (choices: Choices) => void;
  #models: readonly ModelChoice[] = [];

  constructor(onChoices: (choices: Choices) => void) {
    this.#onChoices = onChoices;
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    this.#model.addEventListener("change", () => this.#setModel());
    this.#optimizer.addEventListener("change", () => this.#setOptimizer());
    this.#form.addEventListener("change", () => this.submit());
  }

  /** Offers the models and chooses one. */
  fill(models: readonly ModelChoice[]): void {
    this.#models = models;
    setOptions(this.#model, models);
    if (models.some(({ name }) => name === "mlp")) this.#model.value = "mlp";
    this.#setModel();
    for (const field of [this.#model, this.#optimizer, this.#lr, this.#batchSize]) {
      field.disabled = false;
    }
  }

  /** Begins again, where all that is written is right; else the browser says what is not. */
  submit(): void {
    if (!this.#form.reportValidity()) return;
    this.#onChoices({
      model: this.#model.value,
      optimizer: this.#optimizer.value,
      lr: this.#lr.valueAsNumber,
      batchSize: this.#batchSize.valueAsNumber,
    });
  }

  /** Shows the choices of a training that has begun by itself. */
  show({ model, optimizer, lr, batchSize }: Choices): void {
    this.#model.value = model;
    this.#setModel();
    this.#optimizer.value = optimizer;
    this.#lr.value = String(lr);
    this.#batchSize.value = String(batchSize);
  }

  #setModel(): void {
    const { summary, batchSize, optimizers } = this.#chosen();
    element("summary", HTMLElement).textContent = summary;
    this.#batchSize.value = String(batchSize);
    setOptions(this.#optimizer, optimizers);
    this.#setOptimizer();
  }

  #setOptimizer(): void {
    const chosen = this.#chosen().optimizers.find(({ name }) => name === this.#optimizer.value)!;
    this.#lr.value = String(chosen.lr);
  }

  #chosen(): ModelChoice {
    return this.#models.find(({ name }) => name === this.#model.value)!;
  }
}

function setOptions(
  select: HTMLSelectElement,
  choices: readonly { readonly name: string }[],
): void {
  select.replaceChildren(...choices.map(({ name }) => new Option(name)));
}
