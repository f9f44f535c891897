import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { DeliveryReport } from "../../../src/deliver/report.ts";
import { reportDelivery } from "../../../src/observe/delivery-report.ts";
import { createLog } from "../../../src/observe/log.ts";
import { Metrics } from "../../../src/observe/metrics.ts";
import type { SettledDelivery } from "../../../src/outbox/lane.ts";

const planned: Extract<DeliveryReport, { readonly kind: "planned" }> = {
  kind: "planned",
  bot: "ops",
  delivery: 27,
  names: "DiskFull, CPU",
  mode: "full",
  notifications: 1,
  groups: 1,
  kinds: ["markdown"],
  shortenedValues: 0,
  unmentionable: [],
  templateFailures: [],
};

const sent: SettledDelivery = {
  id: 27,
  groupIds: ["aaaaaaaa-the-rest", "bbbbbbbb-the-rest"],
  mode: "full",
  notifications: 2,
  alerts: 3,
  acceptedAt: 1_000,
  failures: [],
  keyId: "k1",
};
const delivered = (delivery: Partial<SettledDelivery> = {}): DeliveryReport => {
  return { kind: "delivered", bot: "ops", delivery: { ...sent, ...delivery }, settledAt: 1_250 };
};

const failed: Extract<DeliveryReport, { readonly kind: "requestFailed" }> = {
  kind: "requestFailed",
  bot: "ops",
  delivery: 27,
  keyId: "k1",
  reason: "badContent",
  errcode: 40008,
  explanation: "no",
  tries: 3,
  outcome: "dead",
  againAt: null,
  keyOff: false,
};
const recovered: Extract<DeliveryReport, { readonly kind: "recovered" }> = {
  kind: "recovered",
  bot: "ops",
  keyId: "k1",
  offReason: null,
  failures: 3,
};

function reporting() {
  const lines: string[] = [];
  const log = createLog({
    level: "info",
    format: "logfmt",
    write: (line) => lines.push(line.replace(/^time=\S+ /u, "")),
  });
  const metrics = new Metrics(["ops"], "1");
  return { lines, metrics, report: reportDelivery(log, metrics) };
}

const withNames =
  'delivery=27 mode=full names="DiskFull, CPU" alerts=3 notifications=2 latency_ms=250 groups="aaaaaaaa, bbbbbbbb"';

/** What is reported after `planned`, and the line for it; null for none. */
const cases: readonly (readonly [what: string, DeliveryReport, string | null])[] = [
  ["a delivery", delivered(), `level=info msg=delivered bot=ops ${withNames}`],
  [
    "a delivery that was planned before a restart, without names",
    delivered({ id: 9 }),
    `level=info msg=delivered bot=ops ${withNames.replace(' names="DiskFull, CPU"', "").replace("27", "9")}`,
  ],
  [
    "a delivery of which WeCom took nothing",
    delivered({ failures: ["badContent", "badContent"], keyId: null }),
    `level=error msg="not delivered: WeCom rejects it in every form" bot=ops ${withNames} reasons=badContent`,
  ],
  [
    "a delivery of which WeCom took a part",
    delivered({ failures: ["badContent"] }),
    `level=error msg="delivered in part: WeCom rejects some of its messages in every form" bot=ops ${withNames} reasons=badContent`,
  ],
  [
    "a dead message, with the id that `dead` takes",
    failed,
    'level=error msg="WeCom rejects the message in every form; kept as dead" bot=ops delivery=27 key_id=k1 reason=badContent ' +
      "errcode=40008 explanation=no tries=3",
  ],
  [
    "a template that failed",
    { ...planned, templateFailures: [{ template: "dba", message: "line 3: no" }] },
    'level=warn msg="template failed; fallback layout used" bot=ops delivery=27 names="DiskFull, CPU" template=dba reason="line 3: no"',
  ],
  [
    "a key that works again",
    { ...recovered, offReason: "keyInvalid" },
    'level=info msg="WeCom accepts the key again" bot=ops key_id=k1 reason=keyInvalid',
  ],
  ["requests that succeed again", recovered, 'level=info msg="requests succeed again" bot=ops key_id=k1 failures=3'],
  ["a request that succeeds after one that was no warning", { ...recovered, failures: 1 }, null],
];

describe("the line for", () => {
  for (const [what, reported, line] of cases) {
    it(what, () => {
      const { lines, report } = reporting();
      report(planned);

      report(reported);

      assert.deepEqual(lines, line === null ? [] : [`${line}\n`]);
    });
  }

  it("names that cannot be mentioned is one warning of the delivery, and each is counted", async () => {
    const { lines, metrics, report } = reporting();

    report({ ...planned, unmentionable: ["赵六", "x?key=00000000-0000-4000-8000-000000000000"] });

    assert.deepEqual(lines, [
      'level=warn msg="some people cannot be mentioned; the message says so" bot=ops delivery=27 names="DiskFull, CPU" ' +
        'unmentionable="[\\"赵六\\",\\"x?key=<secret>\\"]"\n',
    ]);
    const text = await metrics.text();
    assert.match(text, /^alertmanager_wecom_mentions_failed_total 2$/m);
    assert.match(text, /^alertmanager_wecom_mentions_failed_by_bot_total\{bot="ops"\} 2$/m);
  });
});
