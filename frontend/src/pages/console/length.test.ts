// The rule: the counter on the page and the server agree, on the same rows (server/social/testdata/lengths.json).
import { describe, expect, it } from "vitest";
import rows from "../../../../server/social/testdata/lengths.json";
import { lengthOn } from "./length";

describe("lengthOn", () => {
  expect(rows.length).toBeGreaterThan(10);
  for (const row of rows) {
    it(`${row.service}: ${row.text}`, () => expect(lengthOn(row.service, row.linkLength, row.text)).toBe(row.length));
  }
});
