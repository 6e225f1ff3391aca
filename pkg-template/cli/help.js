// @ts-check
// What `autoflow --help` says.

export const HELP = `autoflow runs ComfyUI workflows from the command line.

Usage
  autoflow --submit -i workflow.json --server-url http://127.0.0.1:8188 --save-images out
  autoflow -i workflow.json -o prompt.json -f object_info.json
  autoflow --download-object-info-path object_info.json --server-url http://127.0.0.1:8188

Input and server
  -i, --input-path FILE      a workflow.json of the editor, a prompt (API form), or a picture or film that carries
                             one; - is standard input; may be given several times, and a FILE without the flag is
                             one as well
  -s, --server-url URL       the ComfyUI server, else AUTOFLOW_COMFYUI_SERVER_URL; user:password@ for a login
  -f, --object-info-path FILE
                             a saved /object_info, to convert without a server (also --node-info-path)
      --allow-unknown        convert without the nodes whose type the server or the object info does not know

Convert (without --submit); a file that exists is replaced
  -o, --output-path FILE     where the prompt goes, default workflow-api.json; - is standard output; a folder for
                             several inputs
      --download-object-info-path FILE
                             fetch /object_info, save it, and leave (also --download-node-info-path)

Submit
      --submit               submit and wait until it is done; Ctrl-C cancels the run on the server
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
