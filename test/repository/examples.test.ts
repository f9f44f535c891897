// The examples on the pages and the files of docs/examples are valid, for the service and for the programs that send to it.
// test/e2e/examples.test.ts runs the files.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { AlertmanagerConfig } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1alpha1";
import { parse } from "yaml";
import type { Manifest } from "../../scripts/chart/manifest.ts";
import { unknownFieldFaults } from "../../scripts/chart/unknown-fields.ts";
import { type CheckedConfig, checkConfig } from "../../src/config/check.ts";
import { createIntake } from "../../src/intake.ts";
import { type CodeBlock, codeBlocks, pages, read, root } from "./pages.ts";

const folder = join(import.meta.dirname, "../../docs/examples");

function text(name: string): string {
  return readFileSync(join(folder, name), "utf8");
}

function yaml<Shape>(name: string): Shape {
  return parse(text(name)) as Shape;
}

function checked(name: string): CheckedConfig {
  return checkConfig(text(name), {
    env: (variable) => `value-of-${variable}`,
    file: (path) => ({ kind: "text", text: path }),
  });
}

interface Receivers {
  readonly receivers: readonly { readonly webhook_configs: readonly { readonly url: string }[] }[];
}

interface ContactPoints {
  readonly apiVersion: number;
  readonly contactPoints: readonly { readonly receivers: readonly GrafanaReceiver[] }[];
}

interface GrafanaReceiver {
  readonly type: string;
  readonly settings: { readonly url: string; readonly hmacConfig?: Readonly<Record<string, string>> };
}

describe("the files of docs/examples", () => {
  it("are all linked from their page", () => {
    const page = text("README.md");

    const files = readdirSync(folder).filter((name) => /\.ya?ml$/u.test(name));

    assert.ok(files.length >= 9);
    assert.deepEqual(
      files.filter((name) => !page.includes(`(${name})`)),
      [],
    );
  });

  for (const name of [
    "alertmanager.yml",
    "alertmanager-bearer.yml",
    "alertmanager-mtls.yml",
    "compose/alertmanager.yml",
  ]) {
    it(`${name} posts to /webhook`, () => {
      const urls = yaml<Receivers>(name).receivers.flatMap((receiver) =>
        receiver.webhook_configs.map(({ url }) => url),
      );

      assert.deepEqual(
        urls.map((url) => new URL(url).pathname),
        ["/webhook"],
      );
    });
  }

  for (const name of ["service-bearer.yaml", "service-hmac.yaml", "compose/config.yaml"]) {
    it(`${name} is a valid config`, () => {
      const config = checked(name);

      assert.equal(config.kind, "config", JSON.stringify(config));
    });
  }

  it("alertmanagerconfig.yaml is valid in the model of the Prometheus operator and has no unknown field", () => {
    const manifest = yaml<Manifest>("alertmanagerconfig.yaml");
    const misspelt = { ...manifest, spec: { recievers: [] } };

    const faults = unknownFieldFaults([manifest, misspelt]);

    new AlertmanagerConfig(manifest as unknown as ConstructorParameters<typeof AlertmanagerConfig>[0]).validate();
    assert.deepEqual(
      faults.map(({ index }) => index),
      [1],
    );
    assert.match(faults[0]?.fault ?? "", /recievers/u);
  });

  for (const name of ["grafana-contact-point.yaml", "grafana-contact-point-hmac.yaml"]) {
    it(`${name} is one webhook to /webhook`, () => {
      const { apiVersion, contactPoints } = yaml<ContactPoints>(name);

      const receivers = contactPoints.flatMap((point) => point.receivers);

      assert.equal(apiVersion, 1);
      assert.deepEqual(
        receivers.map(({ type, settings }) => [type, new URL(settings.url).pathname]),
        [["webhook", "/webhook"]],
      );
    });
  }

  it("Grafana's signature and the service's config name the same headers", () => {
    const [point] = yaml<ContactPoints>("grafana-contact-point-hmac.yaml").contactPoints;
    const { auth } = yaml<{ auth: { webhook: readonly { hmac: Readonly<Record<string, string>> }[] } }>(
      "service-hmac.yaml",
    );

    const { header, timestampHeader } = point?.receivers[0]?.settings.hmacConfig ?? {};

    assert.deepEqual(
      { header, timestampHeader },
      { header: auth.webhook[0]?.hmac.header, timestampHeader: auth.webhook[0]?.hmac.timestamp_header },
    );
  });
});

const robotKey = "00000000-0000-4000-8000-000000000000";
const lookups = {
  // Of every bot another key.
  env: (name: string) => `0a1b2c3d-0000-4000-8000-${Buffer.from(name).toString("hex").slice(-12)}`,
  file: () => ({ kind: "text", text: robotKey }) as const,
};

function named(name: string): readonly CodeBlock[] {
  return pages.flatMap((page) => codeBlocks(read(page)).filter(({ text }) => text.startsWith(`# ${name}`)));
}

function curls(): readonly { readonly url: string; readonly body: string }[] {
  const shell = pages.flatMap((page) => codeBlocks(read(page)).filter(({ language }) => language === "sh"));
  return shell.flatMap(({ text }) =>
    [...text.matchAll(/^curl .*?(https?:\S+) -d '([^']*)'/gmu)].map((match) => ({
      url: match[1] ?? "",
      body: match[2] ?? "",
    })),
  );
}

