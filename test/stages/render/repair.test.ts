import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { markPossiblyRepeated } from "../../../src/render/possibly-repeated.ts";
import { repairMessage } from "../../../src/render/repair.ts";
import {
  type CardMessage,
  type MarkdownMessage,
  messageText,
  type TextMessage,
  type TextNoticeCard,
} from "../../../src/wecom/message.ts";

function markdown(content: string): MarkdownMessage {
  return { msgtype: "markdown", markdown: { content } };
}

function text(content: string): TextMessage {
  return { msgtype: "text", text: { content } };
}

function card(rest: Partial<TextNoticeCard> = {}): CardMessage {
  const template_card: TextNoticeCard = {
    card_type: "text_notice",
    main_title: { title: "T" },
    card_action: { type: 1, url: "http://a/" },
    ...rest,
  };
  return { msgtype: "template_card", template_card };
}

test("what is no mention in a card is none in the text that replaces it", () => {
  const plain = repairMessage(card({ sub_title_text: "<@all> <@bob>" }), "plain");

  assert.deepEqual(plain, [text("T\n＜@all> ＜@bob>\nhttp://a/")]);
});

describe("split", () => {
  test("halves markdown between lines", () => {
    assert.deepEqual(repairMessage(markdown("aa\nbb\ncc\ndd"), "split"), [markdown("aa\nbb"), markdown("cc\ndd")]);
  });

  test("closes a colour that is open there, and opens it again", () => {
    const halves = repairMessage(markdown('<font color="info">aa\nbb</font>'), "split");

    assert.deepEqual(halves, [markdown('<font color="info">aa</font>'), markdown('<font color="info">bb</font>')]);
  });

  test("halves a text of one line between characters", () => {
    assert.deepEqual(repairMessage(text("你好👨‍👩‍👧吗"), "split"), [text("你好"), text("👨‍👩‍👧吗")]);
  });

  test("names people once", () => {
    const message: TextMessage = { msgtype: "text", text: { content: "a\nb", mentioned_list: ["x"] } };

    const halves = repairMessage(message, "split");

    assert.deepEqual(halves, [{ msgtype: "text", text: { content: "a", mentioned_list: ["x"] } }, text("b")]);
  });

  test("of a single character is impossible", () => {
    assert.equal(repairMessage(text("a"), "split"), null);
    assert.equal(repairMessage(markdown("a"), "split"), null);
  });

  test("of one long line of markdown is plain text in parts", () => {
    const parts = repairMessage(markdown("x".repeat(4000)), "split");

    assert.deepEqual(parts, [text("x".repeat(1984)), text("x".repeat(1984)), text("x".repeat(32))]);
  });
});

describe("links", () => {
  test("become their texts in markdown", () => {
    assert.deepEqual(repairMessage(markdown("a [b](http://c/) d"), "links"), [markdown("a b d")]);
    assert.equal(repairMessage(markdown("a"), "links"), null);
  });

  test("make plain text of a card, which needs one", () => {
    assert.deepEqual(repairMessage(card(), "links"), [text("T\nhttp://a/")]);
  });

  test("leave a card that leads to a mini program", () => {
    const card_action = { type: 2, appid: "wx" } as const;
    const jump_list = [{ type: 1, title: "j", url: "http://j/" }] as const;
    const horizontal_content_list = [{ type: 1, keyname: "k", value: "v", url: "http://r/" }] as const;

    const repaired = repairMessage(card({ card_action, jump_list, horizontal_content_list }), "links");

    const rows = [{ keyname: "k", value: "v" }];
    assert.deepEqual(repaired, [card({ card_action, jump_list: [], horizontal_content_list: rows })]);
  });
});

describe("media", () => {
  test("leave a card", () => {
    const row = { type: 2, keyname: "k", value: "v.txt", media_id: "m" } as const;

    const repaired = repairMessage(card({ horizontal_content_list: [row] }), "media");

    assert.deepEqual(repaired, [card({ horizontal_content_list: [{ keyname: "k", value: "v.txt" }] })]);
  });

  test("where there are none, nothing changes", () => {
    assert.equal(repairMessage(card(), "media"), null);
    assert.equal(repairMessage(markdown("a"), "media"), null);
  });
});

