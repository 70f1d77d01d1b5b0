// The rule (WCAG 2.1.4): no shortcut is a letter alone, and none acts without both Alt and Shift.
import { describe, expect, it } from "vitest";
import { shortcut } from "./shortcuts";

const press = (code: string, held: Partial<Record<"altKey" | "shiftKey" | "ctrlKey" | "metaKey" | "repeat", boolean>> = {}) =>
  shortcut({ code, altKey: false, shiftKey: false, ctrlKey: false, metaKey: false, repeat: false, ...held });

describe("shortcut", () => {
  it("leaves letters to typing", () => expect(press("KeyM")).toBeUndefined());
  it("leaves Alt with a letter to the system and its special characters", () => expect(press("KeyM", { altKey: true })).toBeUndefined());
  it("acts on Alt, Shift and the letter", () => expect(press("KeyM", { altKey: true, shiftKey: true })).toBe("mic"));
  it("does not flicker while a key is held", () => expect(press("KeyM", { altKey: true, shiftKey: true, repeat: true })).toBeUndefined());
  it("does not mix with Ctrl", () => expect(press("KeyM", { altKey: true, shiftKey: true, ctrlKey: true })).toBeUndefined());
});
