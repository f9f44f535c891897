// Validates rendered manifests against the models of Kubernetes, the Prometheus operator and the Gateway API, the rules of this chart,
// and the config check of the program. Prints every fault and exits with 1 if there is one.

import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { houseFaults, nameOf } from "./chart/house-rules.ts";
import { type Manifest, readManifests } from "./chart/manifest.ts";
import { configFaults } from "./chart/rendered-config.ts";
import { modelModule, unknownFieldFaults } from "./chart/unknown-fields.ts";

type Model = new (value: Manifest) => { validate(): void };

const files = process.argv.slice(2);
const renderings = files.map((file) => ({
  file: basename(file),
  manifests: readManifests(readFileSync(file, "utf8")),
}));
const all = renderings.flatMap(({ file, manifests }) => manifests.map((manifest) => ({ file, manifest })));
const faults: string[] = [];
for (const { file, manifests } of renderings) {
  const modelled = await Promise.all(manifests.map(modelFaults));
  const found = [...modelled.flat(), ...houseFaults(manifests), ...configFaults(manifests)];
  faults.push(...found.map((fault) => `${file}: ${fault}`));
}
for (const { index, fault } of unknownFieldFaults(all.map(({ manifest }) => manifest))) {
  const place = all[index];
  faults.push(place === undefined ? fault : `${place.file}: ${nameOf(place.manifest)}: ${fault}`);
}
for (const fault of faults) console.error(fault);
console.log(`${all.length} manifests in ${files.length} renderings, ${faults.length} faults`);
process.exitCode = faults.length > 0 || all.length === 0 ? 1 : 0;

async function modelFaults(manifest: Manifest): Promise<readonly string[]> {
  try {
    const models = (await import(modelModule(manifest))) as Readonly<Record<string, Model>>;
    const model = models[manifest.kind];
    if (model === undefined) return [`${nameOf(manifest)}: there is no model of it`];
    new model(manifest).validate();
    return [];
  } catch (cause) {
    return [`${nameOf(manifest)}: ${cause instanceof Error ? cause.message : String(cause)}`];
  }
}
