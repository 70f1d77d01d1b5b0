// A host alone with a room: the door, the lock, the stop and the chat, with real
// pages and real sound on both sides.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accessible, launch, person, received, seesAndHears, until } from "./browser.mjs";
import { bringOnStage, controls, host, isOn, join, listed, personalLink, register, signIn, turnOn } from "./steps.mjs";
import { startSite } from "./site.mjs";

let site, browser, staff, ada, ben, cyd, links;

before(async () => {
  site = await startSite();
  browser = await launch();
  [staff, ada, ben, cyd] = await Promise.all([1, 2, 3, 4].map(() => person(browser)));
  await signIn(staff, site.signIn);
  await staff.goto(site.live.replace("/events/", "/room/"));
  await controls(staff).waitFor();
  links = {};
  for (const name of ["Ada", "Ben", "Cyd"]) {
    await register(ada, site, site.live, `${name} Example`, `${name.toLowerCase()}@patron.invalid`);
    links[name] = await personalLink(ada, site, `${name.toLowerCase()}@patron.invalid`);
  }
  await join(ada, links.Ada);
});
after(async () => {
  await browser?.close();
  await site?.stop();
});

/** Chooses one of the host's decisions about the room. */
async function decide(label, option) {
  const fold = staff.locator("details", { hasText: "Door, chat and audience" });
  if (!(await fold.evaluate((details) => details.open))) await fold.locator("summary").click();
  await staff.getByLabel(label, { exact: true }).selectOption({ label: option });
}
async function knock(page, link) {
  await page.goto(link);
  await page.getByRole("button", { name: "Join the event" }).click();
}
const waits = (page) => page.getByRole("heading", { name: "Please wait a moment" }).waitFor();
const sees = (page, text) => page.getByRole("log").getByText(text, { exact: true }).waitFor();
const box = (page) => page.getByPlaceholder("Write a message");
async function says(page, text) {
  await box(page).fill(text);
  await page.getByRole("button", { name: "Send", exact: true }).click();
}

test("who waits is shown to the host, sees nothing of the room, is told, asks again and comes in", async () => {
  await decide("Who comes in", "Everyone waits until you let them in");
  await staff.getByRole("button", { name: "Undo" }).waitFor();
  await knock(ben, links.Ben);
  await waits(ben);
  assert.equal(await ben.getByRole("log").count(), 0);
  assert.ok(!(await ben.content()).includes("Ada Example"), "the lobby shows who is inside");
  await accessible(ben, "the lobby");
  await staff.getByRole("button", { name: "Let in: Ben Example" }).waitFor();
  assert.deepEqual(await listed(staff, "At the door"), ["Ben Example"]);
  assert.deepEqual(await listed(ada, "At the door"), []);
  await staff.getByRole("button", { name: "Actions for Ben Example" }).click();
  await staff.getByLabel(/A kind word/).fill("In five minutes, please.");
  await staff.getByRole("button", { name: "Not now" }).click();
  await ben.getByText("In five minutes, please.").waitFor();
  await ben.getByRole("button", { name: "Ask again" }).click();
  await ben.getByText("We told the host").waitFor();
  await knock(cyd, links.Cyd);
  await waits(cyd);
  await accessible(staff, "the room with people at the door");
  await staff.getByRole("button", { name: "Let everyone in" }).click();
  for (const page of [ben, cyd]) await controls(page).waitFor();
  await seesAndHears(ben);
});

test("somebody sent to the waiting room leaves the room's sight, and comes back", async () => {
  await host(staff, "Cyd Example", /Remove/);
  await staff.getByRole("dialog").getByRole("radio", { name: /To the waiting room/ }).check();
  await staff.getByRole("button", { name: "Send to the waiting room" }).click();
  await cyd.getByRole("heading", { name: "You are in the waiting room" }).waitFor();
  await until("Ada no longer sees Cyd", () => listed(ada, "In the audience"), (names) => !names.includes("Cyd Example"));
  await staff.getByRole("button", { name: "Let in: Cyd Example" }).click();
  await controls(cyd).waitFor();
});

test("a locked room takes nobody new, until it is open again", async () => {
  await controls(cyd).getByRole("button", { name: "Leave" }).click();
  await decide("Who comes in", "Everyone with a seat");
  await staff.keyboard.press("Alt+Shift+D");
  await staff.getByRole("button", { name: "Locked", pressed: true }).waitFor();
  await cyd.getByRole("button", { name: "Go back in" }).click();
  await cyd.getByRole("heading", { name: "The room takes nobody new just now" }).waitFor();
  await staff.keyboard.press("Alt+Shift+Z"); // undo
  await staff.getByRole("button", { name: "Lock", exact: true, pressed: false }).waitFor();
  await cyd.getByRole("button", { name: "Try again" }).click();
  await controls(cyd).waitFor();
});

