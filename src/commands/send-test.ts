// Sends one small message to each robot of a bot and explains WeCom's answer. It bypasses the outbox: nothing is stored or sent
// again, and a running service with the same key does not count this message. A service that runs is asked to try what waits for the
// bots that got theirs.

import type { Bot } from "../config/config.ts";
import { createRobotClient } from "../wecom/client.ts";
import { adviceFor, rowOf } from "../wecom/errcode.ts";
import { type JudgedReply, judgeReply, type Reply, type Verdict } from "../wecom/verdict.ts";
import { type Command, type ExitCode, exitCode, exitWith, type Terminal } from "./command.ts";
import { plainFailure } from "./connect-failure.ts";
import { type AskService, serviceClient, serviceFlags } from "./service-client.ts";
import { loadSetup, missingBot, type Setup } from "./setup.ts";

export const sendTestCommand: Command = {
  name: "send-test",
  operands: "[BOT]",
  help: "sends a test message to a bot's group and explains WeCom's answer; takes one of the minute's 20 messages",
  flags: {
    ...serviceFlags,
    all: { help: "instead of BOT: to every bot of the config", isSwitch: true },
  },
  async run(flags, terminal) {
    const [name] = flags.operands;
    if (flags.operands.length > 1 || (name === undefined) !== flags.values.has("all")) {
      const message = "name one bot, or all: alertmanager-wecom send-test --config.file=FILE BOT|--all";
      return exitWith(exitCode.usage, message, terminal);
    }
    const loaded = loadSetup(flags.values.get("config.file") ?? null, terminal.env);
    if (loaded.kind === "invalid") return exitWith(exitCode.failed, loaded.issues, terminal);
    const issue = botIssue(loaded.setup, name);
    if (issue !== null) return exitWith(exitCode.failed, issue, terminal);
    const { bots } = loaded.setup.config;
    const wanted = [...bots.values()].filter((bot) => name === undefined || bot.name === name);
    const { code, delivered } = await sendToEach(loaded.setup, wanted, terminal);
    if (delivered.length > 0) await tryWhatWaits(delivered, () => serviceClient(flags, terminal.env), terminal);
    return code;
  },
};

function botIssue({ config, keyless }: Setup, name: string | undefined): string | null {
  if (keyless) return "there is no key: set WECOM_BOT_KEY, or name a config file with --config.file";
  return name === undefined ? null : missingBot(config, name);
}

interface SentTests {
  /** That of the worst answer. */
  readonly code: ExitCode;
  /** Bots of which a robot took the message. */
  readonly delivered: readonly string[];
}

/** Each key is a robot of its own. */
async function sendToEach({ config, ca }: Setup, bots: readonly Bot[], terminal: Terminal): Promise<SentTests> {
  const client = createRobotClient({ ...config.wecom, ca });
  const codes: ExitCode[] = [];
  const delivered = new Set<string>();
  for (const { name, keys } of bots) {
    const content = `alertmanager-wecom: 测试消息 test message (bot ${name})`;
    const body = JSON.stringify({ msgtype: "text", text: { content } });
    for (const [index, key] of keys.entries()) {
      const reply = await client.send(key, body);
      const judgement = judgeReply(reply);
      const place = `${name}${keys.length > 1 ? `, key ${index + 1} of ${keys.length}` : ""}: `;
      for (const line of answerLines(reply, judgement, place)) terminal.out(key.hideIn(line));
      codes.push(exitCodeOf(judgement.verdict));
      if (judgement.verdict.kind === "sent") delivered.add(name);
    }
  }
  await client.close();
  const failed = codes.find((code) => code === exitCode.failed) ?? codes.find((code) => code !== exitCode.ok);
  return { code: failed ?? exitCode.ok, delivered: [...delivered] };
}

/** The service may have found a key off minutes ago and would test it again minutes later. That there is none, fails nothing. */
async function tryWhatWaits(bots: readonly string[], client: () => AskService, terminal: Terminal): Promise<void> {
  try {
    const answer = (await client()("/api/v1/try-now", { bots })) as { readonly bots: readonly string[] };
    if (answer.bots.length > 0) terminal.out(`the service sends now what waits for ${answer.bots.join(", ")}`);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    terminal.err(`no service was asked to send what waits: ${reason}`);
  }
}

/** WeCom's answer, what it means, and what to do. */
function answerLines(reply: Reply, { verdict, errcode, explanation }: JudgedReply, place: string): readonly string[] {
  const answer = errcode === null ? explanation : `errcode ${errcode}: ${explanation}`;
  if (verdict.kind === "sent") return [`${place}delivered`, `  answer:  ${answer}`];
  const known = errcode === null ? null : (rowOf(errcode, explanation)?.meaning ?? null);
  const meaning = reply.kind === "failed" ? plainFailure(reply.code) : known;
  return [
    `${place}not delivered: ${verdict.reason}${possiblyDelivered(verdict)}`,
    `  answer:  ${answer}`,
    ...(meaning === null ? [] : [`  meaning: ${meaning}`]),
    `  to do:   ${exitCodeOf(verdict) === exitCode.temporary ? "try again in a minute; " : ""}${adviceFor[verdict.reason]}`,
  ];
}

function possiblyDelivered(verdict: Verdict): string {
  return verdict.kind === "retry" && verdict.inDoubt ? " (WeCom may have delivered it)" : "";
}

function exitCodeOf({ kind }: Verdict): ExitCode {
  switch (kind) {
    case "sent":
      return exitCode.ok;
    case "retry":
    case "hold":
      return exitCode.temporary;
    case "repair":
    case "keyOff":
      return exitCode.failed;
  }
}
