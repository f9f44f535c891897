// The thread that puts deliveries into words, one after the other: a storm takes it a second, in which webhooks are accepted all the
// same. It compiles the templates anew, for functions can not be handed to a thread.

import { parentPort, workerData } from "node:worker_threads";
import type { RenderedDelivery } from "../deliver/lane-options.ts";
import type { QueuedDelivery } from "../domain/queued-delivery.ts";
import type { TemplateSource } from "../render/environment.ts";
import { type BaseSettings, settingsAt } from "../render/settings.ts";
import { buildTemplateSet, noTemplates } from "../render/template-set.ts";
import { draftsOf } from "./drafts.ts";

/** What the thread is started with. */
export interface ThreadSetup {
  readonly sources: readonly TemplateSource[];
  readonly settings: BaseSettings;
}

/** What it says first, once. */
export interface ThreadReady {
  readonly kind: "ready";
}

/** What it is asked; the next question follows the answer. */
export interface RenderRequest {
  readonly waiting: QueuedDelivery;
  /** Epoch ms. */
  readonly at: number;
  /** Without templates, for they did not end the last time. */
  readonly plainly: boolean;
}

export type RenderAnswer =
  | { readonly kind: "rendered"; readonly rendered: RenderedDelivery }
  | { readonly kind: "failed"; readonly message: string };

const { sources, settings } = workerData as ThreadSetup;
const built = buildTemplateSet(sources);
const templates = built.kind === "templates" ? built.set : noTemplates;

parentPort?.on("message", (question: RenderRequest) => parentPort?.postMessage(answerTo(question)));
parentPort?.postMessage({ kind: "ready" } satisfies ThreadReady);

function answerTo({ waiting, at, plainly }: RenderRequest): RenderAnswer {
  try {
    const rendered = draftsOf(waiting, plainly ? noTemplates : templates, settingsAt(at, settings));
    return { kind: "rendered", rendered };
  } catch (error) {
    return { kind: "failed", message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
