// Shows what a webhook body would become, with the bytes and parts of every message. Opens no outbox and no connection.

import { readFileSync } from "node:fs";
import { createIntake } from "../intake.ts";
import { supersede } from "../plan/supersede.ts";
import { renderTelling } from "../render/render.ts";
import type { WecomMessage } from "../wecom/message.ts";
import type { Command, Terminal } from "./command.ts";
import { type ExitCode, exitCode } from "./exit-code.ts";
import { loadSetup, type Setup } from "./setup.ts";
import { configFlags } from "./shared-flags.ts";

interface ShownMessage {
  readonly bot: string;
  readonly part: number;
  readonly parts: number;
  /** Of the content that WeCom limits, as UTF-8; of the whole body for a card. */
  readonly bytes: number;
  readonly body: WecomMessage;
}

export const renderCommand: Command = {
  name: "render",
  operands: "PAYLOAD",
  help: "prints the messages a webhook body becomes (a file, or - for stdin); sends nothing",
  flags: {
    "config.file": configFlags["config.file"],
    bot: { kind: "text", help: "as if it were posted to /webhook/bot/NAME" },
    output: { kind: "text", help: "text, or json for the exact bodies", fallback: "text" },
  },
  async run(flags, terminal) {
    const payload = flags.rest[0];
    const output = flags.text.get("output") ?? "text";
    if (payload === undefined || flags.rest.length > 1 || !["text", "json"].includes(output)) {
      terminal.err("name one payload: alertmanager-wecom render [--output=text|json] PAYLOAD");
      return exitCode.usage;
    }
    const loaded = loadSetup(flags.text.get("config.file") ?? null, terminal.env);
    if (loaded.kind === "faulty") {
      for (const fault of loaded.faults) terminal.err(fault);
      return exitCode.failed;
    }
    return showMessages({ setup: loaded.setup, payload, output, bot: flags.text.get("bot") ?? null }, terminal);
  },
};

interface Request {
  readonly setup: Setup;
  readonly payload: string;
  readonly output: string;
  readonly bot: string | null;
}

function showMessages(request: Request, terminal: Terminal): ExitCode {
  const bytes = readPayload(request.payload);
  if (bytes.kind === "unreadable") {
    terminal.err(bytes.message);
    return exitCode.failed;
  }
  const hook = request.bot === null ? ({ kind: "route" } as const) : ({ kind: "bot", bot: request.bot } as const);
  const intake = createIntake(request.setup.config)(bytes.bytes, hook);
  if (intake.kind === "refused") {
    terminal.err(`${request.payload}: ${intake.message}`);
    return exitCode.failed;
  }
  const now = Date.now();
  const shown: readonly ShownMessage[] = intake.notifications.flatMap(({ routed }) => {
    const telling = supersede([{ acceptedAt: now, repeat: false, routed }], { late: false });
    const { timezone, language, externalURL } = request.setup.config;
    const rendered = renderTelling(telling, request.setup.templates, { now, timezone, language, externalURL });
    for (const failure of rendered.templateFailures) terminal.err(`template ${failure.template}: ${failure.message}`);
    return rendered.messages.map((body, index) => ({
      bot: routed.destination.bot,
      part: index + 1,
      parts: rendered.messages.length,
      bytes: Buffer.byteLength(contentOf(body)),
      body,
    }));
  });
  if (shown.length === 0) terminal.err("no route takes an alert of this body: nothing would be sent");
  terminal.out(
    request.output === "json" ? JSON.stringify(shown, null, 2) : shown.map((message) => asText(message)).join("\n\n"),
  );
  return exitCode.ok;
}

function contentOf(message: WecomMessage): string {
  switch (message.msgtype) {
    case "markdown":
      return message.markdown.content;
    case "text":
      return message.text.content;
    case "template_card":
      return JSON.stringify(message.template_card, null, 2);
  }
}

function asText({ bot, part, parts, bytes, body }: ShownMessage): string {
  return `--- bot ${bot}, ${body.msgtype}, part ${part} of ${parts}, ${bytes} bytes\n${contentOf(body)}`;
}

function readPayload(path: string) {
  try {
    return { kind: "bytes", bytes: readFileSync(path === "-" ? 0 : path) } as const;
  } catch (cause) {
    return { kind: "unreadable", message: cause instanceof Error ? cause.message : String(cause) } as const;
  }
}
