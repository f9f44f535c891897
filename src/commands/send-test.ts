// Sends one small message straight to a bot's robots and explains what WeCom answers. It goes past the outbox: nothing is kept,
// nothing is tried again, and a running service that uses the same key does not know of the slot this takes.

import { inQuotes } from "../config/in-quotes.ts";
import type { Secret } from "../config/secret.ts";
import { adviceFor } from "../wecom/advice.ts";
import { createRobotClient, type RobotClient } from "../wecom/client.ts";
import { rowOf } from "../wecom/errcode.ts";
import { type JudgedReply, judgeReply, type Verdict } from "../wecom/verdict.ts";
import type { Command, Terminal } from "./command.ts";
import { type ExitCode, exitCode } from "./exit-code.ts";
import { loadSetup, type Setup } from "./setup.ts";
import { configFlags } from "./shared-flags.ts";

export const sendTestCommand: Command = {
  name: "send-test",
  operands: "BOT",
  help: "sends a test message to a bot's group and explains WeCom's answer; takes one of the minute's 20 messages",
  flags: { "config.file": configFlags["config.file"] },
  async run(flags, terminal) {
    const [name] = flags.rest;
    if (name === undefined || flags.rest.length > 1) {
      terminal.err("name one bot: alertmanager-wecom send-test --config.file=FILE BOT");
      return exitCode.usage;
    }
    const loaded = loadSetup(flags.text.get("config.file") ?? null, terminal.env);
    const issues = loaded.kind === "invalid" ? loaded.issues : botIssues(loaded.setup, name);
    if (loaded.kind === "invalid" || issues.length > 0) {
      for (const issue of issues) terminal.err(issue);
      return exitCode.failed;
    }
    return sendToAll(loaded.setup, name, terminal);
  },
};

function botIssues({ config, keyless }: Setup, name: string): readonly string[] {
  if (keyless) return ["there is no key: set WECOM_BOT_KEY or name a config with --config.file"];
  if (config.bots.has(name)) return [];
  return [`no bot is called ${inQuotes(name)}; there are: ${[...config.bots.keys()].join(", ")}`];
}

/** Every key of the bot: each is a robot of its own. The worst answer is the exit code. */
async function sendToAll({ config, ca }: Setup, name: string, terminal: Terminal): Promise<ExitCode> {
  const client = createRobotClient({ ...config.wecom, ca });
  const codes: ExitCode[] = [];
  for (const key of config.bots.get(name)?.keys ?? []) codes.push(await sendOne({ client, key, name }, terminal));
  await client.close();
  return codes.find((code) => code === exitCode.failed) ?? codes.find((code) => code !== exitCode.ok) ?? exitCode.ok;
}

interface Sending {
  readonly client: RobotClient;
  readonly key: Secret;
  readonly name: string;
}

async function sendOne({ client, key, name }: Sending, terminal: Terminal): Promise<ExitCode> {
  const content = `alertmanager-wecom: 测试消息 test message (bot ${name})`;
  const judgement = judgeReply(await client.send(key, JSON.stringify({ msgtype: "text", text: { content } })));
  for (const line of explain(judgement)) terminal.out(line);
  return codeOf(judgement.verdict);
}

/** What WeCom said, what it means, and what to do. */
function explain({ verdict, errcode, explanation }: JudgedReply): readonly string[] {
  const answer = errcode === null ? explanation : `errcode ${errcode}: ${explanation}`;
  if (verdict.kind === "sent") return ["delivered", `  answer:  ${answer}`];
  const meaning = errcode === null ? undefined : rowOf(errcode, explanation)?.meaning;
  return [
    `not delivered: ${verdict.reason}${possiblyDelivered(verdict)}`,
    `  answer:  ${answer}`,
    ...(meaning === undefined ? [] : [`  meaning: ${meaning}`]),
    `  to do:   ${codeOf(verdict) === exitCode.temporary ? "try again in a minute; " : ""}${adviceFor[verdict.reason]}`,
  ];
}

function possiblyDelivered(verdict: Verdict): string {
  return verdict.kind === "retry" && verdict.inDoubt ? " (it may have been delivered all the same)" : "";
}

function codeOf({ kind }: Verdict): ExitCode {
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
