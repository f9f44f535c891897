// Does what a reader asked for on the page: acknowledges an alert, or silences it. It checks again all that the page offered, because
// a form can be filled in by hand.

import type { SilenceSettings } from "../config/links.ts";
import {
  type Acknowledgement,
  type ActionStore,
  isAcknowledgeable,
  type SilenceWatch,
  watchEveryMs,
} from "../domain/action.ts";
import type { ActionFailure } from "../domain/action-failure.ts";
import type { Alert } from "../domain/alert.ts";
import { routedGroupText, type StoredGroup, storedGroupText } from "../domain/notification.ts";
import type { Sender } from "../domain/sender.ts";
import type { SilenceScope } from "../domain/silence.ts";
import { lookAt, type ScopeNow } from "./alert-now.ts";
import type { AlertmanagerClient, AlertmanagerReply } from "./alertmanager.ts";
import { type Announcement, noticeOf } from "./announcement.ts";
import { isNeverSilenced } from "./silence.ts";
import { pageStrings } from "./strings.ts";

/** What a form asks for. */
export type ActionChoice =
  | { readonly action: "acknowledge" }
  /** `durationMs` null: until it recovers. */
  | { readonly action: "silence"; readonly scope: SilenceScope; readonly durationMs: number | null };

export interface ActionRequest {
  /** The alerts that are acted on, with their destination: one, or for an acknowledgement several. */
  readonly stored: StoredGroup;
  readonly bot: string;
  readonly choice: ActionChoice;
  /** As it is shown; empty when it is not known who asks. */
  readonly by: string;
  readonly sender: Sender;
  /** Whether the request has the credentials of an administrator. */
  readonly isAdmin: () => Promise<boolean>;
}

export type ActionOutcome =
  | { readonly kind: "acknowledged" }
  | {
      readonly kind: "silenced";
      readonly silenceId: string;
      readonly endsAt: number;
      readonly matchers: ScopeNow["matchers"];
    }
  /** `detail`: the answer of Alertmanager, the code of the failure, or the unknown externalURL; else empty. */
  | { readonly kind: "failed"; readonly reason: ActionFailure; readonly detail: string };

export interface NamedAlertmanager {
  readonly name: string;
  readonly client: AlertmanagerClient;
}

export interface ActDeps {
  readonly store: ActionStore;
  /** Queues a message for the group of the alerts. Resolves to false when the backlog is full. */
  readonly announce: (announcement: Announcement, sender: Sender) => Promise<boolean>;
  readonly alertmanagerOf: (externalURL: string | null) => NamedAlertmanager | null;
  readonly rules: SilenceSettings;
  /** Of the outbox. */
  readonly now: () => number;
  /** By the machine's clock, like the times of alerts. */
  readonly wall: () => number;
  /** Unlike any other. */
  readonly newId: () => string;
}

export async function act(request: ActionRequest, deps: ActDeps): Promise<ActionOutcome> {
  if (request.by === "") return failed("nameMissing");
  const { choice } = request;
  if (choice.action === "acknowledge") return acknowledge(request, deps);
  const [alert, ...others] = request.stored.group.alerts;
  // A page with several alerts offers no silence.
  if (alert === undefined || others.length > 0) return failed("notOffered");
  return silence(alert, { ...request, choice }, deps);
}

function failed(reason: ActionFailure, detail = ""): ActionOutcome {
  return { kind: "failed", reason, detail };
}

async function acknowledge({ stored, bot, by, sender }: ActionRequest, deps: ActDeps): Promise<ActionOutcome> {
  const { group } = stored;
  const alerts = group.alerts.filter((alert) => isAcknowledgeable(alert, group));
  // Nothing is announced that would have no effect.
  if (alerts.length === 0) return failed("notOffered");
  const acknowledgedAt = deps.now();
  const acknowledgements = alerts.flatMap(({ identity, startsAt }): readonly Acknowledgement[] =>
    startsAt === null ? [] : [{ bot, identity, startsAt, by, acknowledgedAt }],
  );
  const acted = { routed: stored, alerts };
  try {
    await deps.store.acknowledge(acknowledgements);
    const notice = noticeOf(acted, { kind: "acknowledged", by }, deps.wall());
    const isAnnounced = await deps.announce({ ...acted, notice, key: deps.newId() }, sender);
    return isAnnounced ? { kind: "acknowledged" } : failed("notAnnounced");
  } catch {
    return failed("notStored");
  }
}

interface SilenceRequest extends ActionRequest {
  readonly choice: Extract<ActionChoice, { action: "silence" }>;
}

/** For the question before a silence, and for the silence. */
const deadlineMs = 4_000;

