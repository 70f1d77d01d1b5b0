// The rule: the first visit asks for the library, a problem leads to its field, and a test mail opens registration.
import { fireEvent, render, screen } from "@testing-library/svelte";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { House } from "../../api/settings";
import Settings from "./Settings.svelte";

const fresh: House = {
  library: "Our Library", timeZone: "UTC", languages: ["en"], contact: "", accent: "", privacy: "", sender: "",
  setUp: false, known: ["en", "de"], open: false, mail: { state: "untested", server: "mail.example:587", from: "mail@library.example", testedAt: "" },
};

/** Answers the next call of the page, and tells what it sent. */
function answer(status: number, body: unknown) {
  const fetched = vi.fn().mockResolvedValue(new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json" } }));
  vi.stubGlobal("fetch", fetched);
  return () => JSON.parse(String(fetched.mock.calls[0]?.[1]?.body)) as Record<string, unknown>;
}

function open(house: House = fresh) {
  const onchanged = vi.fn();
  render(Settings, { house, email: "desk@library.example", signedOut: vi.fn(), onchanged });
  return onchanged;
}

// Four hundred zones make a search by role slow, and say nothing here.
beforeEach(() => void vi.spyOn(Intl, "supportedValuesOf").mockReturnValue(["UTC", "Europe/Berlin"]));
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

describe("the settings", () => {
  it("welcome an administrator on the first visit and save what was typed", async () => {
    const sent = answer(200, { ...fresh, library: "Hill Library", setUp: true });
    const onchanged = open();
    expect(screen.getByRole("heading", { level: 1 }).textContent).toBe("Welcome to your Lyceum");
    await fireEvent.input(screen.getByLabelText("Name of the library"), { target: { value: "Hill Library" } });
    await fireEvent.change(screen.getByLabelText("Languages"), { target: { value: "de" } });
    await fireEvent.click(screen.getByRole("button", { name: "Save settings" }));
    await vi.waitFor(() => expect(onchanged).toHaveBeenCalled());
    expect(sent()).toMatchObject({ library: "Hill Library", languages: ["en", "de"] });
    expect(await screen.findByText(/^Saved\./)).toBeTruthy();
  });

  it("lead from a problem to its field", async () => {
    answer(422, { code: "invalid", errors: [{ field: "accent", code: "low-contrast" }] });
    open();
    await fireEvent.click(screen.getByRole("button", { name: "Save settings" }));
    const link = await screen.findByRole("link", { name: "Accent colour: This colour is too pale to read. Choose a darker one." });
    await fireEvent.click(link);
    expect(document.activeElement?.id).toBe("accent");
  });

  it("say that nobody can register, and why a test mail did not go out", async () => {
    answer(502, { code: "mail-failed", detail: "The mail server refused the user name or password." });
    const onchanged = open({ ...fresh, setUp: true });
    expect(screen.getByText("Nobody can register before a test mail has gone through.")).toBeTruthy();
    await fireEvent.click(screen.getByRole("button", { name: "Send a test mail to desk@library.example" }));
    expect((await screen.findByRole("alert")).textContent).toBe("The mail server refused the user name or password.");
    expect(onchanged).not.toHaveBeenCalled();
  });
});
