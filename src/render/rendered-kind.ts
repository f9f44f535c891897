// What one kind of message makes of a group's delivery: its parts, and whether they name every alert.

import type { GroupDelivery } from "../domain/notification.ts";
import type { RenderContext } from "./body.ts";
import type { TemplateFailure } from "./mention.ts";
import type { MessageDraft } from "./message-draft.ts";
import type { TemplateSet } from "./template/template-set.ts";

export interface RenderedKind {
  readonly parts: readonly MessageDraft[];
  /** Every alert stands in it. */
  readonly complete: boolean;
  readonly failures: readonly TemplateFailure[];
  readonly shortenedValues: number;
}

export const nothing: RenderedKind = { parts: [], complete: false, failures: [], shortenedValues: 0 };

export interface GroupRenderInput {
  readonly delivery: GroupDelivery;
  readonly templates: TemplateSet;
  readonly scene: RenderContext;
}

export function missing(template: string): TemplateFailure {
  return { template, message: "there is no such template" };
}

export function failure(template: string, error: unknown): TemplateFailure {
  return { template, message: error instanceof Error ? error.message : String(error) };
}
