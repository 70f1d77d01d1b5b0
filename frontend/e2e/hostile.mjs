// What hostile.test.mjs watches and fills in: a page that notices when a vector
// runs, and the site's own doors through which hostile text comes in.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { person } from "./browser.mjs";

const run = promisify(execFile);
const binary = fileURLToPath(new URL("../../build/lyceum", import.meta.url));

/** Our own collection: each would call struck() if it ran. */
export const vectors = JSON.parse(await readFile(new URL("hostile-vectors.json", import.meta.url), "utf8"));

/** A browser of its own whose pages notice: a vector that runs, a dialog, a policy violation. */
export async function watched(browser) {
  const first = await person(browser);
  const context = first.context();
  const seen = { struck: [], dialogs: [], violations: [] };
  await context.exposeFunction("tellTheTest", (kind, text) => seen[kind].push(text));
  await context.addInitScript(() => {
    window.struck = () => window.tellTheTest("struck", document.URL);
    document.addEventListener("securitypolicyviolation", (event) =>
      window.tellTheTest("violations", `${document.URL}: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
  });
  const pages = [];
  const add = (page) => {
    page.on("dialog", (dialog) => {
      seen.dialogs.push(dialog.message());
      dialog.dismiss();
    });
    page.faults ??= [];
    pages.push(page);
    return page;
  };
  add(first);
  return {
    first,
    seen,
    more: async () => add(await context.newPage()),
    close: () => context.close(),
    /** Nothing ran, nothing tried to. */
    unharmed(where) {
      assert.deepEqual({ ...seen, faults: pages.flatMap((page) => page.faults) }, { struck: [], dialogs: [], violations: [], faults: [] }, where);
    },
  };
}

/** Posts JSON from the page, as its own scripts would; answers the statuses. */
export async function postAll(page, requests) {
  return page.evaluate(async (all) => {
    const answers = [];
    const next = async () => {
      for (let at; (at = all.pop()); ) {
        const r = await fetch(at.path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(at.body) });
        answers.push({ at: at.at, status: r.status, body: await r.json() });
      }
    };
    await Promise.all([next(), next(), next(), next()]);
    return answers.sort((a, b) => a.at - b.at);
  }, requests);
}

/** Room tokens of attendees with these names, by the operator's tool. */
export async function tokens(site, event, names) {
  const made = [];
  for (const name of names) {
    const { stdout } = await run(binary, ["token", "--event", event, `--name=${name}`], { env: { PATH: process.env.PATH, LYCEUM_DATA: site.folder } });
    made.push(stdout.trim());
  }
  return made;
}

/** Has everybody with a token join and say their share of the lines; answers what was not taken. */
export async function sayAll(page, site, given, lines) {
  const url = `${site.url.replace("http", "ws")}/live`;
  return page.evaluate(async ({ url, given, lines }) => {
    window.kept = [];
    const refused = [];
    await Promise.all(given.map((token, n) => new Promise((done, fail) => {
      const mine = lines.filter((_, i) => i % given.length === n);
      const socket = new WebSocket(url, "lyceum.v1");
      window.kept.push(socket);
      let open = mine.length;
      socket.onopen = () => socket.send(JSON.stringify({ type: "hello", token }));
      socket.onclose = (e) => fail(new Error(`closed ${e.code}`));
      socket.onmessage = ({ data }) => {
        const m = JSON.parse(data);
        if (m.type === "welcome") mine.forEach((text, i) => socket.send(JSON.stringify({ type: "command", id: String(i), name: "chat.send", args: { text } })));
        if (m.type === "error") refused.push([mine[Number(m.id)], m.code]);
        if ((m.type === "done" || m.type === "error") && --open === 0) done();
      };
    })));
    return refused;
  }, { url, given, lines });
}
