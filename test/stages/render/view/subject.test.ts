import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { LabelSet } from "../../../../src/domain/alert.ts";
import { alertSubject, type FoldingRules, isFolded, sharedSubject } from "../../../../src/render/view/subject.ts";
import { plainDisplay } from "../../../support/look.ts";

const rules = (groupLabels: LabelSet = {}, labels = {}): FoldingRules => ({
  groupLabels,
  display: { ...plainDisplay, labels: { ...plainDisplay.labels, ...labels } },
  plumbingNames: new Map(),
});

const ksm = { job: "kube-state-metrics", service: "kube-state-metrics", instance: "10.244.3.8:8443" };

describe("what an alert is about", () => {
  const cases: readonly (readonly [rule: string, labels: LabelSet, subject: string])[] = [
    ["a pod with its namespace", { ...ksm, namespace: "pay", pod: "api-1", container: "api" }, "pay/api-1"],
    [
      "a deployment, not the exporter's pod",
      { ...ksm, namespace: "pay", pod: "kube-state-metrics-1", deployment: "w" },
      "pay/w",
    ],
    ["a pod of another exporter", { ...ksm, namespace: "mon", pod: "node-exporter-x7k2" }, "mon/node-exporter-x7k2"],
    [
      "an exporter's pod that crashes",
      { ...ksm, namespace: "mon", pod: "kube-state-metrics-1" },
      "mon/kube-state-metrics-1",
    ],
    ["a host, not the exporter's pod", { instance: "n:9100", job: "node-exporter", pod: "node-exporter-1" }, "n:9100"],
    ["a disk with its mount point", { instance: "n:9100", mountpoint: "/data", device: "/dev/vdb1" }, "n:9100 /data"],
    ["a consumer group with its topic", { consumergroup: "cg", topic: "orders", instance: "k:9308" }, "cg orders"],
    ["a node, not the scraped address", { ...ksm, node: "ip-1" }, "ip-1"],
    ["an app with its namespace", { app: "order", namespace: "shop", cluster: "sh" }, "shop/order"],
    ["a job where the service says the same", { job: "svc", service: "svc", namespace: "infra" }, "svc"],
    ["nothing where no label says it", { team: "a" }, ""],
    ["one line", { instance: "a\nb" }, "a b"],
  ];
  for (const [rule, labels, subject] of cases) {
    test(rule, () => assert.equal(alertSubject(labels, rules()).text, subject));
  }

  test("a label that the config names comes first", () => {
    assert.equal(alertSubject({ pod: "p", tenant: "t" }, rules({}, { subject: ["tenant"] })).text, "t");
  });
});

describe("a label is folded", () => {
  const folds = (labels: LabelSet, fold: FoldingRules = rules()) => {
    const subject = alertSubject(labels, fold);
    return Object.keys(labels).filter((name) => isFolded(name, labels, { subject, rules: fold }));
  };

  const cases: readonly (readonly [rule: string, labels: LabelSet, folded: readonly string[]])[] = [
    [
      "by its name",
      { pod: "p", uid: "u", prometheus: "m/k8s", image_id: "i", team: "t" },
      ["uid", "prometheus", "image_id"],
    ],
    [
      "by an exporter's name",
      { instance: "n", job: "mysqld-exporter", container: "mysqld-exporter" },
      ["job", "container"],
    ],
    [
      "of the scrape by kube-state-metrics",
      { ...ksm, node: "n", endpoint: "http" },
      ["job", "service", "instance", "endpoint"],
    ],
    ["if it is the job beside a nearer subject", { instance: "n", job: "etcd" }, ["job"]],
    ["but never as the subject", { job: "etcd" }, []],
  ];
  for (const [rule, labels, folded] of cases) test(rule, () => assert.deepEqual(folds(labels), folded));

  test("but not as a label that the sender groups by", () => {
    assert.deepEqual(folds({ ...ksm, node: "n" }, rules({ instance: "" })), ["job", "service"]);
  });

  test("as the config says", () => {
    assert.deepEqual(folds({ pod: "p", uid: "u", az: "1" }, rules({}, { show: ["uid"], fold: ["az"] })), ["az"]);
  });
});

describe("what alerts are about together", () => {
  const cases: readonly (readonly [rule: string, subjects: readonly string[], shared: string])[] = [
    ["what they share", ["n", "n"], "n"],
    ["the beginning that they share", ["web-01", "web-25"], "web-…"],
    ["pods without the hash of their replica set", ["p/api-7d9c6b5f4-x2k8p", "p/api-7d9c6b5f4-m4qzt"], "p/api-…"],
    ["whole parts of an address", ["10.20.1.11:2379", "10.20.1.12:2379"], "10.20.1…"],
    [
      "the first where an address has no network in common",
      ["10.20.1.11:2379", "10.20.2.12:2379"],
      "10.20.1.11:2379 等",
    ],
    ["the first of machines that have only a number", ["host-00000:9100", "host-00001:9100"], "host-00000:9100 等"],
    ["the first of nodes that are named by their address", ["ip-10-20-5-12", "ip-10-31-5-12"], "ip-10-20-5-12 等"],
    ["of machines whose name says what for", ["node-gpu-1", "node-gpu-2"], "node-gpu-…"],
    ["the first where they share nothing", ["db", "web"], "db 等"],
    ["nothing where one has none", ["db", ""], ""],
  ];
  for (const [rule, subjects, shared] of cases) {
    test(rule, () =>
      assert.equal(
        sharedSubject(subjects, (first) => `${first} 等`),
        shared,
      ),
    );
  }
});
