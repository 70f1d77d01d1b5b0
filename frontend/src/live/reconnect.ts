// When to try again after a lost connection (PROTOCOL.md section 7): 250 ms, doubling to 5 s, each wait spread
// downwards by up to half so that a whole audience does not come back in the same instant. A pure function, so that the
// policy is tested without waiting.

/** The server keeps role, place and hand this long, in milliseconds; after it there is nothing to come back to. */
export const awayFor = 10 * 60_000;

const first = 250;
const longest = 5_000;

/**
 * How long to wait before attempt number `attempt` (from 0), in milliseconds, `elapsed` milliseconds after the
 * connection was lost; "give-up" when the room will have forgotten this participant. `random` is in [0, 1).
 */
export function waitBefore(attempt: number, elapsed: number, random: number): number | "give-up" {
  if (elapsed >= awayFor) return "give-up";
  const base = Math.min(longest, first * 2 ** Math.min(attempt, 10));
  return Math.round(base * (1 - random / 2));
}
