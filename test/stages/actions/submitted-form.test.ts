import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readForm } from "../../../src/actions/submitted-form.ts";

const silence = (scope: string, durationMs: number | null) => ({ action: "silence", scope, durationMs });

const cases: readonly (readonly [unknown, unknown, string])[] = [
  [{ act: "acknowledge", who: "张三" }, { action: "acknowledge" }, "张三"],
  [{ act: "3600000", scope: "alert", who: "张三", name: " 李四 " }, silence("alert", 3_600_000), "李四"],
  [{ act: "recovered", scope: "rule", name: "李四" }, silence("rule", null), "李四"],
  [{ act: "3600000", scope: "everything" }, null, ""],
  [{ act: "3600000" }, null, ""],
  [{ act: "-1", scope: "alert" }, null, ""],
  [{ act: "1e9", scope: "alert" }, null, ""],
  [{ act: ["acknowledge", "acknowledge"] }, null, ""],
  [{ who: "张三" }, null, ""],
  [undefined, null, ""],
  ["act=acknowledge", null, ""],
];

describe("a form", () => {
  for (const [body, choice, name] of cases) {
    it(`${JSON.stringify(body)}`, () => {
      assert.deepEqual(readForm(body), choice === null ? null : { choice, name });
    });
  }
});
