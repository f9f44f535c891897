// The group as templates see it: its alerts in reading order, what is the same in every part (`GroupFacts`), and the
// view of a part with a run of its alerts. The order of the fields is the order of docs/templates.md.

import type { Alert, AlertGroup, LabelSet } from "../../domain/alert.ts";
import type { GroupDelivery } from "../../domain/notification.ts";
import { wire } from "../../go-text/template-values.ts";
import type { RenderSettings } from "../settings.ts";
import { actionUrl } from "./action-link.ts";
import { type AlertCore, coreOf, coreSettings, urgencyRank } from "./alert-core.ts";
import { type AlertView, viewAlert } from "./alert-view.ts";
import { type DescribedAlert, describeAlert, traitsOf } from "./describe.ts";
import { acknowledgedTexts, groupCounts, groupNames, sharedTexts } from "./group-summary.ts";
import { type LaidRow, layOut, type Section } from "./layout.ts";
import { alertLinks, groupLinks, linkTo, silenceLabels } from "./links.ts";
import { placesOf } from "./rows.ts";
import { filled } from "./strings.ts";
import { lateText, shortClockOf } from "./times.ts";

/** A run of alerts, as one message of a delivery shows them. */
export interface RunView<Shown> {
  readonly alerts: readonly Shown[];
  readonly firing: readonly Shown[];
  readonly resolved: readonly Shown[];
  readonly part: {
    readonly number: number;
    readonly total: number;
    readonly first: boolean;
    /** `（2/3）`; empty when there is one part. */
    readonly text: string;
  };
  readonly mentions: readonly string[];
  readonly unmentioned: string;
}

interface RunPlace {
  readonly number: number;
  readonly total: number;
  readonly mentions: { readonly users: readonly string[]; readonly unmentioned: string };
  /** Empty when there is one part. */
  readonly partText: string;
}

export function viewRun<Shown extends { readonly status: Alert["status"] }>(
  alerts: readonly Shown[],
  { number, total, mentions, partText }: RunPlace,
): RunView<Shown> {
  return {
    alerts,
    firing: alerts.filter((alert) => alert.status === "firing"),
    resolved: alerts.filter((alert) => alert.status === "resolved"),
    part: { number, total, first: number === 1, text: partText },
    mentions: mentions.users,
    unmentioned: mentions.unmentioned,
  };
}

/** What is the same in every part. */
export type GroupFacts = Views["facts"];

export interface GroupView extends Omit<GroupFacts, "sections">, RunView<AlertView> {
  readonly sections: readonly ShownSection[];
  readonly [wire]: (view: GroupView) => object;
}

/** A section, or the part of it that is in one message. */
interface ShownSection extends Section {
  readonly isStart: boolean;
  /** A colour for each row would take too much room. */
  readonly isLong: boolean;
  readonly hasRows: boolean;
  /** The rows have nothing but the columns. */
  readonly isTable: boolean;
  readonly columns: readonly string[];
  readonly alerts: readonly AlertView[];
  /** More have no room in a card. */
  readonly cardAlerts: readonly AlertView[];
}

const cardAlertsMax = 40;

/** More have no room on a phone. */
const tableColumns = 3;

function isPlain({ row }: AlertView): boolean {
  const { isRich, pairs, look, times, reason, runbook } = row;
  return !isRich && pairs.length + row.links.length === 0 && look + times + reason + runbook === "";
}

/** Rows with a colour take a third more. */
const colouredRows = 8;

/** @param place.from of the first alert among those of the group */
export function viewGroup(
  facts: GroupFacts,
  alerts: readonly AlertView[],
  place: RunPlace & { readonly from: number },
): GroupView {
  const end = place.from + alerts.length;
  const sections = facts.sections
    .filter(({ from, to }) => from < end && to > place.from)
    .map((section) => {
      const shown = alerts.slice(Math.max(0, section.from - place.from), section.to - place.from);
      const isLong = section.to - section.from > colouredRows;
      const columns = section.kind === "firing" ? (section.about ?? facts.about).columns : [];
      const hasRows = section.about === null || section.to - section.from > 1;
      return {
        ...section,
        isStart: section.from >= place.from,
        isLong,
        hasRows,
        isTable: columns.length > 1 && columns.length <= tableColumns && shown.every(isPlain),
        columns,
        cardAlerts: shown.slice(0, cardAlertsMax),
        alerts: shown,
      };
    });
  return { ...facts, sections, ...viewRun(alerts, place), [wire]: webhookBody };
}

/** All alerts in one message that mentions no one itself. */
export function viewWholeGroup({ facts, alerts }: Views): GroupView {
  const mentions = { users: [], unmentioned: "" };
  return viewGroup(facts, alerts, { from: 0, number: 1, total: 1, partText: "", mentions });
}

