// What people do in these tests, as they would do it: by reading the page and
// pressing what it offers.
import assert from "node:assert/strict";
import { until } from "./browser.mjs";

/** Registers on the event's page and answers the personal link from the demo's mailbox. */
export async function register(page, site, eventPath, name, email) {
  await page.goto(new URL(eventPath, site.url).href);
  await page.getByLabel("Your name").fill(name);
  await page.getByLabel("Your mail address").fill(email);
  await page.getByRole("button", { name: "Keep my seat" }).click();
  await page.getByRole("heading", { level: 1 }).waitFor();
}

/** The newest mail to an address in the demo's mailbox, once it is there. */
export async function mailTo(page, site, email, containing = "") {
  const mail = page.locator("details.mail", { hasText: email }).filter({ hasText: containing }).first();
  await until(`a mail to ${email}`, async () => {
    await page.goto(`${site.url}/demo/mailbox`);
    return mail.count();
  }, (n) => n > 0);
  return mail;
}

export async function personalLink(page, site, email) {
  const mail = await mailTo(page, site, email);
  const link = await mail.locator("a[href*='/join#']").first().getAttribute("href");
  assert.match(link, /\/join#[\w-]{43}$/);
  return link;
}

/** From the link in the mail into the room: the second click of two. */
export async function join(page, link) {
  await page.goto(link);
  await page.getByRole("button", { name: "Join the event" }).click();
  await page.getByRole("toolbar", { name: "Your controls" }).waitFor();
}

/** Signs in with a link, and answers on the console. */
export async function signIn(page, link) {
  await page.goto(link);
  await page.getByRole("link", { name: "New event" }).first().waitFor();
}

/** Creates an event that starts in a few minutes, on the plain form; answers its console address. */
export async function createEvent(page, site, title, { minutesAhead = 3, capacity = 2 } = {}) {
  await page.getByRole("link", { name: "New event" }).first().click();
  await page.getByLabel("Title").fill(title);
  await page.getByLabel("In one sentence").fill("Made by the browser test.");
  const zone = page.getByLabel("Time zone");
  await until("the library's zone", () => zone.inputValue(), (value) => value === "Europe/London");
  // The Swedish locale writes "2026-11-24 18:30".
  const start = new Date(Date.now() + minutesAhead * 60_000).toLocaleString("sv", { timeZone: "Europe/London" });
  await page.getByLabel("Date").fill(start.slice(0, 10));
  await page.getByLabel("Starts at").fill(start.slice(11, 16));
  await page.getByLabel("Seats").fill(String(capacity));
  await page.getByRole("button", { name: "Publish event" }).click();
  await page.getByRole("heading", { level: 1, name: title }).waitFor();
}

export const controls = (page) => page.getByRole("toolbar", { name: "Your controls" });

/** Turns one of one's own devices on, from the stage. */
export async function turnOn(page, device) {
  await controls(page).getByRole("button", { name: device }).click();
  await isOn(page, device);
}

/** Waits until one of one's own devices is on. */
export async function isOn(page, device) {
  const button = controls(page).getByRole("button", { name: device });
  await until(`${device} on`, () => button.getAttribute("aria-pressed"), (pressed) => pressed === "true");
}

/** The hand, the host's invitation and the yes to it: the person speaks from the stage. */
export async function bringOnStage(staff, page, name) {
  await controls(page).getByRole("button", { name: "Raise hand" }).click();
  await staff.getByRole("button", { name: `Invite: ${name}` }).click();
  await page.getByRole("button", { name: "Go on stage" }).click();
  await isOn(page, "Microphone"); // saying yes is agreeing to speak
}

/** The names under a heading of the list of people ("On stage", "Hands raised"), in order. */
export async function listed(page, heading) {
  return page.getByRole("region", { name: /People/ }).evaluate((region, wanted) => {
    const title = [...region.querySelectorAll("h3")].find((h) => h.textContent.startsWith(wanted));
    return [...(title?.nextElementSibling?.querySelectorAll(".name") ?? [])].map((n) => n.textContent);
  }, heading);
}

/** Opens what a host may do to a person, and presses one of it. */
export async function host(page, name, action) {
  const people = page.getByRole("region", { name: /People/ });
  const group = people.getByRole("group", { name: `Actions for ${name}` });
  const opener = people.getByRole("button", { name: `Actions for ${name}` });
  if ((await opener.getAttribute("aria-expanded")) !== "true") await opener.click();
  await group.getByRole("button", { name: action }).click();
}
