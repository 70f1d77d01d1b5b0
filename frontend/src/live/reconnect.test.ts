// The rule: quick at first, never slower than every 5 s, never in step with the others, and an end after ten minutes.
import { describe, expect, it } from "vitest";
import { awayFor, waitBefore } from "./reconnect";

describe("waitBefore", () => {
  const rows: [string, number, number, number, number | "give-up"][] = [
    ["the first attempt comes after a quarter of a second", 0, 0, 0, 250],
    ["the second waits twice as long", 1, 300, 0, 500],
    ["the sixth has reached the longest wait", 5, 9_000, 0, 5_000],
    ["the hundredth waits no longer than that", 100, 400_000, 0, 5_000],
    ["a lucky draw halves the wait", 0, 0, 0.9999, 125],
    ["after the away time there is nothing to come back to", 3, awayFor, 0.5, "give-up"],
  ];
  for (const [name, attempt, elapsed, random, wanted] of rows) {
    it(name, () => expect(waitBefore(attempt, elapsed, random)).toBe(wanted));
  }

  it("tries at least seven times in the first 20 seconds", () => {
    let elapsed = 0;
    let attempt = 0;
    while (elapsed < 20_000) {
      const wait = waitBefore(attempt, elapsed, 0.5);
      if (wait === "give-up") throw new Error("gave up too early");
      elapsed += wait;
      attempt += 1;
    }
    expect(attempt).toBeGreaterThanOrEqual(7);
  });
});
