import { svelte } from "@sveltejs/vite-plugin-svelte";
import { svelteTesting } from "@testing-library/svelte/vite";
import { defineConfig } from "vitest/config";

// Three entries, found by the server through dist/.vite/manifest.json under these names.
const entries: Record<string, string> = {
  room: "src/pages/room/main.ts",
  console: "src/pages/console/main.ts",
  public: "src/public/public.ts",
};
export default defineConfig({
  plugins: [svelte(), svelteTesting()],
  base: "/",
  publicDir: false,
  build: {
    manifest: true,
    // dist/placeholder.txt is committed so that Go compiles without npm: scripts/clean.mjs empties the rest.
    emptyOutDir: false,
    // The polyfill would be an inline script, which the content security policy refuses.
    modulePreload: { polyfill: false },
    // No data: addresses either: fonts and pictures stay files.
    assetsInlineLimit: 0,
    target: "es2022",
    rollupOptions: { input: entries },
  },
  test: {
    environment: "jsdom",
    include: ["src/**/*.test.ts", "messages/**/*.test.ts"],
  },
});