test("one key stops sound, picture and chat; they come back part by part and by each person's own click", async () => {
  await turnOn(staff, "Microphone");
  await bringOnStage(staff, ben, "Ben Example");
  await seesAndHears(ada);
  await staff.keyboard.press("Alt+Shift+P");
  const banner = staff.getByRole("group", { name: "Everything is stopped" });
  await banner.waitFor();
  await ada.getByText("The host has stopped sound, pictures and chat").first().waitFor();
  await accessible(staff, "the stopped room");
  const still = await until("no more packets", async () => {
    const first = await received(ada);
    await ada.evaluate(() => new Promise((seen) => requestAnimationFrame(() => requestAnimationFrame(seen))));
    return { first, second: await received(ada) };
  }, ({ first, second }) => first.audioPackets === second.audioPackets && first.videoPackets === second.videoPackets);
  await box(ada).fill("Said into the stop");
  assert.equal(await ada.getByRole("button", { name: "Send", exact: true }).isDisabled(), true);
  await banner.getByRole("button", { name: "Chat" }).click();
  await ada.getByRole("button", { name: "Send", exact: true }).click();
  await sees(staff, "Said into the stop");
  assert.deepEqual((await received(ada)).audioPackets, still.second.audioPackets, "sound came with the chat");
  await banner.getByRole("button", { name: "Everything" }).click();
  await banner.waitFor({ state: "detached" });
  await ben.getByRole("group", { name: /allows your microphone again/ }).getByRole("button", { name: "Turn on" }).click();
  await isOn(ben, "Microphone");
  await until("Ben is heard again", () => received(ada), (now) => now.audioPackets > still.second.audioPackets + 20);
});

test("a host's mute ends with the host's leave and the person's own yes", async () => {
  await host(staff, "Ben Example", "Mute the microphone");
  await controls(ben).getByRole("button", { name: /Microphone .*turned off by the host/ }).waitFor();
  await host(staff, "Ben Example", "Allow the microphone again");
  const offer = ben.getByRole("group", { name: /allows your microphone again/ });
  await offer.waitFor();
  assert.equal(await controls(ben).getByRole("button", { name: "Microphone" }).getAttribute("aria-pressed"), "false");
  await offer.getByRole("button", { name: "Turn on" }).click();
  await isOn(ben, "Microphone");
});

test("leave to speak from the audience: for one, and for all", async () => {
  await host(staff, "Ada Example", "Let speak from the audience");
  await turnOn(ada, "Microphone");
  await staff.getByRole("figure").filter({ hasText: "Ada Example" }).waitFor();
  await host(staff, "Ada Example", "End speaking from the audience");
  await controls(ada).getByRole("button", { name: "Microphone" }).waitFor({ state: "detached" });
  await decide("Microphone", "Everyone");
  await turnOn(cyd, "Microphone");
  await staff.getByRole("figure").filter({ hasText: "Cyd Example" }).waitFor();
});

test("the chat: slow with a countdown, for hosts only, off, and first messages that wait", async () => {
  await decide("Who may write", "Everyone, once in 60 seconds");
  await ben.getByText("Slow chat: one message in 60 seconds.").waitFor();
  await says(ben, "Slowly");
  await sees(staff, "Slowly");
  await ben.getByText(/You can send again in \d+ seconds/).waitFor();
  await says(ada, "Too soon"); // Ada wrote a moment ago, before the chat was slow
  await ada.getByText(/You can send again in \d+ seconds/).waitFor();
  assert.equal(await ada.getByRole("button", { name: "Send", exact: true }).isDisabled(), true);
  await decide("Who may write", "Only hosts");
  await ada.getByText("Only hosts write just now.").waitFor();
  await says(staff, "Only I");
  await sees(ada, "Only I");
  await decide("Who may write", "Nobody");
  await ada.getByText("The chat is closed.", { exact: true }).waitFor();
  await decide("Who may write", "Everyone");
  await staff.getByLabel("First messages of newcomers wait for you").check();
  await says(cyd, "My first words");
  await cyd.getByText("Your message waits for a host.", { exact: false }).first().waitFor();
  await staff.getByRole("button", { name: "Post the message from Cyd Example" }).click();
  await sees(ada, "My first words");
  assert.equal(await box(ada).inputValue(), "Too soon", "the draft is lost");
  for (const page of [staff, ada, ben, cyd]) assert.deepEqual(page.faults, []);
});
