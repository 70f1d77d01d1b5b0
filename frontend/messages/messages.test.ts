// The rule: every text the code asks for is in the catalogue, and every text in the catalogue is asked for.
import { describe, expect, it } from "vitest";
import en from "./live.en.json";
import { errorText, t, tn, word } from ".";

const sources = import.meta.glob<string>(["../src/**/*.{ts,svelte}", "./index.ts", "!../src/**/*.test.ts", "!../src/public/**"], {
  query: "?raw", eager: true, import: "default",
});
const code = Object.values(sources).join("\n");
const keys = Object.keys(en);

/** Keys built at run time, such as t(`role.${person.role}`): everything before the first ${ is the stem. */
const stems = [...code.matchAll(/`([a-z]+\.[a-zA-Z.-]*)\$\{/g)].map((m) => m[1] ?? "");
/** Groups that word(), errorText() and fieldText() look into. */
const groups = [...code.matchAll(/word\("([a-z]+)"/g)].map((m) => `${m[1]}.`).concat("error.", "field.");

describe("the catalogue", () => {
  it("is sorted, so that two changes do not meet in one line", () => expect(keys).toEqual([...keys].sort()));

  it("has every text that the code names", () => {
    const asked = [...code.matchAll(/\bt\("([^"]+)"/g)].map((m) => m[1] ?? "");
    const counted = [...code.matchAll(/\btn\("([^"]+)"/g)].flatMap((m) => [`${m[1]}.one`, `${m[1]}.other`]);
    expect(asked.length).toBeGreaterThan(100);
    expect([...asked, ...counted].filter((key) => !keys.includes(key))).toEqual([]);
  });

  it("has no text that nothing asks for", () => {
    const named = (key: string) => code.includes(`"${key}"`) || code.includes(`"${key.replace(/\.(one|other)$/, "")}"`);
    const built = (key: string) => [...stems, ...groups].some((stem) => key.startsWith(stem));
    expect(keys.filter((key) => !named(key) && !built(key))).toEqual([]);
  });

  it("has both forms of every counted text, with the count in them", () => {
    for (const key of keys.filter((k) => k.endsWith(".one") || k.endsWith(".other"))) {
      const stem = key.replace(/\.(one|other)$/, "");
      expect(keys).toContain(`${stem}.one`);
      expect(keys).toContain(`${stem}.other`);
      expect(Reflect.get(en, key)).toContain("{count}");
    }
  });
});

describe("t", () => {
  it("fills names in and leaves what it has no value for", () => {
    expect(t("check.hello", { name: "Ada" })).toBe("Hello Ada.");
    expect(t("check.hello")).toBe("Hello {name}.");
  });
  it("does not read a name as a pattern or a placeholder", () => {
    expect(t("check.hello", { name: "$& {name}" })).toBe("Hello $& {name}.");
  });
  it("chooses the form for a count", () => {
    expect(tn("room.people.here", 1)).toBe("1 person here");
    expect(tn("room.people.here", 2)).toBe("2 people here");
  });
});

describe("texts for words of the server", () => {
  it("has a sentence for a code it knows and the general one for others", () => {
    expect(errorText("muted")).toContain("host");
    expect(errorText("made-up")).toBe(errorText("internal"));
    expect(errorText("__proto__")).toBe(errorText("internal"));
  });
  it("shows an unknown word as it is", () => expect(word("kind", "seance")).toBe("seance"));
});
