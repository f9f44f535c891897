import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { matchRoutes } from "../../../src/route/tree.ts";
import { treeOf } from "./samples.ts";

/** The tree of prometheus/alertmanager dispatch/route_test.go in our words, with two routes more at its end. */
const root = treeOf({
  routes: [
    {
      match: 'owner="team-A"',
      bots: ["a"],
      routes: [
        { match: 'env="testing"', bots: ["a-testing"] },
        { match: 'env="production"', bots: ["a-production"], continue: true },
        { match: 'env=~"produ.*"', bots: ["a-prod-regex"] },
      ],
    },
    { match: 'owner=~"team-(B|C)"', bots: ["bc"] },
    {
      match: 'group_by="role"',
      bots: ["role"],
      routes: [
        { match: 'env="testing"', bots: ["role-testing"], routes: [{ match: 'wait="long"', bots: ["role-long"] }] },
      ],
    },
    {
      match: 'severity="critical"',
      bots: ["oncall"],
      continue: true,
      routes: [{ match: 'quiet="yes"', bots: ["quiet"] }],
    },
    { match: 'team!=""', bots: ["team"] },
    { bots: ["rest"], match: 'rest="yes"', continue: true },
  ],
});

const cases: readonly (readonly [string, Readonly<Record<string, string>>, readonly string[]])[] = [
  ["an alert no child takes is the root's", {}, ["root"]],
  ["a node none of whose children takes it is the answer", { owner: "team-A" }, ["a"]],
  ["an unknown value below stays with the parent", { owner: "team-A", env: "unset" }, ["a"]],
  ["the first matching child wins", { owner: "team-A", env: "testing" }, ["a-testing"]],
  [
    "continue lets the siblings after it be tried",
    { owner: "team-A", env: "production" },
    ["a-production", "a-prod-regex"],
  ],
  ["a regular expression takes all of its values", { owner: "team-C" }, ["bc"]],
  ["depth first", { group_by: "role", env: "testing", wait: "long" }, ["role-long"]],
  ["the middle of a chain answers when its end does not match", { group_by: "role", env: "testing" }, ["role-testing"]],
  [
    "a child's match does not stop what continue on its parent allows",
    { severity: "critical", quiet: "yes", team: "x" },
    ["quiet", "team"],
  ],
  ["continue at the last match adds nothing", { severity: "critical" }, ["oncall"]],
  ["continue at the very end does not add the root", { rest: "yes" }, ["rest"]],
  ["a match without continue hides later ones", { owner: "team-B", team: "x" }, ["bc"]],
];

describe("matchRoutes", () => {
  for (const [rule, labels, bots] of cases) {
    it(rule, () => {
      const nodes = matchRoutes(root, labels);

      assert.deepEqual(
        nodes.flatMap((node) => node.settings.bots),
        bots,
      );
    });
  }

  it("finds nothing in a subtree whose own matchers do not match", () => {
    const subtree = treeOf({ match: "a=b", routes: [{ match: "c=d" }] });

    assert.deepEqual(matchRoutes(subtree, { c: "d" }), []);
  });
});
