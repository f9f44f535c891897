import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { messageKinds } from "../../../../src/domain/message-kind.ts";
import { loadTemplates } from "../../../../src/render/load-templates.ts";
import { buildTemplateSet, missingTemplate } from "../../../../src/render/template/template-set.ts";
import { builtIn, ownTemplates, sourcesOf, templatesOf } from "../deliveries.ts";

const context = { now: 0, timezone: "UTC", language: "en" } as const;

function issuesOf(files: Readonly<Record<string, string>>): readonly string[] {
  const loaded = buildTemplateSet(sourcesOf(files));
  assert.equal(loaded.kind, "invalid");
  const { issues } = loaded as Extract<typeof loaded, { kind: "invalid" }>;
  return issues.map(({ code, path, line, column }) => `${code} ${path}:${line}:${column}`);
}

describe("a set of templates", () => {
  test("has the later one of two with the same name and kind", () => {
    const sources = [
      ...sourcesOf({ "a/x.markdown.hbs": "1", "a/_p.hbs": "1" }),
      ...sourcesOf({ "b/x.markdown.hbs": "2" }),
    ];

    const set = templatesOf(buildTemplateSet(sources)).in.en;

    assert.equal(set.body("markdown", "x")?.render({}, context), "2");
  });

  test("lets own partials replace the built-in ones", () => {
    const sources = [
      ...sourcesOf({ "a/x.markdown.hbs": "{{> p}}", "a/_p.hbs": "1" }),
      ...sourcesOf({ "b/_p.hbs": "2" }),
    ];

    assert.equal(templatesOf(buildTemplateSet(sources)).in.en.body("markdown", "x")?.render({}, context), "2");
  });

  test("has the built-in templates of each language, and those of the operator in all", () => {
    const sources = [
      ...(["zh", "en"] as const).map((language) => ({
        name: "a.markdown.hbs",
        path: `${language}/a.markdown.hbs`,
        text: language,
        language,
      })),
      ...sourcesOf({ "own/b.markdown.hbs": "own" }),
    ];

    const set = templatesOf(buildTemplateSet(sources));

    const texts = (["zh", "en"] as const).map((language) =>
      set.in[language].names("markdown").map((name) => set.in[language].body("markdown", name)?.render({}, context)),
    );
    assert.deepEqual(texts, [
      ["zh", "own"],
      ["en", "own"],
    ]);
  });

  test("has the same names in every language", () => {
    for (const kind of messageKinds) assert.deepEqual(builtIn.in.en.names(kind), builtIn.in.zh.names(kind));
  });

  test("keeps kinds apart", () => {
    const set = ownTemplates({ "x.markdown.hbs": "x", "y.text_notice.yaml": "main_title: {title: y}" }).in.en;

    assert.deepEqual([set.names("markdown"), set.names("text_notice")], [["x"], ["y"]]);
    assert.equal(set.card("text_notice", "x"), null);
  });

  test("reports every issue once, with its position", () => {
    const issues = issuesOf({
      "_p.hbs": "{{#if x}}",
      "a.markdown.hbs": "{{> p}}",
      "b.markdown.hbs": "line\n  {{nope 1}}",
      "c.text_notice.yaml": "mainTitle: x",
      "notes.hbs": "",
    });

    assert.deepEqual(
      issues.map((issue) => issue.replace(/:\d+$/, "")),
      [
        "template_name notes.hbs:1",
        "template_syntax _p.hbs:1",
        "template_unknown_helper b.markdown.hbs:2",
        "template_card_field c.text_notice.yaml:1",
      ],
    );
  });
});

test("a template that does not exist is named, with those that exist", () => {
  const set = ownTemplates({ "default.markdown.hbs": "x", "ops.markdown.hbs": "x" }).in.en;

  assert.equal(missingTemplate(set, "ops", "markdown"), null);
  assert.equal(
    missingTemplate(set, "opps", "markdown"),
    'there is no template "opps" for markdown messages (opps.markdown.hbs); there are: default, ops',
  );
});

describe("loading templates", () => {
  for (const language of ["zh", "en"] as const) {
    test(`finds the built-in ones in ${language}`, () => {
      const set = templatesOf(loadTemplates({ globs: [], baseDir: "/nowhere", rotations: new Map() })).in[language];

      assert.ok(set.body("markdown", "default") !== null && set.card("text_notice", "default") !== null);
    });
  }

  const folder = () => mkdtempSync(join(tmpdir(), "templates-"));

  test("finds those of the operator by globs, and ignores other files", () => {
    const dir = folder();
    mkdirSync(join(dir, "own"));
    for (const name of ["ops.markdown.hbs", "README.md", ".hidden.markdown.hbs"])
      writeFileSync(join(dir, "own", name), "x");

    const set = templatesOf(loadTemplates({ globs: ["own/*"], baseDir: dir, rotations: new Map() })).in.zh;

    assert.deepEqual(set.names("markdown"), ["default", "ops"]);
    rmSync(dir, { recursive: true });
  });

  test("reports a missing file and a misnamed one", () => {
    const dir = folder();
    writeFileSync(join(dir, "ops.hbs"), "x");

    const missing = loadTemplates({ globs: ["gone.markdown.hbs"], baseDir: dir, rotations: new Map() });
    const misnamed = loadTemplates({ globs: ["*"], baseDir: dir, rotations: new Map() });

    assert.deepEqual(missing.kind === "invalid" && missing.issues.map(({ code }) => code), ["template_unreadable"]);
    assert.deepEqual(misnamed.kind === "invalid" && misnamed.issues.map(({ code }) => code), ["template_name"]);
    rmSync(dir, { recursive: true });
  });
});
