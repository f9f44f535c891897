// Shows what a webhook body would become, with the bytes and parts of every message. Opens no outbox and no connection.

import { createIntake } from "../intake.ts";
import { supersede } from "../plan/supersede.ts";
import { renderDelivery } from "../render/render.ts";
import { settingsAt } from "../render/settings.ts";
import type { Command, Terminal } from "./command.ts";
import { type ExitCode, exitCode } from "./exit-code.ts";
import { readPayload } from "./payload.ts";
import { loadSetup, type Setup } from "./setup.ts";
import { configFlags } from "./shared-flags.ts";
import { messagesAsHtml, messagesAsText, type ShownMessage, sizeOf } from "./shown-message.ts";
import { unknownWord } from "./unknown-word.ts";

const outputs = ["text", "json", "html"] as const;

type Output = (typeof outputs)[number];

export const renderCommand: Command = {
  name: "render",
  operands: "PAYLOAD",
  help: "prints the messages a webhook body becomes (a file, or - for stdin); sends nothing",
  flags: {
    "config.file": configFlags["config.file"],
    bot: { kind: "text", help: "as if it were posted to /webhook/bot/NAME" },
    output: {
      kind: "text",
      help: "text, json for the exact bodies, or html as the group chat looks",
      fallback: "text",
    },
  },
  async run(flags, terminal) {
    const payload = flags.rest[0];
    const wanted = flags.text.get("output") ?? "text";
    const output = outputs.find((known) => known === wanted);
    if (output === undefined) {
      terminal.err(unknownWord(wanted, "output", outputs));
      return exitCode.usage;
    }
    if (payload === undefined || flags.rest.length > 1) {
      terminal.err("name one payload: alertmanager-wecom render [--output=text|json|html] PAYLOAD");
      return exitCode.usage;
    }
    const loaded = loadSetup(flags.text.get("config.file") ?? null, terminal.env);
    if (loaded.kind === "invalid") {
      for (const issue of loaded.issues) terminal.err(issue);
      return exitCode.failed;
    }
    return showMessages({ setup: loaded.setup, payload, output, bot: flags.text.get("bot") ?? null }, terminal);
  },
};

interface Request {
  readonly setup: Setup;
  readonly payload: string;
  readonly output: Output;
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
  if (intake.kind === "rejected") {
    terminal.err(`${request.payload}: ${intake.message}`);
    return exitCode.failed;
  }
  const now = Date.now();
  const shown: readonly ShownMessage[] = intake.notifications.flatMap(({ routed }) => {
    const delivery = supersede([{ id: 0, acceptedAt: now, repeat: false, body: JSON.stringify(routed) }], {
      late: false,
    });
    const rendered = renderDelivery(
      delivery,
      request.setup.templates,
      settingsAt(now, { ...request.setup.config, voiceClip: request.setup.voiceClip }),
    );
    for (const failure of rendered.templateFailures) terminal.err(`template ${failure.template}: ${failure.message}`);
    return rendered.parts.map(({ message: body }, index) => ({
      bot: routed.destination.bot,
      part: index + 1,
      parts: rendered.parts.length,
      bytes: sizeOf(body),
      body,
    }));
  });
  if (shown.length === 0) terminal.err("no route takes an alert of this body: nothing would be sent");
  terminal.out(printed(shown, request.output));
  return exitCode.ok;
}

function printed(shown: readonly ShownMessage[], output: Output): string {
  switch (output) {
    case "json":
      return JSON.stringify(shown, null, 2);
    case "text":
      return messagesAsText(shown);
    case "html":
      return messagesAsHtml(shown);
  }
}
