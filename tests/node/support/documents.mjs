// @ts-check
// The documents of the project and the examples in them.
import assert from "node:assert/strict";
import fs from "node:fs/promises";
import path from "node:path";
import { root } from "../../../scripts/paths.mjs";

/** @typedef {{ name: string, language: string, words: string[], code: string }} Example */

export const documents = ["README.md", ...(await fs.readdir(path.join(root, "docs"))).filter((name) => name.endsWith(".md")).map((name) => `docs/${name}`)];
export const texts = new Map(
  await Promise.all(documents.map(async (name) => /** @type {[string, string]} */ ([name, await fs.readFile(path.join(root, name), "utf8")]))),
);

/** @type {Example[]} */
export const examples = [...texts].flatMap(([document, text]) =>
  [...text.matchAll(/^```(\w+)(.*)\n([^]*?)^```$/gm)].map(([, language, words, code], at) => ({
    name: `${document}, example ${at + 1}`,
    language,
    words: words.split(" ").filter(Boolean),
    code,
  })),
);

/** The examples of these words, at least one. @param {string[]} words */
export function marked(...words) {
  const found = examples.filter((example) => words.every((word) => [example.language, ...example.words].includes(word)));
  assert.notEqual(found.length, 0, `no example is marked ${words.join(" ")}`);
  return found;
}

/** Those with `file=` of a document, by file. @param {string} document */
export function filesOf(document) {
  return examples
    .filter(({ name }) => name.startsWith(`${document},`))
    .flatMap(({ words, code }) => words.filter((word) => word.startsWith("file=")).map((word) => ({ file: word.slice(5), code })));
}
