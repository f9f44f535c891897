import assert from "node:assert/strict";
import { test } from "node:test";
import { parseFaultScript, pendingFaults, takeFault } from "../../../src/simulator/faults.ts";

test("faults apply in order, each to one request, or to `times` requests", () => {
  let queue = pendingFaults("ops", [{ kind: "errcode", errcode: -1, times: 2 }, { kind: "hang" }]);
  const met: unknown[] = [];

  for (let request = 0; request < 4; request += 1) {
    const { fault, rest } = takeFault(queue, "ops");
    met.push(fault?.kind ?? null);
    queue = rest;
  }

  assert.deepEqual(met, ["errcode", "errcode", "hang", null]);
});

test("a fault of one robot does not apply to another; a fault without a robot applies to any", () => {
  const queue = [...pendingFaults("ops", [{ kind: "hang" }]), ...pendingFaults(null, [{ kind: "html" }])];

  assert.equal(takeFault(queue, "dba").fault?.kind, "html");
  assert.equal(takeFault(queue, "ops").fault?.kind, "hang");
});

const good: readonly unknown[] = [
  { faults: [] },
  { robot: "ops", faults: [{ kind: "errcode", errcode: -1, errmsg: "busy", times: 3 }] },
  {
    robot: null,
    faults: [
      { kind: "status", status: 502, body: "bad gateway" },
      { kind: "latency", ms: 5 },
    ],
  },
  {
    faults: ["html", "empty", "not-json", "hang", "reset", "accept-then-hang", "accept-then-reset"].map((kind) => ({
      kind,
    })),
  },
];

for (const script of good) {
  test(`the script ${JSON.stringify(script).slice(0, 60)} is accepted`, () => {
    assert.equal(typeof parseFaultScript(script), "object");
  });
}

const bad: readonly (readonly [unknown, RegExp])[] = [
  [null, /expected/],
  [{ faults: "hang" }, /expected/],
  [{ robot: 1, faults: [] }, /robot/],
  [{ faults: ["hang"] }, /kind/],
  [{ faults: [{ kind: "explode" }] }, /kind/],
  [{ faults: [{ kind: "toString" }] }, /kind/],
  [{ faults: [{ kind: "errcode" }] }, /errcode must be/],
  [{ faults: [{ kind: "status", status: 42 }] }, /200 to 599/],
  [{ faults: [{ kind: "latency" }] }, /ms must be/],
  [{ faults: [{ kind: "hang", times: "2" }] }, /times must be/],
  [{ faults: [{ kind: "errcode", errcode: 1, errmsg: 2 }] }, /errmsg must be/],
];

for (const [script, reason] of bad) {
  test(`the script ${JSON.stringify(script)} is rejected with a reason`, () => {
    assert.match(String(parseFaultScript(script)), reason);
  });
}
