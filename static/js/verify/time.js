// Moments as documents spell them, `YYYY-MM-DDThh:mm:ssZ`, in milliseconds since 1970.

import { refuseUnless } from "./errors.js";

const LAST_SECOND = 253402300799n; // of the year 9999

/** Reads a moment that has its form already. Refuses a date that does not exist: `record_schema`. */
export function toMoment(text) {
  const moment = Date.parse(text);
  const exists = !Number.isNaN(moment) && toText(moment) === text && !text.startsWith("0000");
  refuseUnless(exists, "record_schema");
  return moment;
}

export function toText(moment) {
  return new Date(Math.floor(moment / 1000) * 1000).toISOString().replace(".000Z", "Z");
}

/** Reads the seconds of a cosignature. Refuses what no calendar has: `checkpoint`. */
export function fromSeconds(seconds) {
  refuseUnless(seconds <= LAST_SECOND, "checkpoint");
  return Number(seconds) * 1000;
}
