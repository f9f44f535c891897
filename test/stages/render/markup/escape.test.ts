import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { cleanText, escapeMarked, markData, plainText } from "../../../../src/render/markup/escape.ts";

const d = markData;

describe("a text printed into markdown cannot be markup", () => {
  const cases: readonly (readonly [rule: string, marked: string, shown: string])[] = [
    ["a mention is broken", d("hi <@all> <@bob>"), "hi ＜@all> ＜@bob>"],
    ["a mention is broken inside code too", `\`${d("<@bob>")}\``, "`＜@bob>`"],
    ["a mention made of two texts is broken", d("<") + d("@bob>"), "＜@bob>"],
    ["a mention is broken behind another sign", d("<<@bob>"), "＜＜@bob>"],
    ["a colour is broken", d('<font color="warning">x</font>'), '＜font color="warning">x＜/font>'],
    ["a comparison stays as it is", d("a < 5, b <= 6, c <-1, d << 2"), "a < 5, b <= 6, c <-1, d << 2"],
    ["a link is broken", d("[log in](https://evil)"), "［log in］(https://evil)"],
    ["an image is broken", d("![x](https://evil)"), "!［x］(https://evil)"],
    ["a link made of two texts is broken", d("[x]") + d("(https://evil)"), "[x]（https://evil)"],
    ["a link made with the template's parenthesis is broken", `${d("[x]")}(y)`, "［x］(y)"],
    ["a link made with the template's bracket is broken", `[x]${d("(https://evil)")}`, "[x]（https://evil)"],
    ["a lone bracket does not reach the template's link", `${d("a[b")} [go](http://x/)`, "a［b [go](http://x/)"],
    ["a bang does not make the template's link an image", `${d("wow!")}[go](http://x/)`, "wow！[go](http://x/)"],
    ["paired brackets stay", d("disks[0] [ var='A' ]"), "disks[0] [ var='A' ]"],
    ["a heading at the start is broken", d("# big"), "＃ big"],
    ["a heading on a new line is broken", d("a\n## big\n > q"), "a\n＃＃ big\n ＞ q"],
    ["a row of dashes makes no table of the line above it", d("a | b\n| --- |\n- x"), "a | b\n｜ －－－ ｜\n- x"],
    ["a row of dashes alone makes no table either", `a | b\n${d("| --- |")}`, "a | b\n｜ －－－ ｜"],
    ["a heading in a quote is broken, and the quote goes on", `> ${d("# a\nb")}`, "> ＃ a\n> b"],
    ["a hash elsewhere stays", `no ${d("#5 > 4")}`, "no #5 > 4"],
    ["bold is broken", d("**withMentions** 2*3"), "＊＊withMentions＊＊ 2*3"],
    ["stars do not join the template's", `**${d("*.example.com*")}**`, "**＊.example.com＊**"],
    ["backticks become quotes", d("`x` \\`"), "'x' \\'"],
    ["stars and underscores stay inside code", `\`${d("**_x_** [a]")}\``, "`**_x_** [a]`"],
    ["code stays on one line", `\`${d("a\n\nb")}\``, "`a b`"],
    ["bold stays on one line", `**${d("a\nb")}**`, "**a b**"],
    ["a heading stays on one line", `# ${d("a\nb")}`, "# a b"],
    ["a link's text loses its brackets", `[${d("a]b[c")}](http://x/)`, "[a］b［c](http://x/)"],
    [
      "a link's URL is encoded",
      `[x](${d("http://x/a b(c)'d\"\n测")})`,
      "[x](http://x/a%20b%28c%29%27d%22%0A%E6%B5%8B)",
    ],
    [
      "a colour ends with its line and goes on in the next",
      `<font color="info">${d("a\nb")}</font>`,
      '<font color="info">a</font>\n<font color="info">b</font>',
    ],
    ["line feeds at the ends and piles of them go", `${d("\n\na\n\n\n\nb\n")}.`, "a\n\nb."],
    ["lone surrogates are replaced", d("a\uD800b"), "a\uFFFDb"],
    ["control characters and reordering go", d("a\u0000\u001Bb\u202Ec\td\r\ne"), "abc d\ne"],
    ["a mention cannot hide behind a control character", d("<\u0000@bob>"), "＜@bob>"],
    ["the template's bracket makes no mention of a text", `x <${d("@all")}> <${d("\u0007@bob")}>`, "x <＠all> <＠bob>"],
    ["nor a colour", `<${d('font color="info"')}>x<${d("/FONT")}>`, '< font color="info">x< /FONT>'],
    ["nor inside code", `\`<${d("@all")}>\``, "`<＠all>`"],
    [
      "only the config mentions everyone",
      `<@${d("all")}> <@${d("All> x")}> <@${d("allan")}>`,
      "<@ａll> <@ａll> x> <@allan>",
    ],
    ["the template's bracket stays before other texts", `HTTP <${d("500")}> <${d("a@b.cn")}>`, "HTTP <500> <a@b.cn>"],
    ["marks inside a text do not end it", d("\uFDD1<@bob>\uFDD0"), "＜@bob>"],
    ["the template's own markup stays", `<@${d("bob")}> [a](http://b/) **c** \`d\``, "<@bob> [a](http://b/) **c** `d`"],
  ];
  for (const [rule, marked, shown] of cases) {
    test(rule, () => assert.equal(escapeMarked(marked), shown));
  }
});

test("a text printed into a card loses control characters and mentions only", () => {
  const shown = plainText("a\u0007 <@bob> **b** [c](d) <5 <");

  assert.equal(shown, "a ＜@bob> **b** [c](d) <5 ＜");
});

test("blank lines that a template leaves are closed", () => {
  const body = escapeMarked("\n\na  \n\n\n\nb\n \n");

  assert.equal(body, "a\n\nb");
});

test("every kind of line break is one line feed", () => {
  assert.equal(cleanText("a\r\nb\rc\u2028d\u2029e\u0085f"), "a\nb\nc\nd\ne\nf");
});

describe("a sender cannot make escaping slow: twice the text takes about twice the time, not four times", () => {
  const texts = ["<", "<<<< ", " ", "\n", "\n# ", "*", "[", "](", "`", "<@", "> ", "![x](", "\u0000", "|---|\n"];
  for (const text of texts) {
    test(JSON.stringify(text), () => {
      const long = text.repeat(400_000 / text.length);

      const before = process.cpuUsage();
      escapeMarked(`> ${markData(`${long}.`)} \`${markData(`${long}.`)}\` [x](${markData(`${long}.`)})`);

      // Quadratic, it would take minutes.
      assert.ok(process.cpuUsage(before).user < 20_000_000);
    });
  }
});
