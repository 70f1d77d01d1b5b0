import { beforeEach, describe, expect, it, vi } from "vitest";
import { ownTime, showOwnTimes } from "./own-time";
import { openTicket } from "./ticket";

const data = {
  start: "2026-11-24T18:00:00+01:00",
  end: "2026-11-24T19:30:00+01:00",
  zone: "Europe/Berlin",
  text: "{time} where you are",
  textDay: "{day}, {time} where you are",
};

describe("the visitor's own time", () => {
  it.each([
    ["the same clock is not repeated", "Europe/Berlin", ""],
    ["another city with the same clock is not repeated", "Europe/Paris", ""],
    ["another clock on the same day shows the hours", "America/New_York", "12:00 – 13:30 where you are"],
    ["another day is named", "Asia/Tokyo", "Wednesday 25 November, 02:00 – 03:30 where you are"],
    ["an unknown own zone says nothing", "", ""],
  ])("%s", (_, zone, want) => expect(ownTime(data, zone)).toBe(want));

  it("shows itself only with something to say", () => {
    document.body.innerHTML = `<span class="own-time" hidden data-start="junk"></span>`;
    showOwnTimes(document, "Asia/Tokyo");
    expect(document.querySelector<HTMLElement>(".own-time")?.hidden).toBe(true);
  });
});

describe("the ticket in the fragment", () => {
  const ticket = "A".repeat(43);
  const sent = vi.fn();
  beforeEach(() => {
    sent.mockReset();
    document.body.innerHTML = `<form data-ticket action="/my"><input name="ticket"></form>`;
    document.querySelector("form")!.submit = sent;
    history.replaceState(null, "", "/my");
  });

  it("leaves the address bar before it is sent", () => {
    history.replaceState(null, "", "/my#" + ticket);
    sent.mockImplementation(() => expect(location.href.endsWith("/my")).toBe(true));
    openTicket(document, location, history);
    expect(sent).toHaveBeenCalledOnce();
    expect(document.querySelector("input")!.value).toBe(ticket);
  });

  it.each([["no fragment", ""], ["a heading's name", "#main"], ["something too long", "#" + "A".repeat(44)]])(
    "%s sends nothing",
    (_, hash) => {
      history.replaceState(null, "", "/my" + hash);
      openTicket(document, location, history);
      expect(sent).not.toHaveBeenCalled();
    },
  );
});
