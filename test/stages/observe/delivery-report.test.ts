import assert from "node:assert/strict";
import { test } from "node:test";
import type { DeliveryReport } from "../../../src/deliver/report.ts";
import { reportDelivery } from "../../../src/observe/delivery-report.ts";
import { createLog } from "../../../src/observe/log.ts";
import { Metrics } from "../../../src/observe/metrics.ts";

const planned: DeliveryReport = {
  kind: "planned",
  bot: "ops",
  mode: "full",
  notifications: 1,
  groups: 1,
  kinds: ["markdown"],
  missingPictures: [],
  shortenedValues: 0,
  unmentionable: [],
  templateFailures: [],
};

test("names that cannot be mentioned are one warning of the delivery, and each is counted", async () => {
  const lines: string[] = [];
  const log = createLog({ level: "info", format: "json", write: (line) => lines.push(line) });
  const metrics = new Metrics(["ops"], "1");
  const report = reportDelivery(log, metrics);

  report(planned);
  report({ ...planned, unmentionable: ["赵六", "x?key=00000000-0000-4000-8000-000000000000"] });

  const logged = lines.map((line) => JSON.parse(line));
  assert.deepEqual(
    logged.map(({ level, bot, names }) => [level, bot, names]),
    [["warn", "ops", ["赵六", "x?key=<secret>"]]],
  );
  const text = await metrics.text();
  assert.match(text, /^alertmanager_wecom_mentions_failed_total 2$/m);
  assert.match(text, /^alertmanager_wecom_mentions_failed_by_bot_total\{bot="ops"\} 2$/m);
});
