import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ActionOutcome } from "../../../src/actions/act.ts";
import { LinkPace } from "../../../src/actions/link-pace.ts";

const done: ActionOutcome = { kind: "acknowledged" };
const refused: ActionOutcome = { kind: "failed", reason: "nameMissing", detail: "" };

describe("a link", () => {
  it("is read sixty times and acts ten times a minute, and others are not counted with it", () => {
    let now = 0;
    const pace = new LinkPace(() => now);
    const allowed = (use: "read" | "act", times: number) =>
      Array.from({ length: times }, () => pace.allows("one", use)).filter(Boolean).length;

    assert.deepEqual([allowed("act", 12), allowed("read", 70), pace.allows("other", "act")], [10, 60, true]);
    now = 59_999;
    assert.equal(pace.allows("one", "act"), false);
    now = 60_000;
    assert.equal(pace.allows("one", "act"), true);
  });

  it("acts once for forms that are alike within a minute, also while the first is on its way", async () => {
    let now = 0;
    let acts = 0;
    const pace = new LinkPace(() => now);
    const act = async () => {
      acts += 1;
      return done;
    };

    await Promise.all([pace.once("a", act), pace.once("a", act), pace.once("b", act)]);
    now = 59_999;
    await pace.once("a", act);
    assert.equal(acts, 2);
    assert.deepEqual([await pace.recent("a"), await pace.recent("c")], [done, null]);

    now = 60_000;
    assert.equal(await pace.recent("a"), null);
    await pace.once("a", act);
    assert.equal(acts, 3);
  });

  it("may act again at once after a failure", async () => {
    const pace = new LinkPace(() => 0);

    assert.equal(await pace.once("a", async () => refused), refused);
    await assert.rejects(pace.once("b", () => Promise.reject(new Error("away"))));

    assert.equal(await pace.once("a", async () => done), done);
    assert.equal(await pace.once("b", async () => done), done);
  });
});
