// @ts-check
// Replays a recording: its answers to submissions, its frames at the recorded pace, its history. Queue, sockets and
// `status` frames are the simulator's own.
import { randomUUID } from "node:crypto";
import { json } from "../http/response.js";
import { Execution } from "../execution/execution.js";
import { samplePng } from "../nodes/images.js";
import { sleep } from "../execution/sleep.js";
import { readRecording, renamed, succeeded } from "./recording.js";

export class Replay {
  /** @param {any} option a recording, or `{recording, rename}` */
  constructor(option) {
    const { recording, rename = false } =
      option && typeof option === "object" && "recording" in option ? option : { recording: option };
    this.rename = rename;
    this.submissions = readRecording(recording);
    if (this.submissions.length === 0) throw new TypeError("The recording holds no POST /prompt");
    this.taken = 0;
    /** @type {Map<string, import("./recording.js").Submission>} */
    this.byId = new Map();
  }

  /**
   * Answers with the next recorded submission. After the last one it starts over, with new prompt ids.
   * @param {Map<string, any>} data @param {import("../simulator.js").Simulator} sim
   */
  postPrompt(data, sim) {
    const recorded = this.submissions[this.taken % this.submissions.length];
    const again = this.taken >= this.submissions.length;
    this.taken += 1;
    if (recorded.status !== 200) return json(recorded.body, recorded.status);
    const wanted = this.rename ? (data.get("prompt_id") ?? randomUUID()) : again ? randomUUID() : undefined;
    const submission = wanted === undefined ? recorded : renamed(recorded, String(wanted));
    const promptId = submission.body.get("prompt_id");
    this.byId.set(promptId, submission);
    const [number, , prompt, extra, outputs] = submission.history?.get("prompt") ?? [];
    const extraData = new Map(extra ?? []);
    extraData.set("client_id", data.get("client_id"));
    if (!data.has("client_id")) extraData.delete("client_id");
    sim.process.queue.put({
      number: Number(number ?? submission.body.get("number") ?? 0),
      promptId,
      prompt: prompt ?? submission.prompt,
      extraData,
      outputs: outputs ?? [],
    });
    sim.emit("prompt_queued", { promptId, number: Number(submission.body.get("number")) });
    return json(submission.body);
  }

  /** @param {string} promptId */
  submission(promptId) {
    return this.byId.get(promptId);
  }
}

export class ReplayedExecution extends Execution {
  /**
   * @param {import("../server/server-process.js").ServerProcess} server @param {import("../server/prompt-queue.js").QueueItem} item
   * @param {import("./recording.js").Submission} submission
   */
  constructor(server, item, submission) {
    super(server, item);
    this.submission = submission;
    this.success = succeeded(submission);
    this.hurry = new AbortController();
  }

  async run() {
    const { sockets } = this.server;
    for (const { wait, type, data, raw } of this.submission.frames) {
      const ms = wait / this.sim.speed;
      // Waits below a millisecond are no pause.
      if (ms >= 1) await sleep(ms, this.abort.signal, this.hurry.signal);
      await this.gate();
      if (this.interrupted && type !== "execution_interrupted") continue;
      if (type === "executing") this.lastNodeId = data.get("display_node") ?? data.get("node");
      sockets.send({ type, data, raw, promptId: this.promptId }, type === "progress_text" ? null : this.clientId);
      this.told = type;
    }
    if (this.interrupted && this.told !== "execution_interrupted") this.sendInterrupted();
    const { history } = this.submission;
    this.writeStandInFiles(history?.get("outputs"));
    return new Map(history && !this.interrupted ? history : super.historyItem());
  }

  /** Ends a replay that was interrupted although the recording was not. */
  sendInterrupted() {
    this.success = false;
    const nodeId = this.lastNodeId ?? "";
    const type = this.item.prompt.get(nodeId)?.get("class_type") ?? "";
    const about = { prompt_id: this.promptId, node_id: nodeId, node_type: type, executed: [] };
    this.message("execution_interrupted", about, true);
  }

  interrupt() {
    super.interrupt();
    this.hurry.abort();
  }

  /** Writes a placeholder for each output file, as recordings hold no file contents. @param {any} outputs */
  writeStandInFiles(outputs) {
    for (const output of outputs?.values?.() ?? []) {
      for (const list of output?.values?.() ?? []) {
        for (const file of Array.isArray(list) ? list : []) {
          if (!(file instanceof Map) || !file.has("filename")) continue;
          const [type, subfolder] = [file.get("type") ?? "output", file.get("subfolder") ?? ""];
          if (this.sim.files.knows(type))
            this.sim.files.write(type, subfolder, file.get("filename"), samplePng(16, 16));
        }
      }
    }
  }
}
