// judgeReply and the list of WeCom's errcodes, from its pages and from reports of users, agree in both directions.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { failureReasons } from "../../../src/domain/reason.ts";
import { errcodeRows, rowOf } from "../../../src/wecom/errcode.ts";
import { judgeReply, type Reply, type Verdict } from "../../../src/wecom/verdict.ts";

interface Listed {
  readonly code: number;
  readonly message: string;
  readonly action: string;
  readonly maxRetries?: number;
  readonly waitSeconds?: number;
  readonly precondition?: string;
  readonly repair?: string;
  readonly variants?: readonly { readonly match: string; readonly example?: string; readonly action: string }[];
}

interface List {
  readonly rows: readonly Listed[];
  readonly notForTheWebhook: readonly { readonly codes: readonly (number | string)[]; readonly action: string }[];
  readonly exampleShapes: readonly { readonly errcode: number; readonly errmsg: string }[];
}

const listURL = new URL("../../fixtures/wecom-errors.json", import.meta.url);
const list = JSON.parse(readFileSync(listURL, "utf8")) as List;

const answered = (errcode: number, errmsg: string): Reply => ({
  kind: "answered",
  status: 200,
  body: JSON.stringify({ errcode, errmsg }),
});

const kindOf: Readonly<Record<string, Verdict["kind"]>> = {
  none: "sent",
  retry: "retry",
  "retry-after-window": "hold",
  split: "repair",
  drop: "repair",
  "disable-bot": "keyOff",
};

/** `600xxx` stands for a thousand codes; the first, one between and the last are tested. */
function codesOf(code: number | string): readonly number[] {
  return typeof code === "number" ? [code] : ["0", "5", "9"].map((digit) => Number(code.replaceAll("x", digit)));
}

for (const row of list.rows) {
  test(`errcode ${row.code} does what the list says: ${row.action}`, () => {
    const { verdict, errcode } = judgeReply(answered(row.code, row.message));

    assert.equal(errcode, row.code);
    assert.equal(verdict.kind, row.precondition === undefined ? kindOf[row.action] : "repair");
    if (verdict.kind === "retry") assert.equal(verdict.quickTries, row.maxRetries);
    if (verdict.kind === "retry") assert.equal(verdict.inDoubt, false, "WeCom rejected it: it was not delivered");
    if (verdict.kind === "hold") assert.equal(verdict.holdMs, (row.waitSeconds ?? 0) * 1000);
    if (verdict.kind === "repair") assert.equal(verdict.repair, repairOf(row));
  });
}

function repairOf(row: Listed): string {
  if (row.precondition !== undefined) return "media";
  if (row.action === "split") return "split";
  return /link|scheme/.test(row.repair ?? "") ? "links" : "plain";
}

const variants = list.rows.flatMap((row) => (row.variants ?? []).map((variant) => ({ ...variant, code: row.code })));
for (const { code, match, example, action } of variants) {
  for (const errmsg of example === undefined ? match.split(" / ") : [example]) {
    test(`errcode ${code} with "${errmsg}" does what the list says: ${action}`, () => {
      const { verdict } = judgeReply(answered(code, errmsg));

      assert.equal(verdict.kind, kindOf[action]);
      if (verdict.kind === "repair") assert.equal(verdict.repair, action === "split" ? "split" : "plain");
    });
  }
}

test("codes of other APIs do what the list says", () => {
  for (const { codes, action } of list.notForTheWebhook) {
    for (const code of codes.flatMap(codesOf)) {
      assert.equal(judgeReply(answered(code, "")).verdict.kind, kindOf[action], String(code));
    }
  }
});

test("every row of errcodeRows is in the list", () => {
  const single = list.rows.map((row) => row.code);
  const foreign = list.notForTheWebhook.flatMap((row) => row.codes).flatMap(codesOf);
  const listed = new Set([0, ...single, ...foreign]);

  for (const row of errcodeRows) {
    const codes = typeof row.code === "number" ? [row.code] : row.code;
    for (const code of codes) assert.ok(listed.has(code), `${code} is not listed`);
    if (row.errmsg !== undefined) {
      assert.ok(
        variants.some(({ match, example }) => row.errmsg?.test(example ?? match)),
        `${row.errmsg} is no listed variant`,
      );
    }
  }
});

test("no row hides another: each is the first that matches its own code", () => {
  for (const row of errcodeRows.filter(({ errmsg }) => errmsg === undefined)) {
    const code = typeof row.code === "number" ? row.code : row.code[0];
    assert.equal(rowOf(code, ""), row);
  }
});

