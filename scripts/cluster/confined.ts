// Runs in a container of the chart, read from stdin. Prints one line for each thing that the process can do and must not.

import { readFileSync, writeFileSync } from "node:fs";

const status = readFileSync("/proc/self/status", "utf8");
const field = (name: string) => new RegExp(`^${name}:\\s+(\\S+)`, "mu").exec(status)?.[1] ?? "";

if (field("Uid") === "0") console.log("it runs as root");
if (BigInt(`0x${field("CapEff")}`) !== 0n) console.log(`it has capabilities: ${field("CapEff")}`);
if (field("NoNewPrivs") !== "1") console.log("it may gain privileges");
if (field("Seccomp") !== "2") console.log("no seccomp profile is active");
for (const folder of ["/", "/app", "/etc", "/tmp"]) {
  try {
    writeFileSync(`${folder}/written`, "");
    console.log(`it may write to ${folder}`);
  } catch {
    // Expected.
  }
}
try {
  readFileSync("/var/run/secrets/kubernetes.io/serviceaccount/token");
  console.log("a token of Kubernetes is mounted");
} catch {
  // Expected.
}
