// @ts-check
// A server that says what a recorded one said: its answers to submissions, its frames at the recorded pace, its
// history. Queue and sockets stay those of the simulator, and so do the `status` frames that they make.
import { randomUUID } from "node:crypto";
import { json } from "./http.js";
import { Execution } from "./executor.js";
import { samplePng } from "./nodes/images.js";
import { pause } from "./pause.js";
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
   * Answers the next submission as the recorded server did. Once all were used they begin again, under new ids.
   * @param {Map<string, any>} data @param {import("./simulator.js").Simulator} sim
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
   * @param {import("./server-process.js").ServerProcess} server @param {import("./queue.js").QueueItem} item
   * @param {import("./recording.js").Submission} submission
   */
  constructor(server, item, submission) {
    super(server, item);
    this.submission = submission;
    this.success = succeeded(submission);
    this.hurry = new AbortController();
  }

  async run() {
    const { hub } = this.server;
    for (const { wait, type, data, raw } of this.submission.frames) {
      const ms = wait / this.sim.speed;
      // What was sent within a millisecond was sent without a pause.
      if (ms >= 1) await pause(ms, this.abort.signal, this.hurry.signal);
      await this.gate();
      if (this.interrupted && type !== "execution_interrupted") continue;
      if (type === "executing") this.lastNodeId = data.get("display_node") ?? data.get("node");
      hub.send({ type, data, raw, promptId: this.promptId }, type === "progress_text" ? null : this.clientId);
      this.told = type;
    }
    if (this.interrupted && this.told !== "execution_interrupted") this.tellInterruption();
    const { history } = this.submission;
    this.keepFiles(history?.get("outputs"));
    return new Map(history && !this.interrupted ? history : super.historyItem());
  }

  /** Someone interrupted who did not in the recording. */
  tellInterruption() {
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

  /** The files themselves were not recorded: a picture stands in for each. @param {any} outputs */
  keepFiles(outputs) {
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
