import assert from "node:assert/strict";
import { test } from "node:test";
import { type SampleName, withValue } from "../sample-bodies.ts";
import { adviceOf, checkBody, violationsOf } from "./check-body.ts";

type CardName = Extract<SampleName, "text_notice" | "news_notice">;

const advisedChars: readonly (readonly [CardName, string, number])[] = [
  ["text_notice", "source.desc", 13],
  ["text_notice", "main_title.title", 26],
  ["text_notice", "main_title.desc", 30],
  ["text_notice", "emphasis_content.title", 10],
  ["text_notice", "emphasis_content.desc", 15],
  ["text_notice", "sub_title_text", 112],
  ["text_notice", "horizontal_content_list[0].keyname", 5],
  ["text_notice", "horizontal_content_list[0].value", 26],
  ["text_notice", "jump_list[0].title", 13],
  ["news_notice", "vertical_content_list[0].title", 26],
  ["news_notice", "vertical_content_list[0].desc", 112],
];

for (const [card, path, chars] of advisedChars) {
  test(`${card}: ${path} over ${chars} characters gets advice, not a violation`, () => {
    const check = (length: number) => checkBody(withValue(card, `template_card.${path}`, "字".repeat(length)));
    const rule = `template_card.${path.replaceAll(/\[\d+\]/g, "[]")}/advised-chars`;

    assert.equal(adviceOf(check(chars)).includes(rule), false);
    assert.equal(adviceOf(check(chars + 1)).includes(rule), true);
    assert.deepEqual(violationsOf(check(chars + 1)), []);
  });
}

test("quote_area beside emphasis_content, and a file row without extension, get advice", () => {
  const unnamed = checkBody(withValue("news_notice", "template_card.horizontal_content_list[2].value", "apk"));

  assert.deepEqual(adviceOf(checkBody(withValue("text_notice", "template_card.source", undefined))), [
    "template_card/quote-and-emphasis",
  ]);
  assert.deepEqual(adviceOf(unnamed), ["template_card.horizontal_content_list[].value/file-name"]);
});

for (const [path, value] of [
  ["task_id", "t"],
  ["action_menu", {}],
  ["jump_list[0].question", "q"],
  ["source.extra", 1],
] as const) {
  test(`text_notice: ${path} does not belong to this webhook and is flagged`, () => {
    const checked = checkBody(withValue("text_notice", `template_card.${path}`, value));

    assert.deepEqual(violationsOf(checked), ["body/unknown-field 0"]);
  });
}

for (const field of ["emphasis_content", "sub_title_text"] as const) {
  test(`news_notice: ${field} belongs to text_notice only and is flagged`, () => {
    const checked = checkBody(withValue("news_notice", `template_card.${field}`, "x"));

    assert.deepEqual(violationsOf(checked), ["body/unknown-field 0"]);
  });
}