test("an explanation keeps the errmsg without the hint, the caller's IP and the link", () => {
  for (const { errcode, errmsg } of list.exampleShapes.filter((shape) => shape.errcode !== 0)) {
    const { explanation } = judgeReply(answered(errcode, errmsg));

    assert.equal(explanation, errmsg.slice(0, errmsg.indexOf(", hint:")));
  }
});

test("an explanation never holds a key and never exceeds 200 characters", () => {
  const key = "693a91f6-7aaa-4bc4-97a0-0ec2f1fa5aaa";

  const { explanation } = judgeReply(answered(93000, `invalid webhook url send?key=${key} ${key} ${"长".repeat(300)}`));

  assert.ok(!explanation.includes("693a91f6"));
  assert.equal([...explanation].length, 200);
});

test("errcode 0 is success whatever errmsg says, and a warning is kept", () => {
  assert.deepEqual(judgeReply(answered(0, "ok")).verdict, { kind: "sent", warning: null });
  assert.deepEqual(judgeReply(answered(0, "ok. Warning: wrong json format. ")).verdict, {
    kind: "sent",
    warning: "ok. Warning: wrong json format.",
  });
});

test("an unknown errcode is not success: plain text once", () => {
  assert.deepEqual(judgeReply(answered(123456, "new")).verdict, {
    kind: "repair",
    reason: "unknownErrcode",
    repair: "plain",
  });
});

const unreadable = ["", "<html>login</html>", "null", "[]", "{}", '{"errcode":"0"}', '{"errcode":0.5}', '{"errcode":0'];
for (const body of unreadable) {
  test(`HTTP 200 with ${JSON.stringify(body)} may have been delivered and is retried`, () => {
    const { verdict, errcode } = judgeReply({ kind: "answered", status: 200, body });

    assert.deepEqual(verdict, { kind: "retry", reason: "unreadableAnswer", quickTries: 3, inDoubt: true });
    assert.equal(errcode, null);
  });
}

const statuses: readonly (readonly [number, string, string, boolean | null])[] = [
  [204, "retry", "unreadableAnswer", true],
  [301, "keyOff", "wrongAddress", null],
  [307, "keyOff", "wrongAddress", null],
  [400, "keyOff", "wrongAddress", null],
  [401, "keyOff", "wrongAddress", null],
  [404, "keyOff", "wrongAddress", null],
  [408, "retry", "clientError", false],
  [425, "retry", "clientError", false],
  [429, "hold", "rateLimited", null],
  [500, "retry", "serverError", true],
  [502, "retry", "serverError", true],
  [504, "retry", "serverError", true],
];
for (const [status, kind, reason, inDoubt] of statuses) {
  test(`HTTP ${status} is ${kind} for ${reason}, even with errcode 0 in its body`, () => {
    const { verdict, explanation } = judgeReply({ kind: "answered", status, body: '{"errcode":0,"errmsg":"ok"}' });

    assert.equal(verdict.kind, kind);
    assert.equal("reason" in verdict ? verdict.reason : null, reason);
    assert.equal(verdict.kind === "retry" ? verdict.inDoubt : null, inDoubt);
    assert.equal(explanation, `HTTP ${status}`);
  });
}

const failures: readonly (readonly ["before" | "after", string, string])[] = [
  ["before", "ENOTFOUND", "connectionError"],
  ["before", "UND_ERR_CONNECT_TIMEOUT", "connectionError"],
  ["before", "PROXY_REFUSED_407", "authError"],
  ["before", "PROXY_REFUSED_502", "connectionError"],
  ["before", "UNKNOWN", "other"],
  ["after", "ECONNRESET", "connectionError"],
  ["after", "UND_ERR_HEADERS_TIMEOUT", "contextDeadlineExceeded"],
  ["after", "DEADLINE_TIMEOUT", "contextDeadlineExceeded"],
];
for (const [stage, code, reason] of failures) {
  test(`${code} ${stage} the request left is ${reason}, in doubt only when it left`, () => {
    const { verdict, explanation } = judgeReply({ kind: "failed", stage, code });

    assert.deepEqual(verdict, { kind: "retry", reason, quickTries: 5, inDoubt: stage === "after" });
    assert.equal(explanation, `no answer: ${code}`);
  });
}

test("only errcode 0 with HTTP 200 is sent, and every reason is in the closed set", () => {
  fc.assert(
    fc.property(fc.integer({ min: 100, max: 599 }), fc.integer(), fc.string(), (status, errcode, errmsg) => {
      const { verdict } = judgeReply({ kind: "answered", status, body: JSON.stringify({ errcode, errmsg }) });

      assert.equal(verdict.kind === "sent", status === 200 && errcode === 0);
      if ("reason" in verdict) assert.ok(failureReasons.includes(verdict.reason));
    }),
  );
});

test("no body makes judgeReply throw", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (body) => void judgeReply({ kind: "answered", status: 200, body })),
  );
});
