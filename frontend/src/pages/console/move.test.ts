// The rule: the form opens with the event's own time in its own zone, and sends the moment that was typed there.
import { describe, expect, it } from "vitest";
import { formOf, moveFieldOf, toMove } from "./move";

const event = { startsAt: "2026-10-25T17:00:00Z", endsAt: "2026-10-25T18:30:00Z", timeZone: "Europe/Berlin" };

describe("formOf", () => {
  it("shows the library's clock, wherever the browser is", () => expect(formOf(event)).toEqual({ date: "2026-10-25", time: "18:00", minutes: "90" }));
  it("shows the day of the library", () =>
    expect(formOf({ ...event, startsAt: "2026-11-25T02:00:00Z", timeZone: "America/Chicago" })).toMatchObject({ date: "2026-11-24", time: "20:00" }));
});

describe("toMove", () => {
  it("gives back what it was opened with", () => expect(toMove(formOf(event), event.timeZone)).toEqual({ startsAt: event.startsAt, minutes: 90 }));
  it("keeps the clock when the clocks change in between", () =>
    expect(toMove({ date: "2026-10-24", time: "18:00", minutes: "90" }, event.timeZone)).toEqual({ startsAt: "2026-10-24T16:00:00Z", minutes: 90 }));
  it("names what is missing or cannot be", () => {
    expect(toMove({ date: "", time: "", minutes: "" }, "UTC")).toEqual([
      { field: "date", code: "required" },
      { field: "time", code: "required" },
      { field: "minutes", code: "required" },
    ]);
    expect(toMove({ date: "2026-10-24", time: "18:00", minutes: "1.5" }, "UTC")).toEqual([{ field: "minutes", code: "out-of-range" }]);
  });
});

describe("moveFieldOf", () => {
  it("leads an answer to a field that can be seen", () => {
    expect(moveFieldOf("startsAt")).toBe("date");
    expect(moveFieldOf("body.minutes")).toBe("minutes");
  });
});
