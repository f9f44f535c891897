// Every field of both cards, as WeCom's page documents them: a valid value is sent, an invalid one is corrected or left
// out. The simulator checks the result. Each field has its case.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { renderDelivery } from "../../../../src/render/render.ts";
import { checkMessage } from "../../../../src/simulator/rules/check-message.ts";
import { switchesOf } from "../../../../src/simulator/rules/switches.ts";
import { messageText, type WecomMessage } from "../../../../src/wecom/message.ts";
import { deliveryOf, ownTemplates, sampleAlert, sampleGroup, settings } from "../deliveries.ts";

const url = "https://a.example/x";
const picture = "https://a.example/p.png";

const shared = `source: {icon_url: "${picture}", desc: d, desc_color: 1}
main_title: {title: A, desc: md}
quote_area: {type: 2, appid: wx, pagepath: q, title: qt, quote_text: qq}
horizontal_content_list:
  - {keyname: k0, value: v0}
  - {type: 1, keyname: k1, value: v1, url: "${url}"}
  - {type: 2, keyname: k2, value: v2, media_id: m}
  - {type: 3, keyname: k3, value: v3, userid: u}
jump_list:
  - {type: 1, title: j1, url: "${url}"}
  - {type: 2, title: j2, appid: wx, pagepath: j}
card_action: {type: 2, appid: wx, pagepath: c}
`;

const whole = {
  text_notice: `${shared}emphasis_content: {title: et, desc: ed}
sub_title_text: st
`,
  news_notice: `${shared}card_image: {url: "${picture}", aspect_ratio: 2.2}
image_text_area: {type: 1, url: "${url}", title: it, desc: id, image_url: "${picture}"}
vertical_content_list:
  - {title: vt, desc: vd}
`,
} as const;

const sharedOut = {
  source: { icon_url: picture, desc: "d", desc_color: 1 },
  main_title: { title: "A", desc: "md" },
  quote_area: { type: 2, appid: "wx", pagepath: "q", title: "qt", quote_text: "qq" },
  horizontal_content_list: [
    { keyname: "k0", value: "v0" },
    { type: 1, keyname: "k1", value: "v1", url },
    { type: 2, keyname: "k2", value: "v2", media_id: "m" },
    { type: 3, keyname: "k3", value: "v3", userid: "u" },
  ],
  jump_list: [
    { type: 1, title: "j1", url },
    { type: 2, title: "j2", appid: "wx", pagepath: "j" },
  ],
  card_action: { type: 2, appid: "wx", pagepath: "c" },
};

const out = {
  text_notice: {
    card_type: "text_notice",
    ...sharedOut,
    emphasis_content: { title: "et", desc: "ed" },
    sub_title_text: "st",
  },
  news_notice: {
    card_type: "news_notice",
    ...sharedOut,
    card_image: { url: picture, aspect_ratio: 2.2 },
    image_text_area: { type: 1, url, title: "it", desc: "id", image_url: picture },
    vertical_content_list: [{ title: "vt", desc: "vd" }],
  },
} as const;

type Kind = keyof typeof whole;

function rendered(kind: Kind, yaml: string): readonly WecomMessage[] {
  const templates = ownTemplates({ [`default.${kind}.yaml`]: yaml, "default.markdown.hbs": "{{name}}" });
  const delivery = deliveryOf(sampleGroup([sampleAlert({ alertname: "A" })]), { messages: [kind] });
  return renderDelivery(delivery, templates, { ...settings, externalURL: "https://ours.example" }).parts.map(
    ({ message }) => message,
  );
}

function cardOf(kind: Kind, yaml: string): Record<string, unknown> {
  const [message] = rendered(kind, yaml);
  assert.ok(message?.msgtype === "template_card", message && messageText(message));
  assertTaken(message);
  return message.template_card as unknown as Record<string, unknown>;
}

function assertTaken(message: WecomMessage): void {
  const bytes = Buffer.from(JSON.stringify(message));
  const { findings } = checkMessage(bytes, { switches: switchesOf("documented", {}), mediaState: () => "usable" });
  // Advice is on taste, and on lengths, which are compared one by one.
  assert.deepEqual(
    findings.filter(({ severity }) => severity !== "advice"),
    [],
  );
}

