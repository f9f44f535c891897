// Passwords are compared with real bcrypt hashes on the real thread.

import assert from "node:assert/strict";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { type TestContext, test } from "node:test";
import bcrypt from "bcryptjs";
import type { PasswordCredential } from "../../../src/config/config.ts";
import { Secret } from "../../../src/config/secret.ts";
import { createPasswords, PasswordsBusy } from "../../../src/receive/passwords.ts";

function credential(hash: string): PasswordCredential {
  return { kind: "basic", username: "am", passwordHash: new Secret(hash) };
}

const client = "192.0.2.1";
const cheap = bcrypt.hashSync("pa:ss 密码", 4);

for (const variant of ["$2a$", "$2b$", "$2y$"]) {
  test(`a hash that starts with ${variant} is compared`, async (t) => {
    const passwords = createPasswords(() => false);
    t.after(() => passwords.close());
    const hash = credential(cheap.replace("$2b$", variant));

    assert.equal(await passwords.verify(client)("pa:ss 密码", hash), true);
    assert.equal(await passwords.verify(client)("pa:ss", hash), false);
    assert.equal(await passwords.verify(client)("pa:ss 密码", hash), true, "a wrong guess changes nothing");
  });
}

test("a hash made by another program is compared", async (t) => {
  const passwords = createPasswords(() => false);
  t.after(() => passwords.close());
  // crypt(3) of libxcrypt.
  const hash = credential("$2y$05$uPknM28Dy.iqQvIclUKV8.AA3BboV/JviF0OFNpS7pRTYh0xmCFEO");

  assert.equal(await passwords.verify(client)("pa:ss@wörd", hash), true);
  assert.equal(await passwords.verify(client)("pa:ss@word", hash), false);
});

test("a result is remembered, right or wrong", async (t) => {
  const passwords = createPasswords(() => false);
  t.after(() => passwords.close());
  const dear = credential(bcrypt.hashSync("secret", 10));
  await Promise.all(["secret", "guess"].map((password) => passwords.verify(client)(password, dear)));

  const before = process.cpuUsage();
  for (let repeat = 0; repeat < 500; repeat++) {
    assert.equal(await passwords.verify(client)("secret", dear), true);
    assert.equal(await passwords.verify(client)("guess", dear), false);
  }

  assert.ok(process.cpuUsage(before).user < 10_000_000, "a thousand comparisons would take a minute of processor time");
});

test("a comparison does not block the event loop", async (t) => {
  const passwords = createPasswords(() => false);
  t.after(() => passwords.close());
  await passwords.verify(client)("warm", credential(cheap));
  const loop = monitorEventLoopDelay({ resolution: 1 });
  const dear = credential(bcrypt.hashSync("secret", 12));

  loop.enable();
  const startedAt = performance.now();
  await passwords.verify(client)("secret", dear);
  const tookMs = performance.now() - startedAt;
  loop.disable();

  assert.ok(loop.percentile(90) / 1e6 < tookMs / 4, `blocked for ${loop.percentile(90) / 1e6} ms of ${tookMs} ms`);
});

/** Every client asks at once, in the order of the list; a client may be in it many times. Resolves to the order of the answers. */
async function answered(
  t: TestContext,
  clients: readonly string[],
  hasFailed: (client: string) => boolean = () => false,
): Promise<{ readonly inTurn: readonly string[]; readonly refused: readonly string[] }> {
  const passwords = createPasswords(hasFailed);
  t.after(() => passwords.close());
  const [inTurn, refused]: [string[], string[]] = [[], []];
  const ask = async (client: string, index: number) => {
    try {
      await passwords.verify(client)(`guess ${index}`, credential(cheap));
      inTurn.push(client);
    } catch (error) {
      assert.ok(error instanceof PasswordsBusy);
      refused.push(client);
    }
  };
  await Promise.all(clients.map(ask));
  return { inTurn, refused };
}

const times = (count: number, client: string) => Array<string>(count).fill(client);

test("clients take turns, whatever number of comparisons each of them asks for", async (t) => {
  const { inTurn } = await answered(t, [...times(30, "many"), ...times(3, "few"), "one"]);

  assert.deepEqual(inTurn.slice(0, 7), ["many", "many", "few", "one", "many", "few", "many"]);
});

test("a client whose requests failed waits for all others", async (t) => {
  const { inTurn } = await answered(t, [...times(20, "bad"), ...times(4, "good")], (client) => client === "bad");

  assert.deepEqual(inTurn.slice(0, 5), ["bad", ...times(4, "good")], "the first was being compared already");
});

for (const { what, clients } of [
  { what: "one client asks for", clients: times(210, "bad") },
  { what: "300 failed clients ask for", clients: Array.from({ length: 300 }, (_, n) => `bad ${n}`) },
] as const) {
  test(`when ${what} more comparisons than there are places, a client that did not fail gets one`, async (t) => {
    const { refused, inTurn } = await answered(t, [...clients, "good"], (client) => client.startsWith("bad "));

    assert.ok(inTurn.indexOf("good") <= 2, `the answer number ${inTurn.indexOf("good")}`);
    assert.equal(refused.includes("good"), false);
    assert.equal(refused.length, clients.length + 1 - 201, "one is compared and 200 wait");
  });
}

test("who asks for more than the places is refused at once, and later ones succeed", async (t) => {
  const passwords = createPasswords(() => false);
  t.after(() => passwords.close());

  const asked = Array.from({ length: 210 }, (_, index) =>
    passwords.verify(client)(`guess ${index}`, credential(cheap)),
  );
  const answers = await Promise.allSettled(asked);
  const later = await passwords.verify(client)("pa:ss 密码", credential(cheap));

  const rejected = answers.filter(({ status }) => status === "rejected");
  assert.equal(rejected.length, 9);
  assert.ok(rejected.every((one) => one.status === "rejected" && one.reason instanceof PasswordsBusy));
  assert.equal(later, true);
});
