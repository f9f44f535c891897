// Decision records are short and of one form.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { headings, pages, read } from "./pages.ts";

const maxLines = 40;
const records = pages.filter((page) => page.startsWith("docs/decisions/"));

describe("decision records", () => {
  for (const record of records) {
    it(`${record} has number and title, background, decision and consequences, in at most ${maxLines} lines`, () => {
      const text = read(record);
      const [title, ...sections] = headings(text).map((heading) => heading.text);
      const number = /^docs\/decisions\/(\d{4})-[a-z0-9-]+\.md$/u.exec(record)?.[1];

      assert.ok(number !== undefined && title?.startsWith(`${number}: `), title);
      assert.deepEqual(sections, ["Background", "Decision", "Consequences"]);
      assert.ok(text.trimEnd().split("\n").length <= maxLines);
    });
  }

  it("are each alone under their number", () => {
    const numbers = records.map((record) => Number(/\d{4}/u.exec(record)?.[0]));

    assert.equal(new Set(numbers).size, numbers.length);
  });
});
