// Prints the messages that a webhook body becomes, with their bytes and parts. It opens no outbox and no connection.

import type { Config } from "../config/config.ts";
import type { GroupDelivery, RoutedGroup } from "../domain/notification.ts";
import { createIntake } from "../intake.ts";
import { supersede } from "../plan/supersede.ts";
import { renderDelivery } from "../render/render.ts";
import { type ActionLinks, settingsAt } from "../render/settings.ts";
import { html } from "../simulator/chat/html.ts";
import { messageHtml } from "../simulator/chat/message.ts";
import { messageText, type WecomMessage } from "../wecom/message.ts";
import { type Command, type ExitCode, exitCode, exitWith, readPayload, type Terminal } from "./command.ts";
import { configFileFlag } from "./flags.ts";
import { builtInUsed, loadSetup, missingBot, type Setup } from "./setup.ts";

export const renderCommand: Command = {
  name: "render",
  operands: "PAYLOAD",
  help: "prints the messages that a webhook body becomes (a file, or - for stdin); sends nothing",
  flags: {
    "config.file": configFileFlag,
    bot: { help: "render as if it were posted to /webhook/bot/NAME" },
    output: {
      help: "text; json, the exact bodies; or html, as the group chat shows them",
      fallback: "text",
      choices: ["text", "json", "html"],
    },
  },
  async run(flags, terminal) {
    const payload = flags.operands[0];
    if (payload === undefined || flags.operands.length > 1) {
      const message = "name one payload: alertmanager-wecom render [--output=text|json|html] PAYLOAD";
      return exitWith(exitCode.usage, message, terminal);
    }
    const configFile = flags.values.get("config.file") ?? null;
    const loaded = loadSetup(configFile, terminal.env);
    if (loaded.kind === "invalid") return exitWith(exitCode.failed, loaded.issues, terminal);
    if (configFile === null) terminal.err(builtInUsed);
    const bot = flags.values.get("bot") ?? null;
    const unknown = bot === null ? null : missingBot(loaded.setup.config, bot);
    if (unknown !== null) return exitWith(exitCode.failed, unknown, terminal);
    const output = flags.values.get("output") ?? "";
    return printMessages({ setup: loaded.setup, payload, output, bot }, terminal);
  },
};

interface PrintRequest {
  readonly setup: Setup;
  readonly payload: string;
  readonly output: string;
  readonly bot: string | null;
}

interface RenderedMessage {
  readonly bot: string;
  readonly part: number;
  readonly parts: number;
  /** See `sizeOf`. */
  readonly bytes: number;
  readonly body: WecomMessage;
}

function printMessages({ setup, payload, output, bot }: PrintRequest, terminal: Terminal): ExitCode {
  const hook = bot === null ? ({ kind: "route" } as const) : ({ kind: "bot", bot } as const);
  const now = Date.now();
  const intake = createIntake(setup.config)({ bytes: readPayload(payload), charset: null }, hook, now);
  if (intake.kind === "rejected") return exitWith(exitCode.failed, `${payload}: ${intake.message}`, terminal);
  const settings = settingsAt(now, {
    ...setup.config,
    actionLinks: shownLinks(setup.config),
    voiceClip: setup.voiceClip,
  });
  const messages: readonly RenderedMessage[] = intake.notifications.flatMap(({ routed }) => {
    const { parts, templateFailures } = renderDelivery(immediateDelivery(routed, now), setup.templates, settings);
    for (const { template, message } of templateFailures) terminal.err(`template ${template}: ${message}`);
    return parts.map(({ message }, index) => ({
      bot: routed.destination.bot,
      part: index + 1,
      parts: parts.length,
      bytes: sizeOf(message),
      body: message,
    }));
  });
  if (messages.length === 0)
    terminal.err("nothing would be sent: by `drop: true`, or by `send_resolved: false` for resolved alerts");
  terminal.out(printed(messages, output));
  return exitCode.ok;
}

/** For messages that are not sent: they show where a link will be, and the link is not valid. */
export function shownLinks({ links }: Config): ActionLinks | null {
  return links && { key: null, validMs: links.validMs };
}

/** As if the group were delivered in the instant in which it arrives. */
export function immediateDelivery(routed: RoutedGroup, now: number): GroupDelivery {
  return supersede([{ id: 0, acceptedAt: now, body: JSON.stringify(routed) }], {
    delivered: new Map(),
    acknowledgements: [],
    late: false,
  });
}

function printed(messages: readonly RenderedMessage[], output: string): string {
  if (output === "json") return JSON.stringify(messages, null, 2);
  return output === "html" ? messagesAsHtml(messages) : messagesAsText(messages);
}

/** UTF-8 bytes of the content that WeCom limits; of the whole card for a card. */
export function sizeOf(body: WecomMessage): number {
  return Buffer.byteLength(messageText(body));
}

function messagesAsText(messages: readonly RenderedMessage[]): string {
  return messages
    .map((message) => [`--- ${headOf(message)}`, messageText(message.body), ...mentionLines(message.body)].join("\n"))
    .join("\n\n");
}

/** The people that a text message mentions beside its text. */
function mentionLines(body: WecomMessage): readonly string[] {
  if (body.msgtype !== "text") return [];
  const { mentioned_list: users = [], mentioned_mobile_list: mobiles = [] } = body.text;
  return users.length + mobiles.length === 0 ? [] : [`mentions: ${[...users, ...mobiles].join(", ")}`];
}

/** A fragment with the classes of the simulator's page; everything in it is escaped. */
function messagesAsHtml(messages: readonly RenderedMessage[]): string {
  return html`${messages.map((message) => {
    const { body, bot, part } = message;
    const accepted = { at: 0, robot: bot, keyNumber: part, msgtype: body.msgtype, body: { ...body }, advice: [] };
    return html`<article class="entry"><div class="note">${headOf(message)}</div>
<div class="bubble ${body.msgtype}">${messageHtml(accepted, [])}</div></article>
`;
  })}`.html.trimEnd();
}

function headOf({ bot, body, part, parts, bytes }: RenderedMessage): string {
  return `bot ${bot}, ${body.msgtype}, part ${part} of ${parts}, ${bytes} bytes`;
}