/** Every string under a key of that name, at any depth. */
function valuesOf(name: string, value: unknown): readonly string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === name && typeof inner === "string" ? [inner] : valuesOf(name, inner),
  );
}

describe("docs/examples/compose", () => {
  const compose = yaml<{
    readonly services: Readonly<
      Record<string, { readonly command: readonly string[]; readonly ports?: readonly string[] }>
    >;
  }>("compose/compose.yaml");
  const config = yaml<{
    readonly datasources: { readonly demo: { readonly generator_urls: readonly string[]; readonly url: string } };
    readonly alertmanagers: {
      readonly demo: { readonly external_urls: readonly string[]; readonly urls: readonly string[] };
    };
  }>("compose/config.yaml");
  const { groups } = yaml<{ readonly groups: readonly { readonly rules: readonly { readonly alert?: string }[] }[] }>(
    "compose/rules.yml",
  );

  it("the service knows its Prometheus and its Alertmanager by the external URLs that they are given", () => {
    const externalOf = (name: string) =>
      compose.services[name]?.command.flatMap((flag) => /^--web\.external-url=(.+)$/u.exec(flag)?.[1] ?? []);

    assert.deepEqual(externalOf("prometheus"), config.datasources.demo.generator_urls);
    assert.deepEqual(externalOf("alertmanager"), config.alertmanagers.demo.external_urls);
  });

  it("asks them at names of compose", () => {
    const asked = [config.datasources.demo.url, ...config.alertmanagers.demo.urls];

    assert.deepEqual(
      asked.filter((url) => !(new URL(url).hostname in compose.services)),
      [],
    );
  });

  it("publishes ports only to this machine", () => {
    const ports = Object.values(compose.services).flatMap(({ ports: own = [] }) => own);

    assert.equal(ports.length, 4);
    assert.ok(ports.every((port) => /^127\.0\.0\.1:(\d+):\1$/u.test(port)));
  });

  it("without Docker, what the page says to run leaves no name of a container and no folder of one in the files", () => {
    const folder = mkdtempSync(join(tmpdir(), "alertmanager-wecom-without-docker-"));
    const copy = codeBlocks(text("compose/README.md")).find((block) => block.text.startsWith("mkdir /tmp/wecom"));
    assert.ok(copy !== undefined);

    execFileSync("sh", ["-ec", copy.text.replaceAll("/tmp/wecom", join(folder, "wecom"))], { cwd: root });
    const left = readdirSync(join(folder, "wecom")).flatMap((name) => {
      const lines = readFileSync(join(folder, "wecom", name), "utf8").split("\n");
      return lines.filter((line) => /sqlite:\/data|\b(?:simulator|wecom|alertmanager|prometheus):\d/u.test(line));
    });

    assert.deepEqual(left, []);
    rmSync(folder, { recursive: true });
  });

  for (const page of ["compose/README.md", "compose/README.zh-CN.md"]) {
    it(`${page} names all alerts, and the address of each port`, () => {
      const alerts = groups.flatMap(({ rules }) => rules.flatMap(({ alert }) => alert ?? []));
      const addresses = Object.values(compose.services).flatMap(({ ports = [] }) =>
        ports.map((port) => `http://${port.slice(0, port.lastIndexOf(":"))}`),
      );

      assert.equal(alerts.length, 3);
      assert.deepEqual(
        [...alerts, ...addresses].filter((word) => !text(page).includes(word)),
        [],
      );
    });
  }
});

describe("the examples on the pages", () => {
  it("config files have no issues and no warnings", () => {
    const configs = named("config.yaml");

    assert.ok(configs.length > 0);
    for (const { text } of configs) {
      const checked = checkConfig(text, lookups);
      assert.ok(checked.kind === "config", JSON.stringify(checked));
      assert.deepEqual(checked.warnings, []);
    }
  });

  for (const sender of ["alertmanager.yml", "provisioning/alerting"]) {
    it(`${sender} posts to a webhook path, and to a bot of the examples`, () => {
      const bots = named("config.yaml").map(({ text }) => checkConfig(text, lookups));
      const known = bots.flatMap((checked) => (checked.kind === "config" ? [...checked.config.bots.keys()] : []));
      const urls = named(sender).flatMap(({ text }) => valuesOf("url", parse(text)));

      assert.ok(urls.length > 0);
      for (const url of urls) {
        const match = /^http:\/\/127\.0\.0\.1:8060\/webhook(?:\/bot\/(\w+))?$/u.exec(url);
        assert.ok(match, url);
        assert.ok(match[1] === undefined || known.includes(match[1]), url);
      }
    });
  }

  it("every curl line is a webhook that is accepted", () => {
    const checked = checkConfig(`bots: { ops: { key: ${robotKey} } }\nroute: { bot: ops }\n`, lookups);
    assert.ok(checked.kind === "config");
    const intake = createIntake(checked.config);

    const results = curls().map(({ body }) =>
      intake({ bytes: Buffer.from(body), charset: null }, { kind: "route" }, Date.now()),
    );

    assert.ok(results.length > 0);
    for (const result of results) {
      assert.ok(result.kind === "notifications", JSON.stringify(result));
      assert.ok(result.notifications.length > 0);
      assert.equal(result.invalidAlerts, 0);
    }
  });
});
