// Back without a click: after a network that was away, after a server that was
// killed, and on another device. Nothing is lost: role, place, hand, draft, chat.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, person, seesAndHears, until } from "./browser.mjs";
import { freePort, startProxy } from "./proxy.mjs";
import { bringOnStage, controls, isOn, join, listed, personalLink, register, signIn } from "./steps.mjs";
import { startSite } from "./site.mjs";

const draft = "Half a sentence that is not sent";
let site, proxy, ports, browser, staff, ada, ben, adaLink;

before(async () => {
  ports = { listen: `127.0.0.1:${await freePort()}`, media: `127.0.0.1:${await freePort()}` };
  proxy = await startProxy(Number(ports.listen.split(":")[1]));
  site = await startSite({ ...ports, publicUrl: proxy.url });
  browser = await launch();
  [staff, ada, ben] = await Promise.all([person(browser), person(browser), person(browser)]);
  await signIn(staff, site.signIn);
  await staff.goto(site.live.replace("/events/", "/room/"));
  await controls(staff).waitFor();
  for (const [page, name, email] of [[ada, "Ada Example", "ada@patron.invalid"], [ben, "Ben Example", "ben@patron.invalid"]]) {
    await register(page, site, site.live, name, email);
    const link = await personalLink(page, site, email);
    if (page === ada) adaLink = link;
    await join(page, link);
  }
  await bringOnStage(staff, ben, "Ben Example");
  await controls(ada).getByRole("button", { name: "Raise hand" }).click();
  await raised(ada);
  await ada.getByPlaceholder("Write a message").fill(draft);
});
after(async () => {
  await browser?.close();
  await proxy?.stop();
  await site?.stop();
});

const raised = (page) => controls(page).getByRole("button", { name: "Lower hand", pressed: true }).waitFor();
const comingBack = (page) => page.locator(".notice", { hasText: "Coming back" });

async function says(page, text) {
  await page.getByPlaceholder("Write a message").fill(text);
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await page.getByRole("log").getByText(text, { exact: true }).waitFor();
}
const chat = (page) => page.getByRole("log").locator("p.text").allTextContents();

/** Everybody is where they were, seen by themselves and by each other. */
async function asBefore() {
  for (const page of [staff, ada, ben]) await comingBack(page).waitFor({ state: "detached" });
  await raised(ada);
  assert.equal(await ada.getByPlaceholder("Write a message").inputValue(), draft);
  await isOn(ben, "Microphone");
  await controls(ben).getByRole("button", { name: "Step down" }).waitFor();
  for (const page of [staff, ada, ben]) {
    await until("the hand", () => listed(page, "Hands raised"), (names) => names.join() === "Ada Example");
    await until("the stage", () => listed(page, "On stage"), (names) => names.includes("Ben Example") && names.includes("Demo Librarian"));
    await until("nobody is away", () => page.getByRole("region", { name: /People/ }).locator(".away").count(), (n) => n === 0);
  }
  await staff.getByRole("button", { name: "Invite: Ada Example" }).waitFor(); // still the host
}

test("a network away for 20 s: back by themselves, in role and place, with hand and draft", async () => {
  await says(ben, "Before the cut");
  const cut = proxy.cut(20_000);
  await Promise.all([staff, ada, ben].map((page) => comingBack(page).waitFor()));
  const { refused } = await cut;
  assert.ok(refused >= 6, `the pages tried ${refused} times`);
  const whole = performance.now();
  await asBefore();
  console.log(`# back ${Math.round(performance.now() - whole)} ms after the network`);
  await seesAndHears(ada, { video: false });
  await says(ben, "After the cut");
  assert.deepEqual((await chat(staff)).filter((text) => text.endsWith("the cut")), ["Before the cut", "After the cut"]);
});

test("a server killed and started again: back by themselves, chat without a gap or a double", async () => {
  for (const n of [1, 2, 3]) await says(ben, `Said before the restart, ${n}`);
  await site.kill("SIGKILL");
  await Promise.all([staff, ada, ben].map((page) => comingBack(page).waitFor()));
  site = await startSite({ ...ports, publicUrl: proxy.url, data: site.folder });
  await asBefore();
  await seesAndHears(ada, { video: false });
  await says(ben, "Said after the restart");
  const wanted = [1, 2, 3].map((n) => `Said before the restart, ${n}`).concat("Said after the restart");
  for (const page of [staff, ada, ben]) {
    await until("the whole chat", async () => (await chat(page)).filter((text) => text.startsWith("Said")), (texts) => texts.length >= wanted.length);
    assert.deepEqual((await chat(page)).filter((text) => text.startsWith("Said")), wanted);
  }
});

test("a second device is asked, and takes over with hand and place", async () => {
  const phone = await person(browser, { viewport: { width: 390, height: 844 } });
  await phone.goto(adaLink);
  await phone.getByRole("button", { name: "Join the event" }).click();
  await phone.getByRole("heading", { name: /Move here\?/ }).waitFor();
  await raised(ada); // nothing happens before the answer
  await phone.getByRole("button", { name: "Move here" }).click();
  await raised(phone);
  await ada.getByRole("heading", { name: "You moved to another device" }).waitFor();
  assert.deepEqual(await listed(staff, "Hands raised"), ["Ada Example"]);
  for (const page of [staff, ada, ben, phone]) assert.deepEqual(page.faults, []);
});
