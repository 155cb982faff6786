/** Reading what an error says, for tests. */

/** The class and the text of what `run` throws. */
export async function failure(run: () => unknown): Promise<string> {
  try {
    await run();
  } catch (error) {
    return String(error);
  }
  return "nothing was thrown";
}
