// The schema of the chart's values, which includes the schema of the config file: Helm refuses a typo in either.

interface Schema {
  readonly [keyword: string]: unknown;
}

const text = { type: "string" } as const;
const flag = { type: "boolean" } as const;
const anything = { type: "object" } as const;
const list = { type: "array" } as const;
const labels = { type: "object", additionalProperties: text } as const;
const objects = { type: "array", items: anything } as const;
const texts = { type: "array", items: text } as const;
const port = { type: "integer", minimum: 0, maximum: 65_535 } as const;
const count = { type: "integer", minimum: 0 } as const;
const quantity = { type: "string", pattern: "^[0-9.]+(m|[kMGTPE]i?)?$" } as const;

function strict(properties: Readonly<Record<string, Schema>>): Schema {
  return { type: "object", additionalProperties: false, properties };
}

function oneOf(...values: readonly string[]): Schema {
  return { type: "string", enum: values };
}

/** @param configSchema the text of config.schema.json */
export function valuesSchemaText(configSchema: string): string {
  const config = forHelm(JSON.parse(configSchema)) as ConfigSchema;
  const { bots, storage, shutdown_delay, templates, ...others } = config.properties;
  const schema = {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "Values of the alertmanager-wecom chart",
    ...strict({
      ...ownValues,
      bots: looseBots(bots),
      config: strict({ ...others, storage: storage ?? text, route: withoutRequired(others.route) }),
    }),
    definitions: config.definitions,
  };
  return `${JSON.stringify(schema, null, 2)}\n`;
}

interface ConfigSchema {
  readonly properties: Readonly<Record<string, Schema>>;
  readonly definitions: Schema;
}

/** Helm validates with regular expressions of Go, which have no look-around; the program still checks those values. */
function forHelm(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(forHelm);
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(([key, inner]) => !(key === "pattern" && /\(\?[=!<]/u.test(String(inner))));
  return Object.fromEntries(kept.map(([key, inner]) => [key, forHelm(inner)]));
}

/** A bot without a key may have it in keys.existingSecret. Without any bot, the templates say what to do. */
function looseBots(bots: Schema | undefined): Schema {
  const { minProperties: _, ...rest } = bots ?? {};
  const { oneOf: _one, anyOf: _any, ...bot } = (rest.additionalProperties ?? {}) as Schema;
  return { ...rest, additionalProperties: { ...bot, type: ["object", "null"] } };
}

function withoutRequired(route: Schema | undefined): Schema {
  const { required: _, ...rest } = route ?? {};
  return rest;
}

const ownValues: Readonly<Record<string, Schema>> = {
  existingSecret: strict({ name: text, key: { ...text, minLength: 1 }, engine: oneOf("sqlite", "postgres") }),
  keys: strict({ existingSecret: text }),
  webConfig: strict({ existingSecret: text, key: { ...text, minLength: 1 }, tls: flag }),
  templates: labels,
  templatesExistingConfigMap: text,
  simulator: strict({ enabled: flag }),
  replicaCount: count,
  image: strict({
    registry: text,
    repository: { ...text, minLength: 1 },
    tag: text,
    digest: { type: "string", pattern: "^(sha256:[0-9a-f]{64})?$" },
    pullPolicy: oneOf("Always", "IfNotPresent", "Never"),
  }),
  imagePullSecrets: objects,
  // Any key is allowed here: values of a parent chart arrive under it.
  global: anything,
  nameOverride: text,
  fullnameOverride: text,
  namespaceOverride: text,
  commonLabels: labels,
  persistence: strict({
    enabled: flag,
    existingClaim: text,
    storageClass: text,
    accessModes: texts,
    size: quantity,
    annotations: labels,
    keep: flag,
  }),
  shutdownDelaySeconds: { type: "integer", minimum: 0, maximum: 600 },
  terminationGracePeriodSeconds: count,
  log: strict({ level: oneOf("debug", "info", "warn", "error"), format: oneOf("logfmt", "json") }),
  service: strict({
    type: oneOf("ClusterIP", "NodePort", "LoadBalancer"),
    port: { ...port, minimum: 1 },
    nodePort: port,
    clusterIP: text,
    ipFamilyPolicy: oneOf("", "SingleStack", "PreferDualStack", "RequireDualStack"),
    ipFamilies: { type: "array", items: oneOf("IPv4", "IPv6") },
    annotations: labels,
    labels,
  }),
  ingress: strict({
    enabled: flag,
    className: text,
    annotations: labels,
    hosts: texts,
    paths: texts,
    pathType: oneOf("Prefix", "Exact", "ImplementationSpecific"),
    tls: objects,
  }),
  httpRoute: strict({
    enabled: flag,
    parentRefs: objects,
    hostnames: texts,
    matches: objects,
    filters: objects,
    annotations: labels,
  }),
  serviceMonitor: strict({
    enabled: flag,
    additionalLabels: labels,
    namespace: text,
    interval: text,
    endpoint: anything,
  }),
  prometheusRule: strict({
    enabled: flag,
    defaults: flag,
    language: { enum: ["en", "zh"] },
    disabled: texts,
    // Relative addresses lead nowhere from a message.
    runbookUrl: { type: "string", pattern: "^(https?://[^#]+)?$" },
    extraGroups: objects,
    additionalLabels: labels,
    namespace: text,
  }),
  dashboard: strict({ enabled: flag, language: { enum: ["en", "zh"] }, labels, annotations: labels, namespace: text }),
  networkPolicy: strict({ enabled: flag, from: objects, extraEgress: objects }),
  podDisruptionBudget: strict({ enabled: flag, maxUnavailable: { type: ["integer", "string"] } }),
  serviceAccount: strict({ create: flag, name: text, annotations: labels, automount: flag }),
  podSecurityContext: anything,
  securityContext: anything,
  livenessProbe: anything,
  readinessProbe: anything,
  startupProbe: anything,
  resources: strict({ requests: anything, limits: anything, claims: list }),
  nodeSelector: labels,
  tolerations: objects,
  affinity: strict({ nodeAffinity: anything, podAffinity: anything, podAntiAffinity: anything }),
  topologySpreadConstraints: objects,
  priorityClassName: text,
  hostAliases: objects,
  dnsConfig: anything,
  revisionHistoryLimit: count,
  annotations: labels,
  podAnnotations: labels,
  podLabels: labels,
  extraArgs: texts,
  extraEnv: objects,
  extraEnvFrom: objects,
  extraVolumes: objects,
  extraVolumeMounts: objects,
  extraContainers: objects,
  initContainers: objects,
  extraManifests: { type: "array", items: { type: ["object", "string"] } },
};
