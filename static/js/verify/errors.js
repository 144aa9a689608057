// A refusal, and what the shell makes of it. The sentences are kept in one place, `consent/errors.py`: whoever shows
// a code brings them along.

export class Refusal extends Error {
  constructor(code) {
    super(code);
    this.code = code;
  }
}

export function refuse(code) {
  throw new Refusal(code);
}

export function refuseUnless(holds, code) {
  if (!holds) refuse(code);
}

const NOT_FRESH = new Set(["keyset_expired", "retraction_stale", "retraction_rollback"]);

/** 1 invalid, 2 retracted, 3 not fresh. */
export function exitStatus(code) {
  if (code === "retracted") return 2;
  return NOT_FRESH.has(code) ? 3 : 1;
}
