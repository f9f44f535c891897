// Rules for every rendered manifest of the chart beyond validity: restricted pods, explicit protocols, Services that select their
// pods, keys in Secrets only. Returns the faults as text.

import { type Container, type Manifest, type PodSpec, podOf } from "./manifest.ts";

/** The key in the values files under helm/ci. */
const sampleKey = "00000000-0000-4000-8000-000000000001";

export function houseFaults(manifests: readonly Manifest[]): readonly string[] {
  return [
    ...manifests.flatMap((manifest) => {
      const pod = podOf(manifest);
      return pod === null ? [] : podFaults(pod.spec).map((fault) => `${nameOf(manifest)}: ${fault}`);
    }),
    ...manifests.filter(({ kind }) => kind === "Service").flatMap((service) => serviceFaults(service, manifests)),
    ...manifests
      .filter((manifest) => manifest.kind !== "Secret" && JSON.stringify(manifest).includes(sampleKey))
      .map((manifest) => `${nameOf(manifest)}: holds a robot's key outside a Secret`),
  ];
}

export function nameOf({ kind, metadata }: Manifest): string {
  return `${kind} ${metadata.name}`;
}

function podFaults(pod: PodSpec): readonly string[] {
  const seccomp = pod.securityContext?.seccompProfile as { readonly type?: string } | undefined;
  const volumes = new Set(pod.volumes?.map(({ name }) => name));
  const containers = [...pod.containers, ...(pod.initContainers ?? [])];
  const mounted = containers.flatMap(({ volumeMounts }) => volumeMounts ?? []);
  const unused = [...volumes].filter((volume) => !mounted.some(({ name }) => name === volume));
  return [
    ...(pod.enableServiceLinks === false ? [] : ["enableServiceLinks is on"]),
    ...(pod.automountServiceAccountToken === false ? [] : ["a token is mounted"]),
    ...(pod.securityContext?.runAsNonRoot === true ? [] : ["may run as root"]),
    ...(seccomp?.type === "RuntimeDefault" ? [] : ["no seccomp profile"]),
    ...mounted.filter(({ name }) => !volumes.has(name)).map(({ name }) => `mounts ${name}, which is no volume`),
    ...unused.map((name) => `volume ${name} is mounted nowhere`),
    ...containers.flatMap((container) => containerFaults(container).map((fault) => `${container.name}: ${fault}`)),
  ];
}

function containerFaults({ image, ports, securityContext }: Container): readonly string[] {
  const { allowPrivilegeEscalation, readOnlyRootFilesystem, capabilities } = securityContext ?? {};
  const drop = (capabilities as { readonly drop?: readonly string[] } | undefined)?.drop ?? [];
  return [
    ...(allowPrivilegeEscalation === false ? [] : ["may gain privileges"]),
    ...(readOnlyRootFilesystem === true ? [] : ["may write to its root file system"]),
    ...(drop.includes("ALL") ? [] : ["keeps capabilities"]),
    ...(ports ?? []).filter(({ protocol }) => protocol === undefined).map(() => "a port has no protocol"),
    ...(/[:@]/u.test(image) ? [] : ["the image has no tag"]),
  ];
}

function serviceFaults(service: Manifest, manifests: readonly Manifest[]): readonly string[] {
  const { selector, ports } = service.spec as {
    readonly selector: Readonly<Record<string, string>>;
    readonly ports: readonly { readonly protocol?: string }[];
  };
  const selected = manifests.filter((manifest) => {
    const labels = manifest.kind === "Deployment" ? podOf(manifest)?.labels : undefined;
    return labels !== undefined && Object.entries(selector).every(([name, value]) => labels[name] === value);
  });
  return [
    ...(selected.length === 1 ? [] : [`${nameOf(service)}: selects the pods of ${selected.length} Deployments`]),
    ...ports.filter(({ protocol }) => protocol === undefined).map(() => `${nameOf(service)}: a port has no protocol`),
  ];
}
