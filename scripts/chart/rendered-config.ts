// Checks the config file of a rendered Secret as the program would in its pod: a variable or file that the pod does not have is a
// fault, and so is an outbox outside every volume.

import { checkConfig } from "../../src/config/check.ts";
import type { Config } from "../../src/config/config.ts";
import type { SecretSources } from "../../src/config/secret-fields.ts";
import { type Container, type Manifest, type PodSpec, podOf } from "./manifest.ts";

/** The most that closing takes, without the delay and one request to WeCom. */
const closeGraceSeconds = 5;

export function configFaults(manifests: readonly Manifest[]): readonly string[] {
  const pods = manifests.flatMap((manifest) => podOf(manifest)?.spec ?? []);
  const pod = pods.find(({ containers }) => containers.some(({ name }) => name === "service"));
  const container = pod?.containers.find(({ name }) => name === "service");
  if (pod === undefined || container === undefined) return ["there is no pod of the service"];
  const text = configText(pod, manifests);
  if (text === null) return [];

  const checked = checkConfig(text, sourcesIn(container));
  if (checked.kind === "invalid") {
    return checked.issues.map(({ line, column, message }) => `config.yaml:${line}:${column}: ${message}`);
  }
  return [...graceFaults(checked.config, pod), ...storageFaults(checked.config, container)];
}

/** Null if the chart does not make the Secret. */
function configText(pod: PodSpec, manifests: readonly Manifest[]): string | null {
  const secretName = pod.volumes?.find(({ name }) => name === "config")?.secret?.secretName;
  const secret = manifests.find(({ kind, metadata }) => kind === "Secret" && metadata.name === secretName);
  return (secret?.stringData as Readonly<Record<string, string>> | undefined)?.["config.yaml"] ?? null;
}

/** Distinct placeholders for what the cluster will provide. */
function sourcesIn({ env, envFrom, volumeMounts }: Container): SecretSources {
  return {
    env: (name) => (env?.some((one) => one.name === name) || envFrom !== undefined ? `value-of-${name}` : undefined),
    file: (path) =>
      volumeMounts?.some(({ mountPath }) => path.startsWith(`${mountPath}/`))
        ? { kind: "text", text: path.replaceAll("/", "-") }
        : { kind: "unreadable", message: "no volume is mounted there" },
  };
}

function graceFaults(
  { shutdownDelayMs, wecom }: Config,
  { terminationGracePeriodSeconds = 30 }: PodSpec,
): readonly string[] {
  const needed = (shutdownDelayMs + wecom.timeoutMs) / 1000 + closeGraceSeconds;
  return terminationGracePeriodSeconds >= needed
    ? []
    : [`terminationGracePeriodSeconds is ${terminationGracePeriodSeconds}, stopping may take ${needed}`];
}

function storageFaults({ storage }: Config, { volumeMounts }: Container): readonly string[] {
  if (storage.engine !== "sqlite") return [];
  const writable = volumeMounts?.some(
    ({ mountPath, readOnly }) => readOnly !== true && storage.path.startsWith(`${mountPath}/`),
  );
  return writable ? [] : [`the outbox ${storage.path} is on no writable volume`];
}
