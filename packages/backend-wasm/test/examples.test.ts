/** The examples of this package's documentation give what they say. */
import { testExamples } from "../../../scripts/examples.ts";

testExamples(new URL("../src/", import.meta.url), new URL("../reports/examples/", import.meta.url));
