// The rule: a local date and time in the library's zone become the right moment, also around a change of clocks,
// and nothing incomplete is sent.
import { describe, expect, it } from "vitest";
import { emptyForm, fieldOf, toDraft } from "./draft";

const full = { ...emptyForm("Europe/Berlin"), title: "A talk", date: "2026-11-24", time: "18:00" };

describe("toDraft", () => {
  const rows: [string, string, string, string, string][] = [
    ["winter in Berlin is one hour ahead", "2026-11-24", "18:00", "Europe/Berlin", "2026-11-24T17:00:00Z"],
    ["summer in Berlin is two hours ahead", "2026-07-01", "18:00", "Europe/Berlin", "2026-07-01T16:00:00Z"],
    ["the evening after the clocks went back", "2026-10-25", "18:00", "Europe/Berlin", "2026-10-25T17:00:00Z"],
    ["half-hour zones count", "2026-11-24", "18:00", "Asia/Kolkata", "2026-11-24T12:30:00Z"],
    ["behind UTC the day may change", "2026-11-24", "20:00", "America/Chicago", "2026-11-25T02:00:00Z"],
  ];
  for (const [name, date, time, timeZone, startsAt] of rows) {
    it(name, () => expect(toDraft({ ...full, date, time, timeZone })).toMatchObject({ startsAt, minutes: 60, capacity: 40 }));
  }

  it("names every field that is missing", () => {
    expect(toDraft({ ...emptyForm("UTC"), capacity: "" })).toEqual([
      { field: "title", code: "required" },
      { field: "date", code: "required" },
      { field: "time", code: "required" },
      { field: "capacity", code: "required" },
    ]);
  });

  it("refuses a zone that does not exist and half a seat", () => {
    expect(toDraft({ ...full, timeZone: "Mars/Olympus", capacity: "1.5" })).toEqual([
      { field: "capacity", code: "out-of-range" },
      { field: "timeZone", code: "unknown" },
    ]);
  });
});

describe("fieldOf", () => {
  it("leads each field of an answer to a field that can be seen", () => {
    expect(fieldOf("startsAt")).toBe("date");
    expect(fieldOf("body.capacity")).toBe("capacity");
    expect(fieldOf("unheard-of")).toBe("title");
  });
});