describe("plain", () => {
  test("has the content of markdown, without its markup", () => {
    const content = '# H\n> **<font color="warning">b</font>** `**c** <x` [d](http://e/)\n<@bob>';

    assert.deepEqual(repairMessage(markdown(content), "plain"), [text("H\nb **c** <x d http://e/\n<@bob>")]);
  });

  test("has the content of a card", () => {
    const message = card({
      source: { desc: "S" },
      emphasis_content: { title: "3", desc: "firing" },
      sub_title_text: "sub",
      horizontal_content_list: [{ keyname: "k", value: "v" }],
      jump_list: [{ title: "j", url: "http://j/" }],
    });

    assert.deepEqual(repairMessage(message, "plain"), [text("S\nT\n3 firing\nsub\nk: v\nj http://j/\nhttp://a/")]);
  });

  test("loses nothing of a long message, and each part fits", () => {
    const lines = Array.from({ length: 100 }, (_, n) => `第 ${n} 行 ${"字".repeat(n)}`);

    const parts = repairMessage(markdown(lines.join("\n")), "plain") ?? [];

    const contents = parts.map((part) => (part.msgtype === "text" ? part.text.content : ""));
    assert.equal(contents.join("\n"), lines.join("\n"));
    for (const content of contents) assert.ok(Buffer.byteLength(content) <= 2048 - 64);
  });

  test("of plain text changes nothing", () => {
    assert.equal(repairMessage(text("a"), "plain"), null);
  });
});

describe("the mark of a possible repetition", () => {
  const messages = [markdown("a"), text("a"), card(), card({ sub_title_text: "字".repeat(112) })];
  for (const message of messages) {
    for (const language of ["zh", "en"] as const) {
      test(`is put once on ${message.msgtype}, in ${language}`, () => {
        const once = markPossiblyRepeated(message, [language]);

        assert.match(JSON.stringify(once), language === "zh" ? /可能重复/ : /possibly repeated/);
        assert.deepEqual(markPossiblyRepeated(once, [language]), once);
      });
    }
  }

  test("stands at the end of the first line, but of no table and no code, in the languages that the message may be in", () => {
    const v2 = (content: string) => ({ msgtype: "markdown_v2", markdown_v2: { content } }) as const;
    const cases = [
      [markdown("🔴 严重 **A** · a\nb"), "🔴 严重 **A** · a（可能重复 / possibly repeated）\nb"],
      [text("🔴 严重 A\nb"), "🔴 严重 A（可能重复 / possibly repeated）\nb"],
      [v2("| a | b |\n| --- | --- |"), "（可能重复 / possibly repeated）\n\n| a | b |\n| --- | --- |"],
      [v2("```\na\n```"), "（可能重复 / possibly repeated）\n\n```\na\n```"],
    ] as const;
    for (const [message, expected] of cases) {
      const once = markPossiblyRepeated(message, ["zh", "en"]);

      assert.equal(messageText(once), expected);
      assert.deepEqual(markPossiblyRepeated(once, ["zh", "en"]), once);
    }
  });

  test("has room in the longest body, else it is left out", () => {
    for (const [bytes, marked] of [
      [4096 - 64, true],
      [4096, false],
    ] as const) {
      const message = markPossiblyRepeated(markdown("x".repeat(bytes)), ["en"]);

      const content = message.msgtype === "markdown" ? message.markdown.content : "";
      assert.equal(content.includes("possibly repeated"), marked);
      assert.ok(content.length <= 4096);
    }
  });

  test("keeps the advice on a card's text", () => {
    const marked = markPossiblyRepeated(card({ sub_title_text: "字".repeat(112) }), ["zh"]);

    assert.ok(marked.msgtype === "template_card" && marked.template_card.card_type === "text_notice");
    const shown = marked.template_card.sub_title_text ?? "";
    assert.equal([...shown].length, 112);
    assert.ok(shown.startsWith("（可能重复）") && shown.endsWith("…"));
  });
});
