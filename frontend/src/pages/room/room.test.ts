// The rule: what the room's pages show and send, by the names that assistive technology reads. The socket is a fake;
// everything between it and the buttons is real.
import { cleanup, render, screen, within } from "@testing-library/svelte";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Pass } from "../../api/rooms";
import { FakeSocket } from "../../live/fake-socket";
import { LocalMedia } from "../../state/local.svelte";
import Room from "./Room.svelte";

const person = (id: string, name: string, more: object = {}) => ({ id, name, role: "attendee", place: "floor", away: false, invited: false, sources: {}, ...more });
const participants = [
  person("h", "Host Example", { role: "host", place: "stage" }),
  person("a", "Ada Example"),
  person("b", "Bo Example"),
];
const pass: Pass = {
  token: "t", expiresAt: Date.now() + 300_000, live: "ws://127.0.0.1/live", iceServers: [],
  participant: { id: "a", name: "Ada Example", role: "attendee" },
  event: { id: "e1", slug: "a-talk", title: "A talk", startsAt: "", endsAt: "", timeZone: "UTC" },
};

let version = 1;

async function enter(self: string, hands: string[] = []): Promise<FakeSocket> {
  version = 1;
  render(Room, { pass, local: new LocalMedia() });
  await vi.waitFor(() => expect(FakeSocket.made.length).toBe(1));
  const socket = FakeSocket.made[0]!;
  socket.open();
  socket.says({ type: "welcome", resume: "r", self, room: { id: "e1", version, participants, hands, chat: [] }, limits: {} });
  await screen.findByRole("button", { name: "Leave" });
  return socket;
}

function happens(socket: FakeSocket, event: object): void {
  socket.says({ type: "event", event: { version: ++version, at: "2026-11-24T18:00:00Z", actor: "h", ...event } });
}

function commands(socket: FakeSocket): unknown[] {
  return socket.sent.filter((m) => m.type === "command").map((m) => [m.name, m.args]);
}

beforeEach(() => {
  FakeSocket.made = [];
  sessionStorage.clear();
  vi.stubGlobal("WebSocket", FakeSocket);
  vi.stubGlobal("matchMedia", () => ({ matches: true, addEventListener: () => undefined, removeEventListener: () => undefined }));
  // jsdom has neither of these.
  HTMLDialogElement.prototype.showModal = function () { this.open = true; };
  HTMLDialogElement.prototype.close = function () { this.open = false; };
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

describe("a patron", () => {
  it("raises a hand and sees it up", async () => {
    const socket = await enter("a");
    screen.getByRole("button", { name: "Raise hand" }).click();
    expect(commands(socket)).toEqual([["hand.raise", {}]]);
    happens(socket, { kind: "hand-raised", participant: "a", actor: "a" });
    expect((await screen.findByRole("button", { name: "Lower hand" })).getAttribute("aria-pressed")).toBe("true");
  });

  it("has no host's controls", async () => {
    await enter("a");
    expect(screen.queryByRole("button", { name: /^Actions for/ })).toBeNull();
  });

  it("is asked before going on stage, and can say no", async () => {
    const socket = await enter("a");
    happens(socket, { kind: "invited", participant: "a" });
    const dialog = await screen.findByRole("dialog", { name: "The host invites you to speak" });
    within(dialog).getByRole("button", { name: "Not now" }).click();
    expect(commands(socket)).toEqual([["stage.decline", {}]]);
    happens(socket, { kind: "declined", participant: "a", actor: "a" });
    await vi.waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  });

  it("reads chat as text, never as markup, and keeps an unsent draft", async () => {
    const socket = await enter("a");
    happens(socket, { kind: "said", message: { id: "m1", from: "b", name: "Bo Example", text: "<b>hello</b>", at: "", deleted: false } });
    expect((await screen.findByText("<b>hello</b>")).querySelector("b")).toBeNull();
    const box = screen.getByRole<HTMLTextAreaElement>("textbox", { name: "Write a message" });
    box.value = "not yet";
    box.dispatchEvent(new Event("input", { bubbles: true }));
    await vi.waitFor(() => expect(sessionStorage.getItem("lyceum.draft")).toBe("not yet"));
  });

  it("is told while coming back, and where the visit ended", async () => {
    const socket = await enter("a");
    socket.ends(1006);
    expect((await screen.findAllByText("You are still in the room. Coming back…")).length).toBeGreaterThan(0);
    await vi.waitFor(() => expect(FakeSocket.made.length).toBe(2));
    FakeSocket.made[1]!.ends(4403);
    expect(await screen.findByRole("heading", { level: 1, name: "You cannot take part in this event" })).toBe(document.activeElement);
  });
});

describe("a host", () => {
  it("sees hands in their order and invites the first", async () => {
    const socket = await enter("h", ["b", "a"]);
    const invites = screen.getAllByRole("button", { name: /^Invite: / });
    expect(invites.map((b) => b.getAttribute("aria-label"))).toEqual(["Invite: Bo Example", "Invite: Ada Example"]);
    invites[0]!.click();
    expect(commands(socket)).toEqual([["stage.invite", { participant: "b" }]]);
  });

  it("removes only after saying so twice", async () => {
    const socket = await enter("h");
    screen.getByRole("button", { name: "Actions for Bo Example" }).click();
    (await screen.findByRole("button", { name: "Remove from the event…" })).click();
    const dialog = await screen.findByRole("dialog", { name: "Remove Bo Example?" });
    expect(commands(socket)).toEqual([]);
    within(dialog).getByRole("button", { name: "Remove" }).click();
    expect(commands(socket)).toEqual([["remove", { participant: "b" }]]);
  });

  it("reads a refusal as a sentence", async () => {
    const socket = await enter("h");
    screen.getByRole("button", { name: "Step down" }).click();
    socket.says({ type: "error", id: socket.sent.at(-1)?.id, code: "forbidden" });
    expect((await screen.findAllByText("You may not do that here.")).length).toBeGreaterThan(0);
  });
});
