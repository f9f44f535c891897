// What the page of one alert and that of several have in common.

import type { Acknowledgement } from "../domain/action.ts";
import { acknowledgedMs } from "../domain/action.ts";
import type { Alert } from "../domain/alert.ts";
import type { Language } from "../domain/message-kind.ts";
import type { SeverityScale } from "../domain/severity.ts";
import { stringsFor } from "../render/view/strings.ts";
import { lifeText, shortClockOf, sinceText } from "../render/view/times.ts";
import { type AlertNow, firesNow } from "./alert-now.ts";
import type { ShownAlert } from "./shown-alert.ts";
import type { PageStrings } from "./strings.ts";

/** A view of templates/phone, and what it shows. */
export interface PhoneView {
  readonly view: "alert" | "group" | "message";
  readonly title: string;
  readonly model: object;
}

/** What became of the form that was just submitted. */
export interface Banner {
  readonly level: "ok" | "bad";
  readonly role: "status" | "alert";
  readonly text: string;
  /** As Alertmanager said it; empty for none. */
  readonly detail: string;
}

/** Who asks, as far as it is known. */
export interface Reader {
  /** As a proxy says; null: the reader chooses a name. */
  readonly provenName: string | null;
  /** Chosen last time; empty for none. */
  readonly remembered: string;
  /** Names to choose from. */
  readonly people: readonly string[];
  readonly isAdmin: boolean;
  /** Where an administrator logs in, relative to the page; null where nobody can. */
  readonly logIn: string | null;
}

export interface PageContext {
  readonly language: Language;
  readonly strings: PageStrings;
  /** Epoch ms. */
  readonly now: number;
  readonly severities: SeverityScale;
  readonly reader: Reader;
  readonly banner: Banner | null;
  /** The path of a page relative to this one, by the identity of an alert. */
  readonly linkTo: (identity: string) => string;
  /** To submit a form, relative to the page. */
  readonly self: string;
  readonly acknowledgements: readonly Acknowledgement[];
}

export interface PlacedPage {
  readonly context: PageContext;
  /** Of the destination. */
  readonly timezone: string;
}

type Mood = "bad" | "warn" | "ok" | "silenced";

export interface PageState {
  readonly mood: Mood;
  readonly mark: string;
  readonly word: string;
  readonly since: string;
  readonly fires: boolean;
}

const severeRank = 4;

/** Where it is not known what the alert is now, it is what its message said. */
export function pageState(shown: ShownAlert, now: AlertNow, { context, timezone }: PlacedPage): PageState {
  const { strings } = context;
  const { alert, mark, severityWord, stateWord, stateKind } = shown;
  const since = sinceOf(alert, now, { context, timezone });
  // Without marks in the config there are none here either.
  const own = (one: string) => (mark === "" ? "" : one);
  if (firesNow(alert, now)) {
    const isSilenced = now.kind === "firing" && now.current.silencedBy.length > 0;
    const word = stateKind === "firing" || alert.status === "resolved" ? severityWord : stateWord;
    if (isSilenced) return { mood: "silenced", mark: own("🔕"), word: strings.silenced, since, fires: true };
    return { mood: shown.rank >= severeRank ? "bad" : "warn", mark, word, since, fires: true };
  }
  if (alert.status === "firing") {
    return { mood: "ok", mark: own("☑️"), word: strings.noLongerFiring, since, fires: false };
  }
  return { mood: "ok", mark, word: stateWord, since, fires: false };
}

function sinceOf(alert: Alert, now: AlertNow, { context, timezone }: PlacedPage): string {
  const strings = stringsFor(context.language);
  const short = shortClockOf(timezone, context.now);
  if (now.kind === "gone") return lifeText(alert, { strings, short });
  const startsAt = now.kind === "firing" ? (now.current.startsAt ?? alert.startsAt) : alert.startsAt;
  if (now.kind === "unknown" && alert.status === "resolved") return lifeText(alert, { strings, short });
  return sinceText([{ ...alert, startsAt, endsAt: null }], { now: context.now, strings, short }) ?? "";
}

/** Of these alerts, each text once. */
export function acknowledgedFacts(identities: readonly string[], { context, timezone }: PlacedPage) {
  const short = shortClockOf(timezone, context.now);
  const shown = new Set(identities);
  const own = context.acknowledgements.filter(({ identity }) => shown.has(identity));
  const texts = own.map(({ by, acknowledgedAt }) =>
    context.strings.acknowledgedBy(by, short(acknowledgedAt), short(acknowledgedAt + acknowledgedMs)),
  );
  return [...new Set(texts)];
}

/** What every page has around it. */
export function shellOf({ strings, banner, self, reader }: PageContext) {
  return { t: strings, banner, self, who: whoField(reader, strings) };
}

function whoField({ provenName, remembered, people }: Reader, strings: PageStrings) {
  const isListed = people.includes(remembered);
  return {
    proven: provenName === null ? null : strings.signedInAs(provenName),
    people: people.map((name) => ({ name, selected: name === remembered })),
    typed: isListed ? "" : remembered,
    typedLabel: people.length > 0 ? strings.otherName : strings.who,
    isTyped: !isListed && remembered !== "",
  };
}
