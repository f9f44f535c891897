// `hash-password` as a shell uses it: the hash on stdout is one that `auth` accepts, and belongs to the password.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import bcrypt from "bcryptjs";
import { readPasswordHash } from "../../../src/config/auth.ts";

const main = fileURLToPath(new URL("../../../src/main.ts", import.meta.url));

function hashPassword(input: string, ...operands: readonly string[]) {
  return spawnSync(process.execPath, [main, "hash-password", ...operands], { input, encoding: "utf8" });
}

test("the hash is one line that the config accepts, and matches only its password; the end of the line is not part of it", () => {
  const { status, stdout } = hashPassword("geheim: 密码\n");

  const hash = stdout.trimEnd();
  assert.equal(status, 0);
  assert.ok("value" in readPasswordHash(hash));
  assert.equal(bcrypt.compareSync("geheim: 密码", hash), true);
  assert.equal(bcrypt.compareSync("geheim: 密码\n", hash), false);
});

for (const [what, input] of [
  ["an empty password", "\n"],
  ["two lines", "one\ntwo\n"],
  ["more bytes than bcrypt reads", "密".repeat(25)],
] as const) {
  test(`${what}: exits 1 and prints no hash`, () => {
    const { status, stdout, stderr } = hashPassword(input);

    assert.equal(status, 1);
    assert.equal(stdout, "");
    assert.notEqual(stderr, "");
  });
}

test("a password on the command line is rejected and not repeated", () => {
  const { status, stdout, stderr } = hashPassword("", "hunter22");

  assert.equal(status, 2);
  assert.doesNotMatch(stdout + stderr, /hunter22/);
});
