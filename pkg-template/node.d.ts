import type { ApiFlow, LoadOptions, ResultFile, Upload, UploadOptions } from "./index.js";

export * from "./workflow.js";

/**
 * Reads a workflow or a prompt out of a file of the disk, named by a path or a file: URL.
 *
 * @example
 * const api = await loadFile("workflow.json", { serverUrl: "http://127.0.0.1:8188" });
 */
export function loadFile<Nodes = {}>(file: string | URL, options?: LoadOptions): Promise<ApiFlow<Nodes>>;

/** How to save files. */
export interface SaveOptions {
  /**
   * Names, relative to the folder: `#` runs and `%04d` are the index; `{filename} {stem} {ext} {base} {sequence} {tail}
   * {src_frame}` come from the server's name. The target is the folder then. Default: the server's own names, made safe.
   */
  pattern?: string;
  /** The first index, a whole number, default 0. */
  indexOffset?: number;
  /** Replace files that exist. Default: that is an error, found before anything is fetched. */
  overwrite?: boolean;
  /**
   * What a pattern's extension that is not the file's means: an error (`"check"`, the default), the file's own instead
   * (`"content"`), or the pattern's all the same (`"keep"`).
   */
  extension?: "check" | "content" | "keep";
  signal?: AbortSignal;
  /** Told after each file how many are saved. */
  onProgress?: (saved: number, total: number) => void;
  /** Told while a file comes how much of it has, in bytes; `total` is 0 where the server does not say. */
  onFileProgress?: (file: ResultFile, loaded: number, total: number) => void;
}

/**
 * Saves the files of a run and returns their paths. Their contents go to the disk as they come. Nothing is written outside of the folder, and a crash leaves no half
 * file.
 *
 * @param target a folder (`"out"`), or a folder with a name pattern (`"out/frame.###.png"`); default
 *   `AUTOFLOW_OUTPUT_PATH`, else the current folder
 * @throws {ComfyError} `bad_input` where an argument is wrong; `file` where the disk refuses or a file exists
 * @example
 * const paths = await saveFiles(await run.fetchImages(), "outputs/frame.###.png");
 */
export function saveFiles(files: readonly ResultFile[], target?: string | URL, options?: SaveOptions): Promise<string[]>;

/** Uploads a file of the disk, or a folder with all that is in it, and returns where the server put each. */
export function uploadFile(file: string | URL, options?: UploadOptions): Promise<Upload[]>;

/**
 * Writes a file whole or not at all, and makes the folder that it goes into. Without `overwrite` a file that exists is an
 * error.
 */
export function writeFile(
  file: string | URL,
  content: string | Uint8Array | AsyncIterable<Uint8Array>,
  options?: { overwrite?: boolean },
): Promise<void>;
