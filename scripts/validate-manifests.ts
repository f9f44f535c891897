// Rendered manifests in, file by file; exit 1 with every fault when one is not valid in the models of Kubernetes, the Prometheus
// operator or the Gateway API, breaks a house rule, or holds a config that the program would refuse.

import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { houseFaults, nameOf } from "./chart/house-rules.ts";
import { type Manifest, readManifests } from "./chart/manifest.ts";
import { configFaults } from "./chart/rendered-config.ts";

const modelPackages: Readonly<Record<string, string>> = {
  "monitoring.coreos.com": "@kubernetes-models/prometheus-operator",
  "gateway.networking.k8s.io": "@kubernetes-models/gateway-api",
};

type Model = new (value: Manifest) => { validate(): void };

const files = process.argv.slice(2);
let manifests = 0;
let faults = 0;
for (const file of files) {
  const read = readManifests(readFileSync(file, "utf8"));
  const modelled = await Promise.all(read.map(modelFaults));
  for (const fault of [...modelled.flat(), ...houseFaults(read), ...configFaults(read)]) {
    faults += 1;
    console.error(`${basename(file)}: ${fault}`);
  }
  manifests += read.length;
}
console.log(`${manifests} manifests in ${files.length} renderings, ${faults} faults`);
process.exitCode = faults > 0 || manifests === 0 ? 1 : 0;

async function modelFaults(manifest: Manifest): Promise<readonly string[]> {
  const [group, version] = manifest.apiVersion.includes("/")
    ? manifest.apiVersion.split("/")
    : [null, manifest.apiVersion];
  const path = [modelPackages[group ?? ""] ?? "kubernetes-models", group, version, manifest.kind].filter(Boolean);
  try {
    const models = (await import(path.join("/"))) as Readonly<Record<string, Model>>;
    const model = models[manifest.kind];
    if (model === undefined) return [`${nameOf(manifest)}: there is no model of it`];
    new model(manifest).validate();
    return [];
  } catch (cause) {
    return [`${nameOf(manifest)}: ${cause instanceof Error ? cause.message : String(cause)}`];
  }
}
