"use client";
import { Workflow } from "comfyui-autoflow";
import { useEffect } from "react";
import { mainJob } from "../main-job.js";

export default function Page() {
  useEffect(() => {
    mainJob({ Workflow }, new URLSearchParams(location.search).get("server")).then((outcome) => {
      globalThis.outcome = outcome;
    });
  }, []);
  return <p>running</p>;
}
