// The link of a message to the phone page of its alerts.

import { signToken } from "../../actions/token.ts";
import type { GroupDelivery } from "../../domain/notification.ts";
import type { RenderSettings } from "../settings.ts";

/** What a preview has in place of a token: it leads nowhere. */
const previewToken = "preview";

/** Null without links, and where nothing fires: then there is nothing to act on. */
export function actionUrl(
  { routed, notificationId }: GroupDelivery,
  { actionLinks, externalURL, now }: RenderSettings,
): string | null {
  const { status, alerts, lossyBody } = routed.group;
  if (actionLinks === null || externalURL === null || status !== "firing") return null;
  const { key, validMs } = actionLinks;
  const [only, ...others] = alerts;
  const isSingle = only !== undefined && others.length === 0 && lossyBody === null;
  const link = { notificationId, identity: isSingle ? only.identity : null, expiresAt: now + validMs };
  const token = key === null || notificationId === 0 ? previewToken : signToken(key, link);
  return `${externalURL}/a/${token}`;
}
