// Every page, as axe sees it in both themes, and on a screen of 320 pixels (a
// laptop at 400 %), where nothing may need scrolling sideways.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accessible, launch, person } from "./browser.mjs";
import { bringOnStage, controls, createEvent, host, join, personalLink, register, signIn } from "./steps.mjs";
import { startSite } from "./site.mjs";

const long = "A title so long that it must break over several lines of a small telephone: Unabhängigkeitserklärungsdiskussionsabend";
let site, browser, staff, ada, adaLink, laterLink, later;

before(async () => {
  site = await startSite();
  browser = await launch();
  [staff, ada] = await Promise.all([person(browser), person(browser)]);
  await signIn(staff, site.signIn);
  await createEvent(staff, site, long, { minutesAhead: 90, capacity: 5 });
  later = await staff.getByRole("link", { name: "Public page" }).getAttribute("href");
  await register(ada, site, later, "Ada Example", "ada@patron.invalid");
  laterLink = await personalLink(ada, site, "ada@patron.invalid");
  await register(ada, site, site.live, "Ben Example", "ben@patron.invalid");
  adaLink = await personalLink(ada, site, "ben@patron.invalid");
});
after(async () => {
  await browser?.close();
  await site?.stop();
});

/** Looks at what the page shows now: axe twice, then the small screen. */
async function look(page, where) {
  await accessible(page, where);
  const size = page.viewportSize();
  await page.setViewportSize({ width: 320, height: 256 });
  const sideways = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  await page.setViewportSize(size);
  assert.equal(sideways, 0, `${where} scrolls sideways on a small screen`);
  assert.deepEqual(page.faults, [], where);
}

const heading = (page) => page.getByRole("heading", { level: 1 }).first().waitFor();

test("public pages", async () => {
  const my = laterLink.replace("/join#", "/my#");
  for (const path of ["/", "/events", new URL(site.live).pathname, later, "/my", my, "/nothing/here", "/demo/mailbox"]) {
    await ada.goto(new URL(path, site.url).href);
    await heading(ada);
    if (path === my) await ada.getByText("Seat of").waitFor(); // the page that the ticket is posted from is gone
    await look(ada, path);
  }
});

test("the pages before the room", async () => {
  const fresh = await person(browser);
  await fresh.goto(`${site.url}/join`);
  await heading(fresh);
  await look(fresh, "no ticket");
  await fresh.goto(adaLink);
  await fresh.getByRole("button", { name: "Join the event" }).waitFor();
  await fresh.getByRole("switch", { name: "Camera" }).click();
  await fresh.getByRole("switch", { name: "Microphone" }).click();
  await fresh.getByLabel("Which camera").waitFor();
  await look(fresh, "the check before the room");
  await fresh.goto(laterLink);
  await fresh.getByRole("button", { name: "Join the event" }).click();
  await fresh.getByRole("heading", { name: "You are early" }).waitFor();
  await look(fresh, "doors closed");
  await fresh.context().close();
});

test("the console", async () => {
  const fresh = await person(browser);
  await fresh.goto(`${site.url}/staff/sign-in`);
  await heading(fresh);
  await look(fresh, "sign in");
  await fresh.context().close();
  for (const [path, ready] of [
    ["/staff", () => staff.getByRole("link", { name: long }).waitFor()],
    ["/staff/events/new", () => staff.getByRole("button", { name: "Publish event" }).waitFor()],
    ["/staff/outbox", () => staff.getByText("To ada@patron.invalid").first().waitFor()],
  ]) {
    await staff.goto(site.url + path);
    await ready();
    await look(staff, path);
  }
  await staff.goto(`${site.url}/staff`);
  await staff.getByRole("link", { name: long }).click();
  await staff.getByRole("cell", { name: "ada@patron.invalid" }).waitFor();
  await look(staff, "one event");
  await staff.getByRole("button", { name: "Cancel this event" }).click();
  await look(staff, "cancel this event?");
  await staff.getByRole("button", { name: "Keep the event" }).click();
});

test("the room, from the floor, from the stage and as a host", async () => {
  await staff.goto(site.live.replace("/events/", "/room/"));
  await controls(staff).waitFor();
  await join(ada, adaLink);
  await look(ada, "the room");
  await staff.getByPlaceholder("Write a message").fill("Good evening");
  await staff.getByRole("button", { name: "Send", exact: true }).click();
  await ada.getByRole("log").getByText("Good evening").waitFor();
  await bringOnStage(staff, ada, "Ben Example");
  await look(ada, "the room, on stage");
  await staff.getByRole("region", { name: /People/ }).getByRole("button", { name: "Actions for Ben Example" }).click();
  await look(staff, "the room, as a host");
  await ada.setViewportSize({ width: 390, height: 844 });
  for (const part of ["Chat", "People", "Stage"]) {
    await ada.getByRole("navigation", { name: "Parts of the room" }).getByRole("button", { name: part }).click();
    await look(ada, `the room on a telephone, ${part}`);
  }
  await ada.getByRole("button", { name: "Settings" }).click();
  await look(ada, "settings");
  await ada.getByRole("button", { name: "Close" }).click();
});

test("the ways a visit ends", async () => {
  await controls(ada).getByRole("button", { name: "Leave" }).click();
  await ada.getByRole("heading", { name: "You left the room" }).waitFor();
  await look(ada, "left");
  await ada.getByRole("button", { name: "Go back in" }).click();
  await controls(ada).waitFor();
  await staff.getByRole("button", { name: "Actions for Ben Example" }).waitFor();
  await host(staff, "Ben Example", /Remove/);
  await look(staff, "remove?");
  await staff.getByRole("dialog").getByRole("button", { name: "Remove", exact: true }).click();
  await ada.getByRole("heading", { name: "You cannot take part in this event" }).waitFor();
  await look(ada, "removed");
});
