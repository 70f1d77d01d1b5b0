// The rule (ARCHITECTURE: pages -> ui, state -> live, api -> wire): arrows point one way, only live touches the
// socket and WebRTC, only api calls fetch, and nothing puts text into a page as markup.
import { describe, expect, it } from "vitest";

const sources = Object.entries(
  import.meta.glob<string>(["./**/*.{ts,svelte}", "!./**/*.test.ts", "!./public/**"], { query: "?raw", eager: true, import: "default" }),
);
const layers = ["wire", "api", "live", "state", "ui", "pages"] as const;
type Layer = (typeof layers)[number];
const mayImport: Record<Layer, Layer[]> = {
  wire: [],
  api: ["wire"],
  live: ["wire"],
  state: ["wire", "live"],
  ui: ["wire", "live"],
  pages: ["wire", "api", "live", "state", "ui"],
};

function layerOf(path: string): Layer {
  const layer = layers.find((l) => path.startsWith(`./${l}/`));
  if (!layer) throw new Error(`${path} is in no layer`);
  return layer;
}

describe("every file", () => {
  for (const [path, code] of sources) {
    it(path, () => {
      const layer = layerOf(path);
      const imported = [...code.matchAll(/from "((?:\.\.?\/)+)([a-z]+)\//g)].map((m) => m[2] ?? "").filter((l) => layers.includes(l as Layer));
      for (const other of imported) expect(layer === other || mayImport[layer].includes(other as Layer), `${layer} imports ${other}`).toBe(true);
      if (layer !== "live") expect(code).not.toMatch(/new (RTCPeerConnection|WebSocket|AudioContext)\b|getUserMedia|getDisplayMedia/);
      if (layer !== "api") expect(code).not.toMatch(/\bfetch\(|XMLHttpRequest|sendBeacon/);
      expect(code).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|\{@html|\beval\(|new Function/);
      expect(code).not.toMatch(/\sstyle=|\bsetAttribute\("style"/);
      expect(code).not.toMatch(/:\s*any\b|as any\b|<any>|@ts-ignore|@ts-expect-error/);
      expect(code).not.toMatch(/https?:\/\/(?!www\.w3\.org)/);
    });
  }
});
