// Bodies that say what they tell so that a law can read it: `t3 2/4 calm 1700 | a1:5 a2:6` is part 2 of 4 of delivery 3, calm, of
// notifications since 1700, with the fifth state of alert a1 and the sixth of a2. How alerts are really written is not modelled.

import { mergedDelivery } from "../../../src/deliver/drafts.ts";
import type { Draft, LaneOptions } from "../../../src/deliver/lane-options.ts";

const alertsPerPart = 15;
const repeated = "repeated ";

export interface RenderedKind {
  readonly repeated: boolean;
  readonly delivery: number;
  readonly part: number;
  readonly urgent: boolean;
  readonly acceptedAt: number;
  readonly states: readonly { readonly alert: string; readonly state: number }[];
}

export function createRender(digestMessages: number): LaneOptions["render"] {
  let serial = 0;
  return async (waiting) => {
    serial += 1;
    const { groups, digest } = mergedDelivery(waiting);
    const urgent = groups.some(({ routed }) => routed.destination.urgent);
    const states = groups.flatMap(({ routed }) =>
      routed.group.alerts.map(({ fingerprint, labels }) => `${fingerprint}:${labels.state}`),
    );
    const head = (part: number) => `t${serial} ${part} ${urgent ? "urgent" : "calm"} ${digest.acceptedAt} |`;
    const parts = chunks(states).map((chunk, i) => markdown(`${head(i + 1)} ${chunk.join(" ")}`));
    const kind = parts.length <= waiting.mostInFull ? "group" : "digest";
    const inFile = kind === "digest" && parts.length > digestMessages;
    const drafts = inFile ? [markdown(head(1)), file(`${head(2)} ${states.join(" ")}`)] : parts;
    const mode = waiting.late ? "late" : inFile ? "file" : kind === "digest" ? "digest" : "full";
    return { mode, kind, drafts, alerts: states.length, shortenedValues: 0, templateFailures: [] };
  };
}

function chunks(states: readonly string[]): readonly (readonly string[])[] {
  return Array.from({ length: Math.ceil(states.length / alertsPerPart) }, (_, i) =>
    states.slice(i * alertsPerPart, (i + 1) * alertsPerPart),
  );
}

function markdown(content: string): Draft {
  const body = JSON.stringify({ msgtype: "markdown", markdown: { content } });
  return { body, kind: "markdown", media: null, picture: null };
}

function file(content: string): Draft {
  const body = JSON.stringify({ msgtype: "file", file: { media_id: "{media_id}" } });
  const media = { type: "file", name: "alerts.csv", content: Buffer.from(content) } as const;
  return { body, kind: "file", media, picture: null };
}

/** A file can not carry a mark. */
export function markRepeated(body: string): string {
  return body.replace(/"content":"(?!repeated )/u, `"content":"${repeated}`);
}

/** @param text the content of a markdown message or of a file */
export function readDelivered(text: string): RenderedKind {
  const [, mark, delivery, part, urgency, acceptedAt, states = ""] =
    /^(repeated )?t(\d+) (\d+) (urgent|calm) (\d+) \|(.*)$/u.exec(text) ?? [];
  return {
    repeated: mark !== undefined,
    delivery: Number(delivery),
    part: Number(part),
    urgent: urgency === "urgent",
    acceptedAt: Number(acceptedAt),
    states: [...states.matchAll(/(\w+):(\d+)/gu)].map(([, alert = "", state]) => ({ alert, state: Number(state) })),
  };
}
