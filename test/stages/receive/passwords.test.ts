// Passwords are compared with real bcrypt hashes on the real thread.

import assert from "node:assert/strict";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { test } from "node:test";
import bcrypt from "bcryptjs";
import type { PasswordCredential } from "../../../src/config/config.ts";
import { Secret } from "../../../src/config/secret.ts";
import { createPasswords, PasswordsBusy } from "../../../src/receive/passwords.ts";

function credential(hash: string): PasswordCredential {
  return { kind: "basic", username: "am", passwordHash: new Secret(hash) };
}

const cheap = bcrypt.hashSync("pa:ss 密码", 4);

for (const variant of ["$2a$", "$2b$", "$2y$"]) {
  test(`a hash that starts with ${variant} is compared`, async (t) => {
    const passwords = createPasswords();
    t.after(() => passwords.close());
    const hash = credential(cheap.replace("$2b$", variant));

    assert.equal(await passwords.verify("pa:ss 密码", hash), true);
    assert.equal(await passwords.verify("pa:ss", hash), false);
    assert.equal(await passwords.verify("pa:ss 密码", hash), true, "a wrong guess changes nothing");
  });
}

test("a hash made by another program is compared", async (t) => {
  const passwords = createPasswords();
  t.after(() => passwords.close());
  // crypt(3) of libxcrypt.
  const hash = credential("$2y$05$uPknM28Dy.iqQvIclUKV8.AA3BboV/JviF0OFNpS7pRTYh0xmCFEO");

  assert.equal(await passwords.verify("pa:ss@wörd", hash), true);
  assert.equal(await passwords.verify("pa:ss@word", hash), false);
});

test("a result is remembered, right or wrong", async (t) => {
  const passwords = createPasswords();
  t.after(() => passwords.close());
  const dear = credential(bcrypt.hashSync("secret", 10));
  await Promise.all(["secret", "guess"].map((password) => passwords.verify(password, dear)));

  const before = process.cpuUsage();
  for (let repeat = 0; repeat < 500; repeat++) {
    assert.equal(await passwords.verify("secret", dear), true);
    assert.equal(await passwords.verify("guess", dear), false);
  }

  assert.ok(process.cpuUsage(before).user < 10_000_000, "a thousand comparisons would take a minute of processor time");
});

test("a comparison does not block the event loop", async (t) => {
  const passwords = createPasswords();
  t.after(() => passwords.close());
  await passwords.verify("warm", credential(cheap));
  const loop = monitorEventLoopDelay({ resolution: 1 });
  const dear = credential(bcrypt.hashSync("secret", 12));

  loop.enable();
  const startedAt = performance.now();
  await passwords.verify("secret", dear);
  const tookMs = performance.now() - startedAt;
  loop.disable();

  assert.ok(loop.percentile(90) / 1e6 < tookMs / 4, `blocked for ${loop.percentile(90) / 1e6} ms of ${tookMs} ms`);
});

test("when too many comparisons are waiting, the next is rejected at once, and later ones succeed", async (t) => {
  const passwords = createPasswords();
  t.after(() => passwords.close());

  const asked = Array.from({ length: 30 }, (_, index) => passwords.verify(`guess ${index}`, credential(cheap)));
  const answers = await Promise.allSettled(asked);
  const later = await passwords.verify("pa:ss 密码", credential(cheap));

  const rejected = answers.filter(({ status }) => status === "rejected");
  assert.equal(rejected.length, 10);
  assert.ok(rejected.every((one) => one.status === "rejected" && one.reason instanceof PasswordsBusy));
  assert.equal(later, true);
});
