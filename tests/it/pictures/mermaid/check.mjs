// Reads a JSON array of Mermaid diagrams from standard input, and fails with the first that Mermaid cannot parse.
import { readFileSync } from "node:fs";
import { JSDOM } from "jsdom";

const { window } = new JSDOM("");
globalThis.window = window;
globalThis.document = window.document;
const { default: mermaid } = await import("mermaid");

for (const diagram of JSON.parse(readFileSync(0, "utf8"))) {
  try {
    await mermaid.parse(diagram);
  } catch (error) {
    console.error(`${error}\n${diagram}`);
    process.exit(1);
  }
}