describe("every field of a card is sent as its template says", () => {
  for (const kind of ["text_notice", "news_notice"] as const) {
    test(kind, () => assert.deepEqual(cardOf(kind, whole[kind]), out[kind]));
  }
});

const long = "字".repeat(200);
const cut = (chars: number) => `${"字".repeat(chars - 1)}…`;

interface Broken {
  readonly field: string;
  readonly from: string;
  readonly to: string;
  /** The object of the rendered card that holds the field. */
  readonly shown: unknown;
}

const brokenShared: readonly Broken[] = [
  {
    field: "source.icon_url",
    from: `icon_url: "${picture}"`,
    to: "icon_url: ftp://x",
    shown: { source: { desc: "d", desc_color: 1 } },
  },
  {
    field: "source.desc",
    from: "desc: d,",
    to: `desc: ${long},`,
    shown: { source: { ...sharedOut.source, desc: cut(13) } },
  },
  {
    field: "source.desc_color",
    from: "desc_color: 1",
    to: "desc_color: 4",
    shown: { source: { icon_url: picture, desc: "d" } },
  },
  {
    field: "main_title.title",
    from: "title: A",
    to: `title: ${long}`,
    shown: { main_title: { title: cut(26), desc: "md" } },
  },
  {
    field: "main_title.desc",
    from: "desc: md",
    to: `desc: ${long}`,
    shown: { main_title: { title: "A", desc: cut(30) } },
  },
  {
    field: "quote_area.type",
    from: "type: 2, appid: wx, pagepath: q,",
    to: "type: 1,",
    shown: { quote_area: { title: "qt", quote_text: "qq" } },
  },
  {
    field: "quote_area.url",
    from: "type: 2, appid: wx, pagepath: q,",
    to: `type: 1, url: "${url}",`,
    shown: { quote_area: { type: 1, url, title: "qt", quote_text: "qq" } },
  },
  { field: "quote_area", from: ", title: qt, quote_text: qq", to: "", shown: { quote_area: undefined } },
  {
    field: "horizontal_content_list[].keyname",
    from: "keyname: k0",
    to: 'keyname: ""',
    shown: { horizontal_content_list: sharedOut.horizontal_content_list.slice(1) },
  },
  {
    field: "horizontal_content_list[].url",
    from: `value: v1, url: "${url}"`,
    to: "value: v1, url: x",
    shown: {
      horizontal_content_list: sharedOut.horizontal_content_list.toSpliced(1, 1, { keyname: "k1", value: "v1" }),
    },
  },
  {
    field: "horizontal_content_list[].media_id",
    from: ", media_id: m",
    to: "",
    shown: {
      horizontal_content_list: sharedOut.horizontal_content_list.toSpliced(2, 1, { keyname: "k2", value: "v2" }),
    },
  },
  {
    field: "horizontal_content_list[].userid",
    from: ", userid: u",
    to: "",
    shown: {
      horizontal_content_list: sharedOut.horizontal_content_list.toSpliced(3, 1, { keyname: "k3", value: "v3" }),
    },
  },
  {
    field: "horizontal_content_list[].value",
    from: "value: v0",
    to: `value: ${long}`,
    shown: {
      horizontal_content_list: sharedOut.horizontal_content_list.toSpliced(0, 1, { keyname: "k0", value: cut(26) }),
    },
  },
  {
    field: "jump_list[].title",
    from: "title: j1",
    to: 'title: ""',
    shown: { jump_list: sharedOut.jump_list.slice(1) },
  },
  {
    field: "jump_list[].url",
    from: `title: j1, url: "${url}"`,
    to: "title: j1",
    shown: { jump_list: sharedOut.jump_list.slice(1) },
  },
  {
    field: "jump_list[].appid",
    from: "title: j2, appid: wx",
    to: "title: j2",
    shown: { jump_list: sharedOut.jump_list.slice(0, 1) },
  },
  {
    field: "card_action.appid",
    from: "{type: 2, appid: wx, pagepath: c}",
    to: "{type: 2}",
    shown: { card_action: { type: 1, url: "https://ours.example/deliveries?q=%22A%22" } },
  },
  {
    field: "card_action.type",
    from: "{type: 2, appid: wx, pagepath: c}",
    to: `{type: 3, url: "${url}"}`,
    shown: { card_action: { type: 1, url } },
  },
  {
    field: "card_action",
    from: "card_action: {type: 2, appid: wx, pagepath: c}",
    to: "",
    shown: { card_action: { type: 1, url: "https://ours.example/deliveries?q=%22A%22" } },
  },
];

