// Checks the chart without Helm: the generated files are up to date, and the rules of verify:chart find mistakes.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { RE2JS } from "re2js";
import { parse } from "yaml";
import { generatedChartFiles } from "../../scripts/chart/generated.ts";
import { houseFaults } from "../../scripts/chart/house-rules.ts";
import { type Manifest, readManifests } from "../../scripts/chart/manifest.ts";
import { configFaults } from "../../scripts/chart/rendered-config.ts";
import { keysWithoutRow, valueRows } from "../../scripts/chart/values-table.ts";

const root = join(import.meta.dirname, "..", "..");

function read(path: string): string | null {
  const full = join(root, path);
  return existsSync(full) ? readFileSync(full, "utf8") : null;
}

const values = read("helm/values.yaml") ?? "";
const manifest = JSON.parse(read("package.json") ?? "") as { readonly version: string };

describe("the chart", () => {
  for (const [path, text] of generatedChartFiles(read)) {
    it(`has ${path} as scripts/write-chart.ts generates it`, () => {
      assert.equal(read(path), text);
    });
  }

  it("describes every value in both languages", () => {
    const undescribed = valueRows(values).filter(({ en, zh }) => en === "" || zh === "");

    assert.deepEqual(undescribed, []);
    assert.deepEqual(keysWithoutRow(values), []);
  });

  it("has only patterns that Helm, which is written in Go, can read", () => {
    const patterns = [...(read("helm/values.schema.json") ?? "").matchAll(/"pattern": (".*")/gu)];

    assert.ok(patterns.length > 0);
    for (const [, pattern = '""'] of patterns) RE2JS.compile(JSON.parse(pattern) as string);
  });

  it("takes only an absolute address of the runbook, to which each rule adds its heading", () => {
    const { properties } = JSON.parse(read("helm/values.schema.json") ?? "") as {
      readonly properties: {
        readonly prometheusRule: { readonly properties: { readonly runbookUrl: { pattern: string } } };
      };
    };
    const pattern = new RegExp(properties.prometheusRule.properties.runbookUrl.pattern, "u");
    const { groups } = parse(read("helm/files/alertmanager-wecom.rules.yaml") ?? "") as {
      readonly groups: readonly {
        readonly rules: readonly { readonly annotations: { readonly runbook_url: string } }[];
      }[];
    };

    const headings = groups.flatMap(({ rules }) => rules.map(({ annotations }) => annotations.runbook_url));

    for (const address of ["", "https://wiki.example.cn/r", "http://wiki/r.md"]) assert.match(address, pattern);
    for (const address of ["docs/runbook.md", "/runbook", "https://wiki.example.cn/r#x"])
      assert.doesNotMatch(address, pattern);
    assert.ok(headings.every((heading) => /^[^#]+#\w+$/u.test(heading)));
  });

  it("has the version of the program", () => {
    const { version, appVersion } = parse(read("helm/Chart.yaml") ?? "") as Readonly<Record<string, string>>;

    assert.equal(appVersion, manifest.version);
    assert.equal(version, manifest.version);
  });
});

const good = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: wecom }
spec:
  template:
    metadata: { labels: { app: wecom } }
    spec:
      automountServiceAccountToken: false
      enableServiceLinks: false
      terminationGracePeriodSeconds: 30
      securityContext: { runAsNonRoot: true, seccompProfile: { type: RuntimeDefault } }
      containers:
        - name: service
          image: wecom:1
          env: [{ name: OPS_KEY }]
          ports: [{ containerPort: 8060, protocol: TCP }]
          securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: [ALL] } }
          volumeMounts:
            - { name: config, mountPath: /etc/wecom, readOnly: true }
            - { name: data, mountPath: /data }
      volumes:
        - { name: config, secret: { secretName: wecom-config } }
        - { name: data, emptyDir: {} }
---
apiVersion: v1
kind: Service
metadata: { name: wecom }
spec: { selector: { app: wecom }, ports: [{ port: 8060, protocol: TCP }] }
---
apiVersion: v1
kind: Secret
metadata: { name: wecom-config }
stringData:
  config.yaml: |
    storage: sqlite:/data/outbox.db
    bots: { ops: { key_env: OPS_KEY } }
    route: { bot: ops }
`;

function changed(from: string, to: string): readonly Manifest[] {
  assert.ok(good.includes(from), from);
  return readManifests(good.replace(from, to));
}

describe("the rules for rendered manifests", () => {
  it("accept a good chart", () => {
    assert.deepEqual(houseFaults(readManifests(good)), []);
  });

  const mistakes: readonly (readonly [string, string, RegExp])[] = [
    ["enableServiceLinks: false", "enableServiceLinks: true", /enableServiceLinks/],
    ["automountServiceAccountToken: false", "automountServiceAccountToken: true", /token/],
    ["runAsNonRoot: true", "runAsNonRoot: false", /may run as root$/],
    ["RuntimeDefault", "Unconfined", /seccomp/],
    ["allowPrivilegeEscalation: false", "allowPrivilegeEscalation: true", /privileges/],
    ["readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false", /root file system/],
    ["drop: [ALL]", "drop: [NET_RAW]", /capabilities/],
    ["containerPort: 8060, protocol: TCP", "containerPort: 8060", /protocol/],
    ["port: 8060, protocol: TCP }] }\n---", "port: 8060 }] }\n---", /protocol/],
    ["selector: { app: wecom }", "selector: { app: other }", /selects the pods of 0/],
    ["{ name: data, mountPath: /data }", "{ name: date, mountPath: /data }", /date, which is no volume/],
    ["image: wecom:1", "image: wecom", /no tag/],
    [
      "app: wecom } }\n    spec",
      "app: wecom, key: 00000000-0000-4000-8000-000000000001 } }\n    spec",
      /outside a Secret/,
    ],
  ];
  for (const [from, to, message] of mistakes) {
    it(`refuse ${to}`, () => {
      const faults = houseFaults(changed(from, to));

      assert.match(faults.join("\n"), message);
    });
  }
});

describe("a rendered config", () => {
  it("is accepted in a pod with the variables and files that it names", () => {
    assert.deepEqual(configFaults(readManifests(good)), []);
  });

  const mistakes: readonly (readonly [string, string, RegExp])[] = [
    ["env: [{ name: OPS_KEY }]", "env: []", /OPS_KEY.* is not set/],
    ["key_env: OPS_KEY", "key_file: /run/keys/ops", /no volume is mounted there/],
    ["sqlite:/data/outbox.db", "sqlite:/var/outbox.db", /is on no writable volume/],
    ["sqlite:/data/outbox.db", "sqlite:/etc/wecom/outbox.db", /is on no writable volume/],
    ["GracePeriodSeconds: 30", "GracePeriodSeconds: 10", /stopping may take 15/],
    ["route: { bot: ops }", "route: { bot: dba }", /dba/],
  ];
  for (const [from, to, message] of mistakes) {
    it(`is refused with ${to}`, () => {
      const faults = configFaults(changed(from, to));

      assert.match(faults.join("\n"), message);
    });
  }
});
