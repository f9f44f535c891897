// Read back by Prometheus's own grammar, so that no label value ends a string.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parser } from "@prometheus-io/lezer-promql";
import fc from "fast-check";
import { seriesQuery } from "../../../../src/graph/datasource/series-query.ts";

/** The texts of all string literals; throws for what is not PromQL. */
function stringsIn(query: string): readonly string[] {
  const found: string[] = [];
  parser
    .configure({ strict: true })
    .parse(query)
    .iterate({
      enter: ({ name, from, to }) => {
        if (name === "StringLiteral") found.push(JSON.parse(query.slice(from, to)));
      },
    });
  return found;
}

describe("seriesQuery", () => {
  it("keeps the wanted series of an expression", () => {
    const query = seriesQuery("sum by (queue) (depth)", [{ queue: "orders" }, { queue: "mail", __name__: "x" }]);

    assert.equal(
      query,
      '(\nsum by (queue) (depth)\n) and on (queue) (label_replace(vector(1), "queue", "orders", "", "") or ' +
        'label_replace(vector(1), "queue", "mail", "", ""))',
    );
  });

  it("keeps the only series of an expression without labels", () => {
    assert.equal(seriesQuery("sum(up)", [{}]), "(\nsum(up)\n) and on () (vector(1))");
  });

  it("survives a comment at the end of the expression", () => {
    assert.equal(stringsIn(seriesQuery("up # all", [{ a: "1" }])).length, 4);
  });

  it("asks for a series without a label that others have", () => {
    const query = seriesQuery("x", [{ a: "1", b: "2" }, { a: "1" }]);

    assert.match(
      query,
      /and on \(a, b\) \(label_replace\(label_replace\(vector\(1\), .* or label_replace\(vector\(1\)/u,
    );
  });

  it("writes any value as one string, with $ doubled", () => {
    const withDollars = fc
      .array(fc.constantFrom("$", "$1", "$a", "a", '"'), { minLength: 1 })
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(fc.oneof(fc.string({ minLength: 1, unit: "binary" }), withDollars), (value) => {
        const strings = stringsIn(seriesQuery("up", [{ a: value }]));

        assert.deepEqual(strings, ["a", value.toWellFormed().replaceAll("$", () => "$$"), "", ""]);
      }),
    );
  });

  it("keeps what is behind any value or name", () => {
    const hostile = fc.oneof(fc.string({ minLength: 1 }), fc.constantFrom('"', "\\", '\\"', "$1", "$", "'", "`", "\n"));
    fc.assert(
      fc.property(fc.dictionary(hostile, hostile, { minKeys: 1, maxKeys: 3 }), (labels) => {
        const names = Object.keys(labels).filter((name) => name !== "__name__");
        const quoted = names.filter((name) => !/^[A-Za-z_][A-Za-z0-9_]*$/u.test(name));

        const strings = stringsIn(seriesQuery("up", [labels]));

        assert.equal(strings.length, 4 * names.length + quoted.length);
      }),
    );
  });
});
