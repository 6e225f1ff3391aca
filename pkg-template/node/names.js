// @ts-check
// What the Rust side decides about files of the disk and their names. It is in the converter, which pages load late.
import * as glue from "../converter.js";
import { converter, whenReady } from "../modules.js";

export const checkKinds = whenReady(converter, "checkKinds", glue.checkKinds);
export const checkWrite = whenReady(converter, "writeFile", glue.checkWrite);
export const contentPath = whenReady(converter, "saveFiles", glue.contentPath);
export const describe = whenReady(converter, "describe", glue.describe);
export const expectedPaths = whenReady(converter, "expectedPaths", glue.expectedPaths);
export const nearest = whenReady(converter, "nearest", glue.nearest);
export const planSave = whenReady(converter, "saveFiles", glue.planSave);
export const refusedOutputs = whenReady(converter, "refusedOutputs", glue.refusedOutputs);
