// What rendering rejects with when it is not to be waited for any more.

/** The service stops before a delivery was in words. Nothing has happened yet: it is told after the next start. */
export class RenderAbandoned extends Error {
  readonly code = "delivery_abandoned";
}