const broken: Readonly<Record<Kind, readonly Broken[]>> = {
  text_notice: [
    ...brokenShared,
    {
      field: "emphasis_content.title",
      from: "title: et",
      to: `title: ${long}`,
      shown: { emphasis_content: { title: cut(10), desc: "ed" } },
    },
    {
      field: "emphasis_content.desc",
      from: "desc: ed",
      to: `desc: ${long}`,
      shown: { emphasis_content: { title: "et", desc: cut(15) } },
    },
    {
      field: "sub_title_text",
      from: "sub_title_text: st",
      to: `sub_title_text: ${long}`,
      shown: { sub_title_text: cut(112) },
    },
  ],
  news_notice: [
    ...brokenShared,
    {
      field: "card_image.aspect_ratio",
      from: "aspect_ratio: 2.2",
      to: "aspect_ratio: 3",
      shown: { card_image: { url: picture } },
    },
    {
      field: "image_text_area.image_url",
      from: `id, image_url: "${picture}"`,
      to: "id",
      shown: { image_text_area: undefined },
    },
    {
      field: "image_text_area.url",
      from: `{type: 1, url: "${url}", title: it`,
      to: "{type: 1, title: it",
      shown: { image_text_area: { title: "it", desc: "id", image_url: picture } },
    },
    {
      field: "vertical_content_list[].title",
      from: "title: vt",
      to: 'title: ""',
      shown: { vertical_content_list: undefined },
    },
    {
      field: "vertical_content_list[].desc",
      from: "desc: vd",
      to: `desc: ${long}`,
      shown: { vertical_content_list: [{ title: "vt", desc: cut(112) }] },
    },
  ],
};

describe("a field that WeCom would reject is corrected or left out", () => {
  for (const kind of ["text_notice", "news_notice"] as const) {
    for (const { field, from, to, shown } of broken[kind]) {
      test(`${kind}: ${field}`, () => {
        const yaml = whole[kind].replace(from, to);
        assert.notEqual(yaml, whole[kind]);

        const card = cardOf(kind, yaml);

        for (const [name, value] of Object.entries(shown as object)) assert.deepEqual(card[name], value);
      });
    }
  }

  test("lists have no more entries than WeCom allows", () => {
    const rows = (row: string) => Array.from({ length: 9 }, () => `  - ${row}\n`).join("");
    const yaml = `card_image: {url: "${picture}"}
horizontal_content_list:
${rows("{keyname: k, value: v}")}jump_list:
${rows(`{title: t, url: "${url}"}`)}vertical_content_list:
${rows("{title: t}")}`;

    const card = cardOf("news_notice", yaml);

    const lists = [card.horizontal_content_list, card.jump_list, card.vertical_content_list] as unknown[][];
    assert.deepEqual(
      lists.map((list) => list.length),
      [6, 3, 4],
    );
  });

  test("a card without its picture gives way to markdown", () => {
    for (const image of ["", 'card_image: {url: "not a url"}\n', "card_image: {aspect_ratio: 2}\n"]) {
      const [message] = rendered("news_notice", `main_title: {title: A}\n${image}`);

      assert.equal(message?.msgtype, "markdown");
    }
  });

  test("a news_notice without a title has the group's name", () => {
    const card = cardOf("news_notice", `card_image: {url: "${picture}"}\n`);

    assert.deepEqual(card.main_title, { title: "A" });
  });
});
