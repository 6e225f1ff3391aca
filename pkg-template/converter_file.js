// @ts-check
// converter.wasm, read from its file.
import { readFileSync } from "node:fs";

export default () => readFileSync(new URL("./converter.wasm", import.meta.url));
