// Reads rendered manifests: documents as plain values, and the parts of pods that the rules need.

import { parseAllDocuments } from "yaml";

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
  readonly [field: string]: unknown;
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly env?: readonly { readonly name: string }[];
  readonly envFrom?: readonly unknown[];
  readonly ports?: readonly { readonly protocol?: string }[];
  readonly securityContext?: Readonly<Record<string, unknown>>;
  readonly volumeMounts?: readonly Mount[];
}

interface Mount {
  readonly name: string;
  readonly mountPath: string;
  readonly readOnly?: boolean;
}

export interface PodSpec {
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly volumes?: readonly { readonly name: string; readonly secret?: { readonly secretName: string } }[];
  readonly securityContext?: Readonly<Record<string, unknown>>;
  readonly enableServiceLinks?: boolean;
  readonly automountServiceAccountToken?: boolean;
  readonly terminationGracePeriodSeconds?: number;
}

export function readManifests(text: string): readonly Manifest[] {
  return parseAllDocuments(text).flatMap((document) => {
    if (document.errors.length > 0) throw new Error(String(document.errors[0]));
    const value = document.toJS() as Manifest | null;
    return value === null ? [] : [value];
  });
}

/** The pod of a Pod or Deployment; null for other kinds. */
export function podOf(
  manifest: Manifest,
): { readonly labels: Readonly<Record<string, string>>; readonly spec: PodSpec } | null {
  if (manifest.kind === "Pod") return { labels: manifest.metadata.labels ?? {}, spec: manifest.spec as PodSpec };
  if (manifest.kind !== "Deployment") return null;
  const { template } = manifest.spec as {
    readonly template: { readonly metadata: Manifest["metadata"]; readonly spec: PodSpec };
  };
  return { labels: template.metadata.labels ?? {}, spec: template.spec };
}
