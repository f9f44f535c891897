// Sends one small message to each robot of a bot and explains WeCom's answer. It bypasses the outbox: nothing is stored or sent
// again, and a running service with the same key does not count this message.

import { inQuotes } from "../config/in-quotes.ts";
import { createRobotClient } from "../wecom/client.ts";
import { adviceFor, rowOf } from "../wecom/errcode.ts";
import { type JudgedReply, judgeReply, type Verdict } from "../wecom/verdict.ts";
import { type Command, type ExitCode, exitCode, exitWith, type Terminal } from "./command.ts";
import { configFileFlag } from "./flags.ts";
import { loadSetup, type Setup } from "./setup.ts";

export const sendTestCommand: Command = {
  name: "send-test",
  operands: "BOT",
  help: "sends a test message to a bot's group and explains WeCom's answer; takes one of the minute's 20 messages",
  flags: { "config.file": configFileFlag },
  async run(flags, terminal) {
    const [name] = flags.operands;
    if (name === undefined || flags.operands.length > 1) {
      const message = "name one bot: alertmanager-wecom send-test --config.file=FILE BOT";
      return exitWith(exitCode.usage, message, terminal);
    }
    const loaded = loadSetup(flags.values.get("config.file") ?? null, terminal.env);
    if (loaded.kind === "invalid") return exitWith(exitCode.failed, loaded.issues, terminal);
    const issue = botIssue(loaded.setup, name);
    return issue === null ? sendToAll(loaded.setup, name, terminal) : exitWith(exitCode.failed, issue, terminal);
  },
};

function botIssue({ config, keyless }: Setup, name: string): string | null {
  if (keyless) return "there is no key: set WECOM_BOT_KEY, or name a config file with --config.file";
  if (config.bots.has(name)) return null;
  return `there is no bot ${inQuotes(name)}; the config has: ${[...config.bots.keys()].join(", ")}`;
}

/** Each key is a robot of its own. The exit code is that of the worst answer. */
async function sendToAll({ config, ca }: Setup, name: string, terminal: Terminal): Promise<ExitCode> {
  const client = createRobotClient({ ...config.wecom, ca });
  const content = `alertmanager-wecom: 测试消息 test message (bot ${name})`;
  const body = JSON.stringify({ msgtype: "text", text: { content } });
  const codes: ExitCode[] = [];
  for (const key of config.bots.get(name)?.keys ?? []) {
    const judgement = judgeReply(await client.send(key, body));
    for (const line of answerLines(judgement)) terminal.out(line);
    codes.push(exitCodeOf(judgement.verdict));
  }
  await client.close();
  return codes.find((code) => code === exitCode.failed) ?? codes.find((code) => code !== exitCode.ok) ?? exitCode.ok;
}

/** WeCom's answer, what it means, and what to do. */
function answerLines({ verdict, errcode, explanation }: JudgedReply): readonly string[] {
  const answer = errcode === null ? explanation : `errcode ${errcode}: ${explanation}`;
  if (verdict.kind === "sent") return ["delivered", `  answer:  ${answer}`];
  const meaning = errcode === null ? undefined : rowOf(errcode, explanation)?.meaning;
  return [
    `not delivered: ${verdict.reason}${possiblyDelivered(verdict)}`,
    `  answer:  ${answer}`,
    ...(meaning === undefined ? [] : [`  meaning: ${meaning}`]),
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
