// The rule: what PROTOCOL.md calls valid from the server is read, everything else is skipped without a throw,
// and what this page sends is among the messages the server takes.
import { describe, expect, it } from "vitest";
import { closeReason, decode } from "./decode";
import { encode } from "./encode";
import { commandNames } from "./messages";
import type { ClientMessage } from "./messages";
import { frame, vectors } from "./vectors";

describe("the vectors of signaling/wire", () => {
  it("are there to be read", () => expect(vectors.length).toBeGreaterThan(50));

  for (const vector of vectors.filter((v) => v.direction === "to-client")) {
    it(`${vector.valid ? "reads" : "skips"}: ${vector.name}`, () => {
      const message = decode(frame(vector));
      if (vector.valid) expect(message?.type).toBe((vector.message as { type: string }).type);
      else expect(message).toBeUndefined();
    });
  }

  for (const vector of vectors.filter((v) => v.direction === "to-server" && v.valid && typeof v.message === "object")) {
    it(`writes: ${vector.name}`, () => {
      const message = vector.message as ClientMessage;
      expect(JSON.parse(encode(message))).toEqual(vector.message);
      if (message.type === "command") expect(commandNames).toContain(message.name);
    });
  }
});

describe("decode", () => {
  it("takes lists that Go left out for empty ones", () => {
    const welcome = decode('{"type":"welcome","resume":"r","self":"p1","room":{"id":"e","version":1,"chat":null}}');
    expect(welcome).toMatchObject({ room: { participants: [], hands: [], chat: [] }, limits: { chatLength: 1000 } });
  });

  it("keeps the version of an event kind it does not know", () => {
    const message = decode('{"type":"event","event":{"version":7,"kind":"quizzed"}}');
    expect(message).toMatchObject({ event: { version: 7, kind: "other" } });
  });

  it("is not fooled by names every object has", () => {
    expect(decode('{"type":"constructor"}')).toBeUndefined();
    expect(decode('{"type":"__proto__"}')).toBeUndefined();
  });
});

describe("closeReason", () => {
  it("knows the numbers of the protocol and calls the rest a lost connection", () => {
    expect(closeReason(4409)).toBe("elsewhere");
    expect(closeReason(1006)).toBeUndefined();
  });
});
