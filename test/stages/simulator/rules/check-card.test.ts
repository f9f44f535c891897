import assert from "node:assert/strict";
import { test } from "node:test";
import { ruleTables } from "../../../../src/simulator/rules/message-rules.ts";
import { type SampleName, samples, withValue } from "../sample-bodies.ts";
import { adviceOf, checkBody, urlOfBytes, violationsOf } from "./check-body.ts";

type CardName = Extract<SampleName, "text_notice" | "news_notice">;

const both: readonly CardName[] = ["text_notice", "news_notice"];
const row = { keyname: "k", value: "v" };
const jump = { title: "t" };

/** Path below template_card, invalid value, and the finding: aspect and errcode. */
type Case = readonly [path: string, value: unknown, aspect: string, errcode: number];

const brokenInBoth: readonly Case[] = [
  ["card_type", undefined, "required", 40058],
  ["card_type", "vote_interaction", "value", 40058],
  ["source", "x", "type", 40058],
  ["source.icon_url", "x.cn/i.png", "url-scheme", 45034],
  ["source.icon_url", urlOfBytes(1025), "url-bytes", 40039],
  ["source.desc", 1, "type", 40058],
  ["source.desc_color", 4, "value", 40058],
  ["source.desc_color", "red", "type", 40058],
  ["main_title", undefined, "required", 40058],
  ["main_title", [], "type", 40058],
  ["main_title.title", 1, "type", 40058],
  ["main_title.desc", 1, "type", 40058],
  ["quote_area", "x", "type", 40058],
  ["quote_area.type", 3, "value", 40058],
  ["quote_area.url", undefined, "required", 40058],
  ["quote_area.url", "", "required", 40058],
  ["quote_area.url", urlOfBytes(1025), "url-bytes", 40039],
  ["quote_area.url", "work.weixin.qq.com", "url-scheme", 45034],
  ["quote_area", { type: 2 }, "required", 40058],
  ["quote_area.pagepath", 1, "type", 40058],
  ["quote_area.title", 1, "type", 40058],
  ["quote_area.quote_text", 1, "type", 40058],
  ["horizontal_content_list", Array(7).fill(row), "items", 40058],
  ["horizontal_content_list", {}, "type", 40058],
  ["horizontal_content_list[0].type", 4, "value", 40058],
  ["horizontal_content_list[0].keyname", undefined, "required", 40058],
  ["horizontal_content_list[0].keyname", "", "required", 40058],
  ["horizontal_content_list[0].value", 1, "type", 40058],
  ["horizontal_content_list[1].url", undefined, "required", 40058],
  ["horizontal_content_list[1].url", urlOfBytes(1025), "url-bytes", 40039],
  ["horizontal_content_list[1].url", "x.cn", "url-scheme", 45034],
  ["horizontal_content_list[2].media_id", undefined, "required", 41006],
  ["horizontal_content_list[2].media_id", "OTHER", "unknown", 40007],
  ["horizontal_content_list[3].userid", undefined, "required", 40058],
  ["jump_list", Array(4).fill(jump), "items", 40058],
  ["jump_list[0].type", 3, "value", 40058],
  ["jump_list[0].title", undefined, "required", 40058],
  ["jump_list[0].url", undefined, "required", 40058],
  ["jump_list[0].url", urlOfBytes(1025), "url-bytes", 40039],
  ["jump_list[0].url", "x.cn", "url-scheme", 45034],
  ["jump_list[1].appid", undefined, "required", 40058],
  ["jump_list[1].pagepath", 1, "type", 40058],
  ["card_action", undefined, "required", 40058],
  ["card_action.type", undefined, "required", 40058],
  ["card_action.type", 0, "value", 40058],
  ["card_action.type", 3, "value", 40058],
  ["card_action.url", undefined, "required", 40058],
  ["card_action.url", urlOfBytes(1025), "url-bytes", 40039],
  ["card_action.url", "x.cn", "url-scheme", 45034],
  ["card_action", { type: 2 }, "required", 40058],
  ["card_action.pagepath", 1, "type", 40058],
];

const brokenIn: Readonly<Record<CardName, readonly Case[]>> = {
  text_notice: [
    ["emphasis_content", "x", "type", 40058],
    ["emphasis_content.title", 1, "type", 40058],
    ["emphasis_content.desc", 1, "type", 40058],
    ["sub_title_text", 1, "type", 40058],
  ],
  news_notice: [
    ["main_title.title", undefined, "required", 40058],
    ["card_image", undefined, "required", 40058],
    ["card_image.url", undefined, "required", 40058],
    ["card_image.url", "x.cn/i.png", "url-scheme", 45034],
    ["card_image.aspect_ratio", 1.29, "value", 40058],
    ["card_image.aspect_ratio", 2.26, "value", 40058],
    ["card_image.aspect_ratio", "wide", "type", 40058],
    ["image_text_area", 1, "type", 40058],
    ["image_text_area.type", 3, "value", 40058],
    ["image_text_area.url", undefined, "required", 40058],
    ["image_text_area.url", urlOfBytes(1025), "url-bytes", 40039],
    ["image_text_area", { type: 2, image_url: "https://x.cn" }, "required", 40058],
    ["image_text_area.pagepath", 1, "type", 40058],
    ["image_text_area.title", 1, "type", 40058],
    ["image_text_area.desc", 1, "type", 40058],
    ["image_text_area.image_url", undefined, "required", 40058],
    ["vertical_content_list", Array(5).fill({ title: "t" }), "items", 40058],
    ["vertical_content_list[0].title", undefined, "required", 40058],
    ["vertical_content_list[0].desc", 1, "type", 40058],
  ],
};

