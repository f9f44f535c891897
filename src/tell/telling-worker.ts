// The thread that puts tellings into words, one after the other: a storm takes it a second, in which webhooks are accepted all the
// same. It compiles the templates anew, for functions can not be handed to a thread.

import { parentPort, workerData } from "node:worker_threads";
import type { RenderedTelling } from "../deliver/lane-options.ts";
import type { WaitingTelling } from "../domain/waiting-telling.ts";
import type { TemplateSource } from "../render/environment.ts";
import { type StandingSettings, settingsAt } from "../render/settings.ts";
import { buildTemplateSet, noTemplates } from "../render/template-set.ts";
import { draftsOf } from "./drafts.ts";

/** What the thread is started with. */
export interface ThreadSetup {
  readonly sources: readonly TemplateSource[];
  readonly settings: StandingSettings;
}

/** What it says first, once. */
export interface ThreadReady {
  readonly kind: "ready";
}

/** What it is asked; the next question follows the answer. */
export interface TellingQuestion {
  readonly waiting: WaitingTelling;
  /** Epoch ms. */
  readonly at: number;
  /** Without templates, for they did not end the last time. */
  readonly plainly: boolean;
}

export type TellingAnswer =
  | { readonly kind: "told"; readonly rendered: RenderedTelling }
  | { readonly kind: "failed"; readonly message: string };

const { sources, settings } = workerData as ThreadSetup;
const built = buildTemplateSet(sources);
const templates = built.kind === "templates" ? built.set : noTemplates;

parentPort?.on("message", (question: TellingQuestion) => parentPort?.postMessage(answerTo(question)));
parentPort?.postMessage({ kind: "ready" } satisfies ThreadReady);

function answerTo({ waiting, at, plainly }: TellingQuestion): TellingAnswer {
  try {
    const rendered = draftsOf(waiting, plainly ? noTemplates : templates, settingsAt(at, settings));
    return { kind: "told", rendered };
  } catch (error) {
    return { kind: "failed", message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
