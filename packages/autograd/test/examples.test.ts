/** The examples of this package's documentation give what they say. */
import { testExamples, testMarkdown } from "../../../scripts/examples.ts";

const cache = new URL("../reports/examples/", import.meta.url);

testExamples(new URL("../src/", import.meta.url), cache);
testMarkdown(new URL("../README.md", import.meta.url), cache);