/** Alertmanager's webhook body, with the alerts of this run. */
function webhookBody(view: GroupView): object {
  return {
    receiver: view.receiver,
    status: view.status,
    alerts: view.alerts,
    groupLabels: view.groupLabels,
    commonLabels: view.commonLabels,
    commonAnnotations: view.commonAnnotations,
    externalURL: view.externalURL,
    groupKey: view.groupKey,
    truncatedAlerts: view.truncatedAlerts,
    ...(view.notificationReason === "" ? {} : { notificationReason: view.notificationReason }),
    ...(Object.keys(view.routeLabels).length === 0 ? {} : { routeLabels: view.routeLabels }),
    ...(view.title === "" ? {} : { title: view.title }),
    ...(view.message === "" ? {} : { message: view.message }),
  };
}

export type Views = Readonly<ReturnType<typeof prepareViews>>;

/** Above this many alerts a message shows no links of single alerts: they would be most of it. */
const compactAbove = 3;

/** The alerts: firing before resolved, then the worst first; those of one name together. */
export function prepareViews(delivery: GroupDelivery, settings: RenderSettings) {
  const { group } = delivery.routed;
  const short = shortClockOf(settings.timezone, settings.now);
  const base = coreSettings(delivery, settings);
  const cores = group.alerts.map((alert) => coreOf(alert, base));
  const core = { ...base, ...traitsOf(cores, group.status === "firing"), short };
  const { strings, display } = core;
  const described = group.alerts.map((alert, n) => describeAlert(alert, cores[n] as AlertCore, core));
  const ordered = inReadingOrder(described);
  const places = placesOf(ordered, core);
  const folded = new Set(places.folded);
  const silence = (labels: LabelSet, about: readonly string[]) =>
    silenceLabels(labels, {
      display,
      isFolded: (name) => folded.has(name),
      fewest: ["alertname", "rulename", ...about, ...Object.keys(group.groupLabels)],
    });
  const perAlert = ordered.map(({ alert, about }) =>
    alertLinks(alert, group, { strings, silence: silence(alert.labels, about.labels) }),
  );
  const shared = groupLinks(group, perAlert, {
    strings,
    silence: silence(group.commonLabels, []),
    action: actionUrl(delivery, settings),
  });
  const links = shared.shown;
  const { notice } = delivery.routed;
  const reminder = delivery.news.every((news) => news === "unchanged");
  const { rows, ...layout } = layOut({
    ...{ alerts: ordered, links: perAlert, shared, places, settings: core },
    flags: [delivery.late ? "⏰" : "", reminder ? "🔁" : ""],
    isCounted: group.truncatedAlerts > 0,
    isReminder: reminder,
  });
  const alerts = ordered.map((one, index) =>
    viewAlert(one, { group, links: perAlert[index]?.shown ?? [], shared: links, row: rows[index] as LaidRow, strings }),
  );
  const late = lateText(delivery, settings);
  const truncated = group.truncatedAlerts > 0 ? strings.truncated(group.truncatedAlerts) : "";
  const hasWaited = alerts.length === 1 && alerts[0]?.recoveredWhileWaiting === true;
  const waited = hasWaited ? strings.recoveredWhileWaiting : "";
  const facts = {
    ...senderFacts(group),
    ...groupNames(group, alerts, strings),
    ...sharedTexts(alerts),
    ...groupCounts(alerts, strings),
    ...layout,
    picture: alerts.find((alert) => alert.picture !== "")?.picture ?? "",
    links,
    linkTo: linkTo(links),
    actionURL: linkTo(links).action,
    actionWord: strings.links.action,
    reminder,
    /** A sentence of this service about the alerts, like that their silence has ended; empty for most. */
    notice,
    late,
    truncated,
    /** What a reader has to know first. */
    notices: filled([
      notice,
      ...acknowledgedTexts(alerts, strings),
      late,
      layout.reminderText,
      truncated === "" ? "" : strings.mayStillFire(truncated),
      waited,
      core.caveat,
    ]),
    compact: alerts.length > compactAbove,
  };
  return { facts, alerts };
}

function inReadingOrder(alerts: readonly DescribedAlert[]): readonly DescribedAlert[] {
  const rank = ({ alert, core }: DescribedAlert) => urgencyRank(alert.status, core);
  const ranked = alerts.toSorted((a, b) => rank(b) - rank(a));
  const named = Map.groupBy(ranked, ({ alert, core }) =>
    JSON.stringify([core.news === "unchanged", alert.status, core.name]),
  );
  return [...named.values()].flat();
}

function senderFacts(group: AlertGroup) {
  const { source: _source, alerts: _alerts, lossyBody: _lossyBody, alertmanager: _alertmanager, ...sent } = group;
  return {
    ...sent,
    externalURL: sent.externalURL ?? "",
    notificationReason: sent.notificationReason ?? ("" as const),
    /** The common labels under a short name, for `mention.users: ["{{labels.owner}}"]`. */
    labels: sent.commonLabels,
  };
}
