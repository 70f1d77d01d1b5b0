// The rule (PROTOCOL.md sections 2, 3, 6, 7): hello with the last resume, come back after a loss without a click, stop
// at what is final, ask for a new token when the old one is spent, and never leave a command unanswered.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Connection } from "./connection";
import type { Entry, EntryAnswer, Status } from "./connection";
import { FakeSocket } from "./fake-socket";

const minutes = 60_000;
const entry = (token = "t1"): Entry => ({ token, expiresAt: Date.now() + 5 * minutes, live: "ws://127.0.0.1/live", iceServers: [] });
const welcome = { type: "welcome", resume: "secret", self: "p1", room: { id: "e1", version: 1, participants: [], hands: [], chat: [] }, limits: {} };

function connect(first: Entry | undefined = entry(), join: () => Promise<EntryAnswer> = () => Promise.resolve({ entry: entry("t2") })) {
  const seen: Status[] = [];
  const asked = vi.fn(join);
  const connection = new Connection(
    {
      room: "e1",
      join: asked,
      localTrack: () => undefined,
      onStatus: (status) => seen.push(status),
      onWelcome: () => undefined,
      onWaiting: () => undefined,
      onEntered: () => undefined,
      onEvent: (event) => event.version === 2,
      onStreams: () => undefined,
      onMediaBlocked: () => undefined,
    },
    first,
  );
  void connection.run();
  return { connection, asked, seen, kinds: () => seen.map((s) => s.kind) };
}

async function socket(number: number): Promise<FakeSocket> {
  await vi.waitFor(() => expect(FakeSocket.made.length).toBeGreaterThanOrEqual(number));
  return FakeSocket.made[number - 1]!;
}

async function inside(): Promise<ReturnType<typeof connect> & { first: FakeSocket }> {
  const visit = connect();
  const first = await socket(1);
  first.open();
  first.says(welcome);
  return { ...visit, first };
}

beforeEach(() => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  vi.stubGlobal("WebSocket", FakeSocket);
  FakeSocket.made = [];
  sessionStorage.clear();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("hello", () => {
  it("offers the subprotocol and sends the token first", async () => {
    const { first } = await inside();
    expect(first.protocol).toBe("lyceum.v1");
    expect(first.sent[0]).toEqual({ type: "hello", token: "t1" });
  });

  it("asks for a new token when the old one ends within 30 s", async () => {
    const { asked } = connect({ ...entry("old"), expiresAt: Date.now() + 20_000 });
    const first = await socket(1);
    first.open();
    expect(asked).toHaveBeenCalledTimes(1);
    expect(first.sent[0]).toMatchObject({ token: "t2" });
  });

  it("says move only after the person has said yes", async () => {
    const { connection, kinds } = connect();
    (await socket(1)).ends(4409);
    await vi.waitFor(() => expect(kinds()).toContain("elsewhere"));
    void connection.run(true);
    const second = await socket(2);
    second.open();
    expect(second.sent[0]).toMatchObject({ move: true });
  });
});

describe("a lost connection", () => {
  it("comes back by itself with the resume secret", async () => {
    const { first, kinds } = await inside();
    first.ends(1006);
    const second = await socket(2);
    second.open();
    expect(second.sent[0]).toEqual({ type: "hello", token: "t1", resume: "secret" });
    second.says(welcome);
    expect(kinds()).toEqual(["connecting", "open", "reconnecting", "open"]);
  });

  it("is noticed by silence though the socket stays open", async () => {
    const { first } = await inside();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(first.sent.filter((m) => m.type === "ping").length).toBeGreaterThanOrEqual(2);
    expect((await socket(2)).url).toBe(first.url);
  });

  it("tries at once when the network is back", async () => {
    const { first } = await inside();
    for (let n = 1; n < 7; n++) {
      (await socket(n)).ends(1006);
      await vi.advanceTimersByTimeAsync(8_000);
    }
    expect(first.readyState).toBe(3);
    const before = FakeSocket.made.length;
    FakeSocket.made.at(-1)?.ends(1006);
    await vi.advanceTimersByTimeAsync(1); // the next attempt is seconds away
    expect(FakeSocket.made.length).toBe(before);
    dispatchEvent(new Event("online"));
    await socket(before + 1);
  });

  it("is begun anew when an event is missing", async () => {
    const { first } = await inside();
    first.says({ type: "event", event: { version: 9, kind: "left", participant: "p2" } });
    await socket(2);
  });
});

describe("what is final", () => {
  const rows: [string, number, Status][] = [
    ["removed by a host", 4403, { kind: "removed" }],
    ["the event is over", 4404, { kind: "ended" }],
    ["another device took over", 4410, { kind: "moved" }],
    ["a bug in this page", 4400, { kind: "failed", code: "internal" }],
  ];
  for (const [name, code, status] of rows) {
    it(`${name}: no way back by itself`, async () => {
      const { first, seen } = await inside();
      first.ends(code);
      await vi.waitFor(() => expect(seen.at(-1)).toEqual(status));
      await vi.advanceTimersByTimeAsync(30_000);
      expect(FakeSocket.made.length).toBe(1);
    });
  }

  it("keeps the goodbye's word when the close frame is lost", async () => {
    const { first, seen } = await inside();
    first.says({ type: "bye", code: "removed" });
    first.ends(1006);
    await vi.waitFor(() => expect(seen.at(-1)).toEqual({ kind: "removed" }));
  });

  it("asks for one new token when the old one is refused, and then gives up", async () => {
    const { asked, seen } = connect();
    (await socket(1)).ends(4401);
    (await socket(2)).ends(4401);
    await vi.waitFor(() => expect(seen.at(-1)).toEqual({ kind: "failed", code: "token" }));
    expect(asked).toHaveBeenCalledTimes(1);
  });

  it("stays out when the site refuses the person", async () => {
    const { seen } = connect({ ...entry(), expiresAt: 0 }, () => Promise.resolve({ refused: "banned" }));
    await vi.waitFor(() => expect(seen.at(-1)).toEqual({ kind: "removed" }));
    expect(FakeSocket.made).toEqual([]);
  });

  it("says goodbye when the person leaves, and forgets the secret", async () => {
    const { connection, first, seen } = await inside();
    connection.leave();
    expect(first.sent.at(-1)).toEqual({ type: "bye" });
    expect(seen.at(-1)).toEqual({ kind: "left" });
    expect(sessionStorage.getItem("lyceum.resume.e1")).toBeNull();
  });
});

describe("commands", () => {
  it("resolve when the server says done", async () => {
    const { connection, first } = await inside();
    const said = connection.command("chat.send", { text: "Hello" });
    const sent = first.sent.at(-1);
    expect(sent).toMatchObject({ type: "command", name: "chat.send", args: { text: "Hello" } });
    first.says({ type: "done", id: sent?.id });
    await expect(said).resolves.toBeUndefined();
  });

  it("reject with the server's code", async () => {
    const { connection, first } = await inside();
    const muted = connection.command("publish", { source: "mic" });
    first.says({ type: "error", id: first.sent.at(-1)?.id, code: "muted" });
    await expect(muted).rejects.toMatchObject({ code: "muted" });
  });

  it("reject as offline when the connection ends before the answer, or was not there", async () => {
    const { connection, first } = await inside();
    const raised = connection.command("hand.raise");
    first.ends(1006);
    await expect(raised).rejects.toMatchObject({ code: "offline" });
    await expect(connection.command("hand.raise")).rejects.toMatchObject({ code: "offline" });
  });
});
