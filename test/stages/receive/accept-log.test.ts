import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createLog } from "../../../src/observe/log.ts";
import { type AcceptedWebhook, createAcceptLog } from "../../../src/receive/accept-log.ts";
import { ManualClock } from "../../support/manual-clock.ts";

const webhook: AcceptedWebhook = {
  sender: "10.0.0.7",
  source: "alertmanager",
  receiver: "wecom",
  names: "DiskFull, CPU",
  firing: 2,
  resolved: 1,
  notifications: 1,
  duplicates: 1,
  dropped: 0,
  bots: "ops, dba",
  groups: "aaaaaaaa, bbbbbbbb",
};

function logging() {
  const clock = new ManualClock(50_000);
  const lines: string[] = [];
  const log = createLog({
    level: "info",
    format: "logfmt",
    write: (line) => lines.push(line.replace(/^time=\S+ /u, "")),
  });
  return { clock, lines, accepted: createAcceptLog(log, clock) };
}

describe("the log of accepted webhooks", () => {
  it("has a line for each, with all that an operator looks for", () => {
    const { lines, accepted } = logging();

    accepted(webhook);
    accepted({ ...webhook, dropped: 3 });

    assert.equal(
      lines[0],
      'level=info msg="webhook accepted" sender=10.0.0.7 source=alertmanager receiver=wecom names="DiskFull, CPU" firing=2 ' +
        'resolved=1 notifications=1 duplicates=1 bots="ops, dba" groups="aaaaaaaa, bbbbbbbb"\n',
    );
    assert.match(lines[1] ?? "", / dropped=3$/mu);
  });

  it("of a storm of 10,000 has a hundred lines and one sum for each sender every ten seconds, and loses no count", async () => {
    const { clock, lines, accepted } = logging();

    for (let n = 0; n < 10_000; n += 1) accepted({ ...webhook, receiver: n % 2 === 0 ? "wecom" : "night" });
    await clock.advance(10_000);
    accepted(webhook);

    assert.equal(lines.length, 103);
    const sums = lines.slice(100, 102);
    assert.deepEqual(
      sums.map((line) => /receiver=(\S+) webhooks=(\d+) alerts=(\d+) notifications=(\d+)/u.exec(line)?.slice(1)),
      [
        ["wecom", "4950", "14850", "4950"],
        ["night", "4950", "14850", "4950"],
      ],
    );
    assert.match(lines[102] ?? "", /msg="webhook accepted"/u);
  });

  it("has few sums however many senders there are", async () => {
    const { clock, lines, accepted } = logging();

    for (let n = 0; n < 1_100; n += 1) accepted({ ...webhook, sender: `10.0.0.${n}` });
    await clock.advance(10_000);

    assert.equal(lines.length, 100 + 21);
    assert.match(lines.at(-1) ?? "", /sender=others source=several receiver="" webhooks=980 /u);
  });
});
