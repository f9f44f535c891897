// The files under docs/examples are what they say: those of other programs have the shape those programs document, and what
// they say of the service is true of it. test/e2e/examples.test.ts runs them.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { AlertmanagerConfig } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1alpha1";
import { parse } from "yaml";
import type { Manifest } from "../../scripts/chart/manifest.ts";
import { unknownFieldFaults } from "../../scripts/chart/unknown-fields.ts";
import { type CheckedConfig, checkConfig } from "../../src/config/check.ts";

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

describe("the examples", () => {
  it("are all on their page", () => {
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
    it(`${name} posts to the hook`, () => {
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
    it(`${name} is a config that starts`, () => {
      const config = checked(name);

      assert.equal(config.kind, "config", JSON.stringify(config));
    });
  }

  it("alertmanagerconfig.yaml is valid in the operator's model, and no field of it is unknown there", () => {
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
    it(`${name} is one webhook to the hook`, () => {
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
