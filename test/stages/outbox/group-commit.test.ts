import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { GroupCommit } from "../../../src/outbox/group-commit.ts";

/** Remembers each commit; answers a call with itself doubled; fails when a call is negative. */
function doubling(maxWeight = 1_000) {
  const commits: (readonly number[])[] = [];
  const group = new GroupCommit<number, number>(
    async (calls) => {
      commits.push(calls);
      await Promise.resolve();
      if (calls.some((call) => call < 0)) throw new Error("negative");
      return calls.map((call) => call * 2);
    },
    { weigh: (call) => Math.abs(call), maxWeight },
  );
  return { group, commits };
}

describe("group commit", () => {
  it("calls of one turn share a commit, and each gets its own result", async () => {
    const { group, commits } = doubling();

    const answers = await Promise.all([1, 2, 3].map((call) => group.add(call)));

    assert.deepEqual(answers, [2, 4, 6]);
    assert.deepEqual(commits, [[1, 2, 3]]);
  });

  it("calls that come while a commit runs share the next one", async () => {
    const commits: (readonly string[])[] = [];
    const late: Promise<string>[] = [];
    const group: GroupCommit<string, string> = new GroupCommit(
      async (calls) => {
        commits.push(calls);
        if (commits.length === 1) late.push(group.add("b"), group.add("c"));
        return calls;
      },
      { weigh: () => 1, maxWeight: 10 },
    );

    await group.add("a");
    await Promise.all(late);

    assert.deepEqual(commits, [["a"], ["b", "c"]]);
  });

  it("a failed commit rejects all its calls with the cause, and the next one works", async () => {
    const { group, commits } = doubling();

    const failed = await Promise.allSettled([group.add(-1), group.add(2)]);
    const answer = await group.add(3);

    assert.deepEqual(
      failed.map((result) => result.status === "rejected" && result.reason.message),
      ["negative", "negative"],
    );
    assert.equal(answer, 6);
    assert.equal(commits.length, 2);
  });

  const cases = [
    { rule: "calls are taken in their order while they fit", calls: [4, 4, 4], commits: [[4, 4], [4]] },
    { rule: "a call heavier than the limit goes alone", calls: [30, 1, 2], commits: [[30], [1, 2]] },
    { rule: "a heavy call waits for the next commit", calls: [1, 30, 2], commits: [[1], [30], [2]] },
    { rule: "the limit itself fits", calls: [5, 5], commits: [[5, 5]] },
  ];
  for (const { rule, calls, commits: expected } of cases) {
    it(`weight: ${rule}`, async () => {
      const { group, commits } = doubling(10);

      await Promise.all(calls.map((call) => group.add(call)));

      assert.deepEqual(commits, expected);
    });
  }
});
