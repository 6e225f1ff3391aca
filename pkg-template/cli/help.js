// @ts-check
// The texts of `--help`.

export const HELP = `comfyui-autoflow runs ComfyUI workflows from the command line.

Usage
  npx comfyui-autoflow --submit -i workflow.json -s http://127.0.0.1:8188 --save-images out
  npx comfyui-autoflow -i workflow.json -o prompt.json -f object_info.json
  npx comfyui-autoflow --download-object-info-path object_info.json -s http://127.0.0.1:8188
  npx comfyui-autoflow queue | history | models | stats | cancel | free | types  [--help]

Input and server
  -i, --input-path FILE      a workflow.json of the editor, a prompt (API form), or a picture or film that carries
                             one; - is standard input; may be given several times, and a FILE without the flag is
                             one as well; a folder stands for each workflow (.json) in it
  -s, --server-url URL       the ComfyUI server, else AUTOFLOW_COMFYUI_SERVER_URL; put a login, user:password@, there,
                             where other programs do not see it; given
                             several times, each run goes to the next free server
      --wait-for-server SECONDS
                             waits so long until the servers answer
  -f, --object-info-path FILE
                             a saved /object_info, to convert without a server (also --node-info-path)
      --allow-unknown        convert without the nodes whose type the server or the object info does not know

Change inputs, before a run or a conversion
      --set NODE.INPUT=VALUE as often as wanted; NODE is an id, a title (with dots: in double quotes) or a class that
                             stands once; INPUT may follow links: KSampler.positive.text; VALUE is JSON where the
                             input holds no text; @FILE uploads a file and takes its name, @@ is a literal @
      --seed N|random        all seeds of the prompt; the ones used go to standard error

Convert (without --submit); a file that exists is replaced
  -o, --output-path FILE     where the prompt goes, default workflow-api.json; - is standard output; a folder for
                             several inputs
      --download-object-info-path FILE
                             fetch /object_info, save it, and leave (also --download-node-info-path)

Submit
      --submit               submit and wait until it is done; Ctrl-C cancels the run on the server
      --repeat N             runs each input N times; from the second on with new seeds, unless --seed gives one
      --no-wait              print the prompt id and leave
      --no-progress          no progress: else a bar on a terminal, a line of JSON an event otherwise

Save
      --save-images DIR      fetch the pictures that the run saved and save them there; where it saved none, those of
                             its previews
      --save-files DIR       the same for all files, whatever their kind
      --output-types LIST    only these of --save-files: images,video,audio,text,3d,latents,files
      --output-nodes IDS     only files of these nodes: 9,12:3
      --include-temp         files of previews too, which are temporary on the server
      --filepattern NAME     names of --save-images, default frame.###.png; # or %04d is the index, and {filename}
                             {stem} {ext} {base} {sequence} {tail} {src_frame} come from the server's name
      --index-offset N       the first index of --save-images, default 0
      --overwrite            replace saved files that exist; without it that is an error, before anything is
                             submitted where the name is known by then

  -h, --help                 this text
  -v, --version              the version

Environment
  AUTOFLOW_OUTPUT_PATH          the folder that workflow-api.json goes into
  AUTOFLOW_API_KEY              a key for Comfy Cloud or for API nodes
  AUTOFLOW_WS_IDLE_TIMEOUT_S    seconds of silence after which the server is asked how the run is doing, default 5
  AUTOFLOW_POLL_INTERVAL_S      how often it is asked at most, default 0.5
  AUTOFLOW_WAIT_TIMEOUT_S       how long to wait in all, default for ever

Standard output carries the prompt id, then each written path, and nothing else. Progress and errors go to standard
error. Exit codes: 0 done, 1 the run failed or the server refused a part of it, 2 wrong usage, 130 interrupted.
`;

const COMMON = `  -s, --server-url URL       else AUTOFLOW_COMFYUI_SERVER_URL
      --json                 JSON in place of a table
  -h, --help                 this text
`;

/** By their names. @type {Record<string, string>} */
export const SUBCOMMAND_HELP = {
  queue: `npx comfyui-autoflow queue  shows which prompts run and wait, in their order.

${COMMON}`,
  history: `npx comfyui-autoflow history  shows the runs that have ended, the newest first.

      --limit N              how many, default 20
      --offset N             leaves out the newest N
${COMMON}`,
  models: `npx comfyui-autoflow models [FOLDER]  shows the folders of models, or what is in
one, such as checkpoints.

${COMMON}`,
  stats: `npx comfyui-autoflow stats  shows version, memory and devices of the server.

${COMMON}`,
  cancel: `npx comfyui-autoflow cancel ID …  takes prompts out of the queue or stops them.

${COMMON}
Exit code 1 where the server does not have one of them.
`,
  free: `npx comfyui-autoflow free  has the server unload its models and give memory
back, once nothing runs.

      --keep-models          memory alone
${COMMON}`,
  types: `npx comfyui-autoflow types  writes TypeScript declarations of every node class of the server.

  -o, --output-path FILE     default comfy-nodes.d.ts; - is standard output
  -f, --object-info-path FILE
                             a saved /object_info, in place of a server
  -s, --server-url URL       else AUTOFLOW_COMFYUI_SERVER_URL
  -h, --help                 this text

  import type { Nodes } from "./comfy-nodes.js";
  const api: ApiFlow<Nodes> = await comfy.load(workflow);
  api.find({ classType: "KSampler" })[0].inputs.sampler_name = "euler";
`,
};
