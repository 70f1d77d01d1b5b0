// Fails the build when an entry's JavaScript, with everything it imports at start or later, is over its budget (gzip).
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const budgets = { room: 80, console: 120, public: 12 }; // kB of 1,000 bytes, design.md section 7
const manifest = JSON.parse(readFileSync("dist/.vite/manifest.json", "utf8"));

function files(key, seen) {
  if (seen.has(key)) return seen;
  seen.add(key);
  for (const next of [...(manifest[key].imports ?? []), ...(manifest[key].dynamicImports ?? [])]) files(next, seen);
  return seen;
}
const packed = (file) => gzipSync(readFileSync(`dist/${file}`), { level: 9 }).length / 1000;

for (const [key, entry] of Object.entries(manifest)) {
  if (!entry.isEntry) continue;
  const chunks = [...files(key, new Set())].map((k) => manifest[k]);
  const js = chunks.map((c) => c.file).filter((f) => f.endsWith(".js")).reduce((sum, f) => sum + packed(f), 0);
  const css = [...new Set(chunks.flatMap((c) => c.css ?? (c.file.endsWith(".css") ? [c.file] : [])))].reduce((sum, f) => sum + packed(f), 0);
  const budget = budgets[entry.name] ?? 12;
  console.log(`${entry.name}: ${js.toFixed(1)} kB of JavaScript (budget ${budget}), ${css.toFixed(1)} kB of CSS, gzip`);
  if (js > budget) {
    console.error(`${entry.name} is over its budget. Take something out, or load it later and say why.`);
    process.exitCode = 1;
  }
}
