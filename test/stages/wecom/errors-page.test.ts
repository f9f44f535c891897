// docs/errors.md and the code have the same reasons, errcodes and responses.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { followUpResults } from "../../../src/domain/action.ts";
import { actionFailures } from "../../../src/domain/action-failure.ts";
import { queryResults } from "../../../src/domain/datasource-query.ts";
import { failureReasons, storageReasons } from "../../../src/domain/reason.ts";
import { rejectionMessages } from "../../../src/normalize/rejection.ts";
import { webhookCodes } from "../../../src/observe/metrics.ts";
import { adviceFor, errcodeRows } from "../../../src/wecom/errcode.ts";

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8");

const page = read("docs/errors.md");

/** The cells of a section's table, without its two header rows. */
function rowsUnder(heading: string): readonly (readonly string[])[] {
  const section = page.split(/^## /m).find((each) => each.startsWith(`${heading}\n`)) ?? "";
  const lines = section.split("\n").filter((line) => line.startsWith("|"));
  return lines.slice(2).map((line) =>
    line
      .split("|")
      .map((cell) => cell.trim())
      .slice(1, -1),
  );
}

const quotedIn = (cell: string | undefined): readonly string[] =>
  [...(cell ?? "").matchAll(/`([^`]+)`/g)].map(([, word = ""]) => word);

test("the page has every reason, in the same order, and no other", () => {
  assert.deepEqual(
    rowsUnder("Reasons").flatMap(([reason]) => quotedIn(reason)),
    failureReasons,
  );
});

test("the page has every reason why nothing can be stored, in the same order, and no other", () => {
  assert.deepEqual(
    rowsUnder("Storage").flatMap(([reason]) => quotedIn(reason)),
    storageReasons,
  );
});

test("the page has every reason why a datasource does not answer, in the same order, and no other", () => {
  assert.deepEqual(["answered", ...rowsUnder("Datasources").flatMap(([reason]) => quotedIn(reason))], queryResults);
});

test("the page has every reason why an action on the phone page was not done, in the same order, and no other", () => {
  assert.deepEqual(
    rowsUnder("On the phone page").flatMap(([reason]) => quotedIn(reason)),
    actionFailures,
  );
});

test("the page has both results of a watched silence of which nothing is known", () => {
  const unknown = rowsUnder("Watched silences").flatMap(([result]) => quotedIn(result));

  assert.deepEqual(unknown, ["noAnswer", "gaveUp"]);
  assert.ok(unknown.every((result) => followUpResults.some((known) => known === result)));
});

test("the advice on the page is the advice of the program", () => {
  assert.deepEqual(
    Object.fromEntries(rowsUnder("Reasons").map(([reason, , , advice]) => [quotedIn(reason)[0], advice])),
    adviceFor,
  );
});

test("the page has every errcode with its meaning and reason, and no other", () => {
  const shown = rowsUnder("WeCom's errcodes")
    .filter(([codes]) => codes !== "any other")
    .flatMap(([codes = "", errmsg = "", meaning = "", reason = ""]) =>
      codes.split(", ").map((code) => [quotedIn(code).join("-"), errmsg, meaning, quotedIn(reason)[0]].join(" / ")),
    );
  const judged = errcodeRows.map(({ code, errmsg, meaning, verdict }) => {
    const codes = typeof code === "number" ? `${code}` : code.join("-");
    return [codes, errmsg?.source.replaceAll("|", ", ") ?? "", meaning, verdict.reason].join(" / ");
  });

  assert.deepEqual(shown.toSorted(), judged.toSorted());
});

test("the page has every HTTP status of a webhook, and no other", () => {
  const shown = rowsUnder("Answers to webhooks").flatMap(([status = ""]) => status.split(", ").map(Number));

  assert.deepEqual([...new Set(shown)].toSorted(), [...webhookCodes].toSorted());
});

test("the page has every error code of a response, and no other", () => {
  const shown = rowsUnder("Answers to webhooks").flatMap(([, errors]) => quotedIn(errors));
  const sources = ["server.ts", "webhook.ts", "json-response.ts", "read-body.ts", "guard.ts", "compat.ts"]
    .map((name) => read(`src/receive/${name}`))
    .join("\n");
  const ours = [...sources.matchAll(/(?:errorResponse|rejected)\(\s*\d+,\s*"(\w+)"/g)].map(([, code = ""]) => code);
  const intake = [...read("src/intake.ts").matchAll(/code: "(\w+)"/g)].map(([, code = ""]) => code);

  assert.deepEqual(
    [...new Set(shown)].toSorted(),
    [...new Set([...ours, ...intake, ...Object.keys(rejectionMessages)])].toSorted(),
  );
});

test("the page has every error code of the outbox, and no other", () => {
  const folder = new URL("../../../src/outbox/", import.meta.url);
  const sources = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => readFileSync(new URL(name, folder), "utf8"));

  const shown = rowsUnder("The outbox").flatMap(([code]) => quotedIn(code));
  const thrown = sources.flatMap((text) => [...text.matchAll(/code = "(\w+)"|"(outbox_\w+)"/g)]);

  assert.deepEqual(shown.toSorted(), [...new Set(thrown.map(([, code, other]) => code ?? other))].toSorted());
});