async function silence(alert: Alert, request: SilenceRequest, deps: ActDeps): Promise<ActionOutcome> {
  const { stored, choice, isAdmin } = request;
  const { rules } = deps;
  if (!rules.scopes.includes(choice.scope)) return failed("notOffered");
  if (choice.durationMs !== null && !rules.durationsMs.includes(choice.durationMs)) return failed("notOffered");
  if (choice.scope === "rule" && !(await isAdmin())) return failed("needsAdmin");
  if (isNeverSilenced(alert.labels, rules.never)) return failed("neverSilenced");
  const alertmanager = deps.alertmanagerOf(stored.group.externalURL);
  if (alertmanager === null) return failed("unknownAlertmanager", stored.group.externalURL ?? "");

  const { now, scopes } = await lookAt(alert, alertmanager.client, {
    rules: { scopes: [choice.scope], never: rules.never },
    deadlineMs,
  });
  if (now.kind === "unknown") {
    return failed(now.why === "rejected" ? "alertmanagerRejected" : "alertmanagerFailed", now.detail);
  }
  if (now.kind === "gone") return failed("alertNotFound");
  const [scope] = scopes;
  if (scope === undefined) return failed("notOffered");
  // A wider silence is set only if it is known what it covers.
  if (scope.covered === null) return failed("alertmanagerFailed");
  return setSilence(scope, { ...request, alertmanager }, deps);
}

interface KnownRequest extends SilenceRequest {
  readonly alertmanager: NamedAlertmanager;
}

/** The clock of Alertmanager may be behind ours: a silence that begins later would not be in force yet. It begins at once. */
const clockSkewMs = 300_000;

async function setSilence(scope: ScopeNow, request: KnownRequest, deps: ActDeps): Promise<ActionOutcome> {
  const { stored, by, alertmanager } = request;
  const { store, announce } = deps;
  const at = deps.wall();
  const watch = watchOf(scope, { request, at, deps });
  const dueAt = deps.now() + watchEveryMs;
  // Stored first. If we die before its id is stored, the silence is found by the id in its comment, and announced.
  const isStored = await store.watchSilence(watch, dueAt).then(
    () => true,
    () => false,
  );
  if (!isStored) return failed("notStored");
  const { matchers, endsAt, notice, id } = watch;
  const comment = `${pageStrings(stored.destination.language).comment} (${id})`;
  const asked = { matchers, startsAt: at - clockSkewMs, endsAt, createdBy: by, comment };
  const reply = await alertmanager.client.createSilence(asked, deadlineMs);
  if (reply.kind !== "answered") {
    // What may have been set stays watched.
    if (!(reply.kind === "failed" && reply.isInDoubt)) await store.endWatch(id).catch(() => undefined);
    return failureOfReply(reply);
  }
  // If this cannot be stored, or the backlog is full, the next check of the watch announces it: the watch is on disk.
  await announce({ routed: stored, alerts: stored.group.alerts, notice, key: id }, request.sender)
    .then((isAnnounced) =>
      isAnnounced ? store.watchSilence({ ...watch, silenceId: reply.value, notice: "" }, dueAt) : undefined,
    )
    .catch(() => undefined);
  return { kind: "silenced", silenceId: reply.value, endsAt, matchers };
}

interface WatchSource {
  readonly request: KnownRequest;
  readonly at: number;
  readonly deps: ActDeps;
}

function watchOf({ scope, matchers, except, covered }: ScopeNow, { request, at, deps }: WatchSource): SilenceWatch {
  const { stored, choice, by, alertmanager } = request;
  const { maxMs } = deps.rules;
  const endsAt = at + Math.min(choice.durationMs ?? maxMs, maxMs);
  const untilRecovered = choice.durationMs === null;
  const action = {
    kind: "silenced",
    by,
    until: endsAt,
    untilRecovered,
    scope,
    covered: covered?.length ?? null,
    except,
  } as const;
  return {
    id: deps.newId(),
    alertmanager: alertmanager.name,
    silenceId: null,
    matchers,
    endsAt,
    untilRecovered,
    notice: noticeOf({ routed: stored, alerts: stored.group.alerts }, action, at),
    body: storedGroupText(routedGroupText(stored), stored.sender),
    missing: [],
    recovered: [],
  };
}

function failureOfReply(reply: Exclude<AlertmanagerReply<string>, { kind: "answered" }>): ActionOutcome {
  if (reply.kind === "rejected") return failed("alertmanagerRejected", `${reply.status} ${reply.message}`);
  return failed(reply.isInDoubt ? "inDoubt" : "alertmanagerFailed", reply.code);
}
