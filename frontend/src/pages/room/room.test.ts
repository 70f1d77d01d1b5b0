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
  person("k", "Kim Example", { role: "co-host", place: "stage" }),
];
const pass: Pass = {
  token: "t", expiresAt: Date.now() + 300_000, live: "ws://127.0.0.1/live", iceServers: [],
  participant: { id: "a", name: "Ada Example", role: "attendee" },
  event: { id: "e1", slug: "a-talk", title: "A talk", startsAt: "", endsAt: "", timeZone: "UTC" },
};

const settings = {
  lobby: "open", locked: false, chat: { mode: "open", seconds: 0, hold: false },
  rights: { mic: "nobody", camera: "nobody", screen: "nobody" }, frozen: { chat: false, stage: false, floor: false },
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

  it("counts down in a slow chat and keeps the text of a message that came too early", async () => {
    const socket = await enter("a");
    happens(socket, { kind: "chat-mode", settings: { ...settings, chat: { mode: "slow", seconds: 30, hold: false } } });
    await screen.findByText("Slow chat: one message in 30 seconds.");
    const box = screen.getByRole<HTMLTextAreaElement>("textbox", { name: "Write a message" });
    box.value = "once more";
    box.dispatchEvent(new Event("input", { bubbles: true }));
    (await screen.findByRole<HTMLButtonElement>("button", { name: "Send" })).click();
    await vi.waitFor(() => expect(commands(socket).length).toBe(1));
    socket.says({ type: "error", id: socket.sent.at(-1)?.id, code: "slow", retryAfter: 12_000 });
    await screen.findByText("You can send again in 12 seconds.");
    expect(box.value).toBe("once more");
  });

  it("cannot send while only hosts write, and may go on typing", async () => {
    const socket = await enter("a");
    happens(socket, { kind: "chat-mode", settings: { ...settings, chat: { mode: "hosts", seconds: 0, hold: false } } });
    await screen.findByText("Only hosts write just now.");
    expect(screen.getByRole<HTMLTextAreaElement>("textbox", { name: "Write a message" }).disabled).toBe(false);
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

describe("somebody in the lobby", () => {
  const waiting = { hosts: true, reason: "new" };

  it("reads what happens next and sees nothing of the room, until somebody opens", async () => {
    render(Room, { pass, local: new LocalMedia() });
    await vi.waitFor(() => expect(FakeSocket.made.length).toBe(1));
    const socket = FakeSocket.made[0]!;
    socket.open();
    socket.says({ type: "welcome", resume: "r", self: "a", room: { id: "e1", version: 1, participants: [person("a", "Ada Example", { place: "lobby" })], hands: [], chat: [] }, waiting, limits: {} });
    await screen.findByRole("heading", { level: 1, name: "Please wait a moment" });
    expect(screen.queryByRole("log")).toBeNull();
    socket.says({ type: "waiting", waiting: { hosts: true, reason: "denied", text: "At eight, please." } });
    await screen.findByText("At eight, please.");
    screen.getByRole("button", { name: "Ask again" }).click();
    expect(commands(socket)).toEqual([["lobby.ask", {}]]);
    socket.says({ type: "entered", room: { id: "e1", version: 5, participants, hands: [], chat: [], settings } });
    expect(await screen.findByRole("button", { name: "Raise hand" })).toBeTruthy();
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
    (await screen.findByRole("button", { name: "Remove…" })).click();
    const dialog = await screen.findByRole("dialog", { name: "See Bo Example out?" });
    expect(commands(socket)).toEqual([]);
    within(dialog).getByRole("button", { name: "Remove" }).click();
    expect(commands(socket)).toEqual([["remove", { participant: "b" }]]);
  });

  it("may send somebody to the waiting room instead", async () => {
    const socket = await enter("h");
    screen.getByRole("button", { name: "Actions for Bo Example" }).click();
    (await screen.findByRole("button", { name: "Remove…" })).click();
    const dialog = await screen.findByRole("dialog");
    within(dialog).getByRole("radio", { name: /To the waiting room/ }).click();
    (await within(dialog).findByRole("button", { name: "Send to the waiting room" })).click();
    expect(commands(socket)).toEqual([["lobby.return", { participant: "b" }]]);
  });

  it("sees who waits, lets one in, and says not now with a word", async () => {
    const socket = await enter("h");
    happens(socket, { kind: "joined", participant: "c", joined: person("c", "Cy Example", { place: "lobby" }) });
    (await screen.findByRole("button", { name: "Let in: Cy Example" })).click();
    screen.getByRole("button", { name: "Actions for Cy Example" }).click();
    const word = await screen.findByRole<HTMLInputElement>("textbox", { name: /A kind word/ });
    word.value = "At eight, please.";
    word.dispatchEvent(new Event("input", { bubbles: true }));
    screen.getByRole("button", { name: "Not now" }).click();
    expect(commands(socket)).toEqual([["lobby.admit", { participant: "c" }], ["lobby.deny", { participant: "c", text: "At eight, please." }]]);
  });

  it("stops everything with one key, and gives it back step by step", async () => {
    const socket = await enter("h");
    dispatchEvent(new KeyboardEvent("keydown", { code: "KeyP", altKey: true, shiftKey: true }));
    expect(commands(socket)).toEqual([["panic", {}]]);
    happens(socket, { kind: "panicked", settings: { ...settings, frozen: { chat: true, stage: true, floor: true } } });
    const banner = await screen.findByRole("group", { name: "Everything is stopped" });
    within(banner).getByRole("button", { name: "Chat" }).click();
    expect(commands(socket).at(-1)).toEqual(["unfreeze", { part: "chat" }]);
    happens(socket, { kind: "unfrozen", part: "chat", settings: { ...settings, frozen: { chat: false, stage: true, floor: true } } });
    await vi.waitFor(() => expect(within(banner).queryByRole("button", { name: "Chat" })).toBeNull());
  });

  it("who is a co-host ends a stop only while standing in", async () => {
    const socket = await enter("k");
    happens(socket, { kind: "panicked", settings: { ...settings, frozen: { chat: true, stage: true, floor: true } } });
    const banner = await screen.findByRole("group", { name: "Everything is stopped" });
    expect(within(banner).queryAllByRole("button")).toEqual([]);
    happens(socket, { kind: "away", participant: "h" });
    happens(socket, { kind: "stood-in", participant: "k", actor: "" });
    (await within(banner).findByRole("button", { name: "Everything" })).click();
    await vi.waitFor(() => expect(commands(socket)[0]).toEqual(["unfreeze", { part: "chat" }]));
    expect(screen.getAllByText(/You have the host's controls/).length).toBeGreaterThan(0);
    happens(socket, { kind: "returned", participant: "h" });
    await vi.waitFor(() => expect(within(banner).queryAllByRole("button")).toEqual([]));
  });

  it("locks, and takes it back", async () => {
    const socket = await enter("h");
    screen.getByRole("button", { name: "Lock" }).click();
    socket.says({ type: "done", id: socket.sent.at(-1)?.id });
    (await screen.findByRole("button", { name: "Undo" })).click();
    await vi.waitFor(() => expect(commands(socket)).toEqual([["lock", {}], ["unlock", {}]]));
  });

  it("posts a newcomer's first message", async () => {
    const socket = await enter("h");
    happens(socket, { kind: "held", participant: "b", actor: "b", message: { id: "m7", from: "b", name: "Bo Example", text: "My first", at: "", deleted: false } });
    (await screen.findByRole("button", { name: "Post the message from Bo Example" })).click();
    expect(commands(socket)).toEqual([["chat.approve", { message: "m7" }]]);
  });

  it("reads a refusal as a sentence", async () => {
    const socket = await enter("h");
    screen.getByRole("button", { name: "Step down" }).click();
    socket.says({ type: "error", id: socket.sent.at(-1)?.id, code: "forbidden" });
    expect((await screen.findAllByText("You may not do that here.")).length).toBeGreaterThan(0);
  });
});