/** The field of the finding, when it is not the field that was changed. */
const reportedField: Readonly<Record<string, string>> = {
  'quote_area {"type":2}': "quote_area.appid",
  'card_action {"type":2}': "card_action.appid",
  'image_text_area {"type":2,"image_url":"https://x.cn"}': "image_text_area.appid",
};

const ruleOf = ([path, value, aspect, errcode]: Case) => {
  const field = reportedField[`${path} ${JSON.stringify(value)}`] ?? path.replaceAll(/\[\d+\]/g, "[]");
  return `template_card.${field}/${aspect} ${errcode}`;
};

for (const card of both) {
  for (const broken of [...brokenInBoth, ...brokenIn[card]]) {
    const [path, value] = broken;
    const shown = JSON.stringify(value)?.slice(0, 30) ?? "absent";
    test(`${card}: ${path} = ${shown} breaks ${ruleOf(broken)}`, () => {
      const checked = checkBody(withValue(card, `template_card.${path}`, value));

      assert.deepEqual(violationsOf(checked), [ruleOf(broken)]);
    });
  }

  const documented = (ruleTables[`template_card/${card}`] ?? []).map(({ path }) => path);

  test(`${card}: every documented field is sent, and the message breaks no rule`, () => {
    const sent = new Set(fieldsIn(samples[card]));

    assert.deepEqual(violationsOf(checkBody(samples[card])), []);
    assert.deepEqual(
      documented.filter((path) => !sent.has(path)),
      [],
    );
  });

  test(`${card}: every documented field has a broken case`, () => {
    const broken = new Set([...brokenInBoth, ...brokenIn[card]].map((one) => ruleOf(one).split("/")[0]));

    assert.deepEqual(
      documented.filter((path) => !broken.has(path)),
      [],
    );
  });
}

/** Paths as the rule tables write them. */
function fieldsIn(value: unknown, path = ""): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((item) => fieldsIn(item, `${path}[]`));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    const own = path === "" ? name : `${path}.${name}`;
    return [own, ...fieldsIn(inner, own)];
  });
}

test("a card of an unknown type is rejected for its card_type only", () => {
  for (const kind of ["button_interaction", "vote_interaction", "multiple_interaction", "", undefined]) {
    const checked = checkBody(withValue("text_notice", "template_card.card_type", kind));

    const aspect = kind ? "value" : "required";
    assert.deepEqual(violationsOf(checked), [`template_card.card_type/${aspect} 40058`]);
  }
});

test("text_notice: main_title.title and sub_title_text must not both be empty; one of them is enough", () => {
  const withoutTitle = withValue("text_notice", "template_card.main_title", {}) as { template_card: object };
  const { sub_title_text: _, ...withoutBoth } = withoutTitle.template_card as { sub_title_text?: string };

  assert.deepEqual(violationsOf(checkBody(withoutTitle)), []);
  assert.deepEqual(violationsOf(checkBody(withValue("text_notice", "template_card.sub_title_text", undefined))), []);
  const neither = checkBody({ msgtype: "template_card", template_card: withoutBoth });
  assert.deepEqual(violationsOf(neither), ["template_card/title-or-sub-title 40058"]);
});

const fullLists: readonly (readonly [string, unknown])[] = [
  ["horizontal_content_list", Array(6).fill(row)],
  ["horizontal_content_list", []],
  ["jump_list", Array(3).fill(jump)],
  ["jump_list", []],
  ["card_action", { type: 2, appid: "APPID" }],
  ["quote_area", { type: 0 }],
  ["quote_area", { quote_text: "q" }],
  ["source", undefined],
];

for (const card of both) {
  for (const [path, value] of fullLists) {
    test(`${card}: ${path} = ${JSON.stringify(value)?.slice(0, 30) ?? "absent"} is allowed`, () => {
      assert.deepEqual(violationsOf(checkBody(withValue(card, `template_card.${path}`, value))), []);
    });
  }
}

test("news_notice: four vertical rows and the ends of the aspect ratio are allowed, the ends with advice", () => {
  const check = (path: string, value: unknown) => checkBody(withValue("news_notice", `template_card.${path}`, value));

  assert.deepEqual(violationsOf(check("vertical_content_list", Array(4).fill({ title: "t" }))), []);
  for (const end of [1.3, 2.25]) {
    const checked = check("card_image.aspect_ratio", end);
    assert.deepEqual(violationsOf(checked), []);
    assert.deepEqual(adviceOf(checked), ["template_card.card_image.aspect_ratio/range-end"]);
  }
});
