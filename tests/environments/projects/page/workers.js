// ?kind=dedicated|shared|service&server=…
const query = new URLSearchParams(location.search);
const options = { type: "module" };
const { port1, port2 } = new MessageChannel();
port1.onmessage = ({ data }) => {
  globalThis.outcome = data;
};

const targets = {
  dedicated: () => watched(new Worker("./worker.js", options)),
  shared: () => watched(new SharedWorker("./worker.js", options)).port,
  service: async () => {
    await navigator.serviceWorker.register("./service-worker.js", options);
    return (await navigator.serviceWorker.ready).active;
  },
};

function watched(worker) {
  worker.onerror = ({ message }) => {
    globalThis.outcome = { error: message || "the worker did not load" };
  };
  return worker;
}

const target = await targets[query.get("kind")]();
target.postMessage({ server: query.get("server"), port: port2 }, [port2]);
