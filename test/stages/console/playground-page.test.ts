import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { eventually } from "../../support/stack.ts";
import { consoleOf } from "./visiting.ts";

type Ask = Awaited<ReturnType<typeof consoleOf>>["ask"];

/** A machine that is busy with other tests may need more than the second that a template has. */
async function rendered(ask: Ask, path: string, asked: Parameters<Ask>[1] = {}) {
  let answer = await ask(path, asked);
  await eventually("it is rendered in time", async () => {
    if (!/Not rendered/u.test(answer.text)) return true;
    answer = await ask(path, asked);
    return false;
  });
  return answer;
}

const config = "route: { bot: ops, mention: { all: true, on: [firing] } }";

describe("the playground", () => {
  it("renders the template and alert that are chosen, with bytes and verdict, and sends nothing", async (t) => {
    const { ask, stack } = await consoleOf(t, config);

    const { text } = await rendered(ask, "/playground?kind=text_notice&sample=alertmanager-firing");

    assert.match(text, /main_title:/u);
    assert.match(text, /WeCom would accept it/u);
    assert.match(text, /template_card · \d+ bytes/u);
    assert.doesNotMatch(text, /mentioned_list/u);
    assert.deepEqual([stack.simulator.arrivals(), await stack.metric('outbox_notifications{bot="ops"}')], [[], 0]);
  });

  for (const [what, form, wanted] of [
    ["what is typed", { text: "{{firstName}} <b>" }, /bubble markdown">[^\n]*&lt;b&gt;/u],
    ["an issue with its place", { text: "a\n{{#if}}" }, /default\.markdown\.hbs:2:\d+: /u],
    [
      "an issue of a card",
      { kind: "text_notice", text: "main_title: { titel: x }" },
      /default\.text_notice\.yaml:1:\d+: /u,
    ],
    [
      "an unknown kind, template and sample",
      { kind: "x", template: "../x", sample: "x", text: "y" },
      /default\.markdown\.hbs/u,
    ],
  ] as const) {
    it(`shows ${what}`, async (t) => {
      const { ask } = await consoleOf(t, config);

      const { status, text } = await rendered(ask, "/playground", { form });

      assert.equal(status, 200);
      assert.match(text, wanted);
    });
  }

  it("ends a template that takes too long, and renders the next one", async (t) => {
    const { ask } = await consoleOf(t, config);
    const loops = `${"{{#each @root.alerts}}".repeat(6)}x${"{{/each}}".repeat(6)}`;

    const long = await ask("/playground", { form: { sample: "alertmanager-many", text: loops } });
    const next = await rendered(ask, "/playground", { form: { text: "short" } });

    assert.match(long.text, /Not rendered \(limits: 1 s, 64 MB\)/u);
    assert.match(next.text, /bubble markdown">[^\n]*short/u);
  });

  it("downloads what is typed, under the template's file name, as text", async (t) => {
    const { ask } = await consoleOf(t, config);

    const { headers, text } = await ask("/playground/download", {
      form: { kind: "markdown", template: "../../etc/x\r\ny: z", text: "<script>typed" },
    });

    assert.equal(text, "<script>typed");
    assert.equal(headers.get("content-disposition"), "attachment; filename=default.markdown.hbs");
  });

  it("is for administrators", async (t) => {
    const { ask } = await consoleOf(
      t,
      `${config}\nauth: { admin: [ { bearer: { token: a } } ], viewer: [ { bearer: { token: v } } ] }`,
    );
    const { session: cookie } = await ask("/login", { form: { username: "", password: "v" } });

    const read = await ask("/playground", { cookie });
    const rendered = await ask("/playground", { cookie, form: { text: "x" } });
    const overview = await ask("/", { cookie });

    assert.deepEqual([read.status, rendered.status], [404, 403]);
    assert.doesNotMatch(overview.text, /playground/u);
  });
});
