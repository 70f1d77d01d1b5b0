// Script vectors (our own collection, hostile-vectors.json) in every text that
// people can leave: titles, summaries, names, descriptions, chat, addresses. They
// are read back on every page that shows them, in a browser: none runs, no dialog
// opens, and no page breaks the content security policy (S6).
// Chromium only: playwright-core drives no Firefox but its own build.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, until } from "./browser.mjs";
import { postAll, sayAll, tokens, vectors, watched } from "./hostile.mjs";
import { controls, signIn } from "./steps.mjs";
import { startSite } from "./site.mjs";

let site, browser, visitor, events;

before(async () => {
  site = await startSite();
  browser = await launch();
  visitor = await watched(browser);
});
after(async () => {
  await browser?.close();
  await site?.stop();
});

test("the collection is large, and runs where nobody cleans", async () => {
  assert.ok(new Set(vectors).size >= 300, `${vectors.length} vectors`);
  const careless = await watched(browser);
  const page = careless.first;
  await page.route(`${site.url}/careless`, (route) => route.fulfill({ contentType: "text/html", body: vectors.slice(0, 1).concat(vectors.filter((v) => v.startsWith("<img"))).join("\n") }));
  await page.goto(`${site.url}/careless`);
  await until("vectors that run", () => careless.seen.struck.length, (n) => n > 20);
  await careless.close();
});

test("titles, summaries, speakers, branches and descriptions of hundreds of events", async () => {
  const page = visitor.first;
  await signIn(page, site.signIn);
  const startsAt = new Date(Date.now() + 3_600_000).toISOString().slice(0, 16) + ":00Z";
  const made = await postAll(page, vectors.map((v, at) => ({ at, path: "/api/staff/events", body: {
    title: v, summary: v, speaker: v, branch: v, description: v, kind: "class", audience: "general", format: "hybrid", startsAt, minutes: 60, timeZone: "UTC", capacity: 9,
  } })));
  events = made.filter((a) => a.status === 201).map((a) => a.body);
  assert.ok(events.length >= 300, `only ${events.length} events were taken`);
  assert.ok(made.every((a) => a.status === 201 || a.status === 422), "an event was neither taken nor refused");
  // Names with markup are refused; the title comes with the mail in any case.
  const seats = await postAll(page, events.slice(0, 320).map((e, at) => ({ at, path: `/api/events/${e.id}/registrations`, body: { name: e.title.replaceAll(/[<>[\]/\\@.]/g, "").slice(0, 60) || "Ada Example", email: `p${at}@patron.invalid` } })));
  assert.ok(seats.filter((a) => a.status === 201).length >= 250, "too few seats were taken to fill the mailbox");
});

test("every page that shows them, even without a policy", async () => {
  const page = visitor.first;
  const paths = events.map((e) => `/events/${e.slug}`).concat("/demo/mailbox");
  for (let path = "/events"; path; ) {
    paths.push(path);
    const text = await (await fetch(site.url + path)).text();
    path = /href="(\/events\?[^"]*after=[^"]*)"/.exec(text)?.[1].replaceAll("&amp;", "&");
  }
  assert.ok(paths.length > events.length + 3, "the list of events has only one page");
  // Many whole pages in one document that no policy guards: what is not written safely runs here.
  let text = [];
  await page.route(`${site.url}/unguarded`, (route) => route.fulfill({ contentType: "text/html; charset=utf-8", body: text.join("\n") }));
  for (let i = 0; i < paths.length; i += 50) {
    text = await Promise.all(paths.slice(i, i + 50).map(async (path) => (await fetch(site.url + path)).text()));
    text = text.map((t) => t.replaceAll(/<script[^>]*src=[^>]*><\/script>|<link[^>]*>/g, ""));
    await page.goto(`${site.url}/unguarded`);
  }
  visitor.unharmed("without a policy");
});

test("pages as people open them, with the policy", async () => {
  const page = visitor.first;
  const paths = events.filter((_, i) => i % 12 === 0).map((e) => `/events/${e.slug}`);
  for (const path of paths.concat("/", "/events", "/my", "/staff", "/staff/outbox", `/staff/events/${events[0].id}`, "/demo/mailbox")) {
    await page.goto(site.url + path);
    await page.evaluate(() => document.querySelectorAll("details").forEach((d) => (d.open = true)));
  }
  visitor.unharmed("on a page");
});

test("feeds and calendars, opened as pages", async () => {
  const page = visitor.first;
  for (const path of ["/events.atom", "/events.ics", `/events/${events[0].slug}.ics`]) {
    const answer = await fetch(site.url + path);
    assert.equal(answer.headers.get("x-content-type-options"), "nosniff", path);
    assert.match(answer.headers.get("content-type"), /atom\+xml|text\/calendar/, path);
    const text = await answer.text();
    assert.ok(!/^(URL|ATTACH)[^\r\n]*javascript:/im.test(text), `${path} has an address that runs`);
    await page.goto(site.url + path).catch((e) => assert.match(e.message, /Download is starting|ERR_ABORTED/));
  }
  visitor.unharmed("in a feed");
});

test("error pages repeat nothing of the address", async () => {
  const page = visitor.first;
  const shapes = new Set();
  for (const v of vectors) {
    const hostile = encodeURIComponent(v);
    for (const path of [`/${hostile}`, `/events/${hostile}`, `/events?after=${hostile}&kind=${hostile}`, `/room/${hostile}`]) {
      const answer = await fetch(site.url + path, { headers: { Accept: "text/html" } });
      const text = await answer.text();
      if (answer.status >= 400) shapes.add(`${path.split("/")[1] === "events" ? "events" : "any"} ${answer.status} ${text}`);
      if (v.includes("<")) assert.ok(!text.includes(v), `${path} repeats ${v}`);
    }
  }
  assert.ok(shapes.size <= 6, `error pages differ by address: ${shapes.size} kinds`);
  for (const v of vectors.slice(0, 20)) await page.goto(`${site.url}/${encodeURIComponent(v)}`);
  visitor.unharmed("on an error page");
});

test("chat and names in the room", async () => {
  const page = visitor.first;
  const talk = await (await fetch(`${site.url}/api${new URL(site.live).pathname}`)).json();
  await page.goto(`${site.url}/room/${talk.id}`);
  await controls(page).waitFor();
  const names = vectors.filter((v) => !v.includes("\u0000")).filter((_, i) => i % 20 === 0);
  const crowd = await visitor.more();
  await crowd.goto(`${site.url}/events`);
  const lines = vectors.map((v, i) => `${v} no. ${i}`).concat("the last line");
  const refused = await sayAll(crowd, site, await tokens(site, talk.id, names), lines);
  assert.deepEqual(refused.filter(([, code]) => code !== "invalid"), [], "a line was refused for a reason that is not its text");
  const log = page.getByRole("log");
  await log.getByText("the last line").waitFor();
  assert.ok(lines.length - refused.length >= 300, `only ${lines.length - refused.length} lines were said`);
  await page.reload(); // now all of it comes in one welcome
  await log.getByText("the last line").waitFor();
  visitor.unharmed("in the room");
});
