// The whole way through, with real pages: a host and two patrons, each in a
// browser context of their own. It waits on what a person would see or hear.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accessible, launch, person, pictureMoves, received, seesAndHears, until } from "./browser.mjs";
import { bringOnStage, controls, createEvent, host, join, mailTo, personalLink, register, signIn, turnOn } from "./steps.mjs";
import { startSite } from "./site.mjs";

let site, browser, staff, ada, ben, adaLink, benLink, eventPath, broken;

/** One step of the journey; after one that failed, the later ones cannot mean anything. */
function step(name, does) {
  test(name, async () => {
    assert.ok(!broken, `not tried, since this failed: ${broken}`);
    broken = name;
    await does();
    broken = undefined;
  });
}
const title = "A talk made by the test";

before(async () => {
  site = await startSite();
  browser = await launch();
  staff = await person(browser);
  ada = await person(browser);
  ben = await person(browser);
});
after(async () => {
  await browser?.close();
  await site?.stop();
});

step("one person alone hears and sees the live talk, two clicks after the mail", async () => {
  const alone = await person(browser, { devices: false });
  await register(alone, site, site.live, "Solo Example", "solo@patron.invalid");
  const link = await personalLink(alone, site, "solo@patron.invalid");
  await join(alone, link);
  assert.ok(!alone.url().includes("#"), "the ticket stays in the address bar");
  await seesAndHears(alone);
  await pictureMoves(alone, alone.locator("video").first());
  assert.deepEqual(alone.faults, []);
  await alone.context().close();
});

step("staff sign in and create an event on a plain form", async () => {
  await signIn(staff, site.signIn);
  assert.ok(!staff.url().includes("#"), "the code stays in the address bar");
  await createEvent(staff, site, title, { capacity: 3 });
  eventPath = await staff.getByRole("link", { name: "Public page" }).getAttribute("href");
});

step("patrons register without JavaScript, and the mail brings the link", async () => {
  const plain = await person(browser, { javaScript: false });
  await plain.goto(site.url);
  await plain.getByRole("link", { name: "Events", exact: true }).first().click();
  await plain.getByRole("link", { name: title }).click();
  await register(plain, site, plain.url(), "Ada Example", "ada@patron.invalid");
  await plain.getByText("mail", { exact: false }).first().waitFor();
  assert.ok(!(await plain.content()).includes("/join#"), "the page after registering shows the ticket");
  adaLink = await personalLink(plain, site, "ada@patron.invalid");
  await register(plain, site, eventPath, "Ben Example", "ben@patron.invalid");
  benLink = await personalLink(plain, site, "ben@patron.invalid");
  await plain.goto(new URL(eventPath, site.url).href);
  await plain.getByText("1 seat left").first().waitFor();
  await plain.context().close();
});

step("the host enters and publishes camera, microphone and screen; a patron sees and hears them", async () => {
  await staff.getByRole("link", { name: "Enter the room as host" }).click();
  await controls(staff).waitFor();
  await turnOn(staff, "Camera");
  await turnOn(staff, "Microphone");
  await join(ada, adaLink);
  await seesAndHears(ada);
  await pictureMoves(ada, ada.getByLabel("Camera of Demo Librarian"));
  await turnOn(staff, "Screen");
  await ada.getByLabel("Screen of Demo Librarian").waitFor();
  await controls(staff).getByRole("button", { name: "Screen" }).click();
  await ada.getByLabel("Screen of Demo Librarian").waitFor({ state: "detached" });
});

step("what one writes, the others read", async () => {
  await ada.getByPlaceholder("Write a message").fill("Good evening <b>all</b>");
  await ada.getByRole("button", { name: "Send", exact: true }).click();
  await staff.getByRole("log").getByText("Good evening <b>all</b>").waitFor();
});

step("a patron raises a hand, is invited, agrees and speaks", async () => {
  await bringOnStage(staff, ada, "Ada Example");
  await turnOn(ada, "Camera");
  await seesAndHears(staff);
  await pictureMoves(staff, staff.getByLabel("Camera of Ada Example"));
});

step("the host mutes, and the sound stands still", async () => {
  await seesAndHears(staff, { video: false });
  await host(staff, "Ada Example", "Mute the microphone");
  await controls(ada).getByRole("button", { name: /Microphone .*turned off by the host/ }).waitFor();
  // Ada alone is heard by the host: her packets end, and the energy stands still while her picture goes on.
  await until("the sound stands still", async () => {
    const first = await received(staff);
    const second = await until("the picture goes on", () => received(staff), (now) => now.framesDecoded > first.framesDecoded + 15);
    return { first, second };
  }, ({ first, second }) => first.audioPackets === second.audioPackets && first.totalAudioEnergy === second.totalAudioEnergy);
});

step("the removed patron cannot come back: same ticket, reload, a new registration, a plus-address", async () => {
  await host(staff, "Ada Example", /Remove/);
  await staff.getByRole("dialog").getByRole("button", { name: "Remove", exact: true }).click();
  const refused = (page) => page.getByRole("heading", { name: "You cannot take part in this event" }).waitFor();
  await refused(ada);
  await ada.reload();
  await refused(ada);
  const again = await person(browser);
  await again.goto(adaLink);
  await again.getByRole("button", { name: "Join the event" }).click();
  await refused(again);
  for (const email of ["ada@patron.invalid", "ada+again@patron.invalid", "ADA@patron.invalid"]) {
    await register(again, site, eventPath, "Somebody Else", email);
  }
  await again.goto(adaLink);
  await again.getByRole("button", { name: "Join the event" }).click();
  await refused(again);
  assert.equal(await staff.getByRole("region", { name: /People/ }).getByText("Ada Example").count(), 0);
  await again.context().close();
});

step("staff let the removed patron back, and the link opens the door again", async () => {
  const console = await person(browser, { storageState: await staff.context().storageState() });
  await console.goto(`${site.url}/staff/bans`);
  await console.getByRole("heading", { name: "Ada Example" }).waitFor();
  await accessible(console, "who is kept out");
  await console.getByRole("button", { name: "Let back: Ada Example" }).click();
  await console.getByRole("dialog").getByRole("button", { name: "Let back", exact: true }).click();
  await console.getByText("Nobody is kept out.").waitFor();
  await join(ada, adaLink);
  await console.context().close();
});

step("a patron cancels on My seat; the seat is free again and the old link is refused kindly", async () => {
  await ben.goto(benLink.replace("/join#", "/my#"));
  await ben.getByText("Seat of Ben Example").waitFor();
  assert.ok(!ben.url().includes("#"), "the ticket stays in the address bar");
  const seats = async () => (await (await fetch(`${site.url}/api${new URL(eventPath, site.url).pathname}`)).json()).seatsLeft;
  const before = await seats();
  await ben.getByRole("button", { name: /Give my seat back/ }).click();
  await ben.getByRole("button", { name: "Give my seat back" }).click();
  await ben.getByText("Your seat is free again").waitFor();
  assert.equal(await seats(), before + 1);
  await ben.goto(benLink);
  await ben.getByRole("heading", { name: "This link is no longer valid" }).waitFor();
});

step("the outbox shows what was mailed, and no page did what it should not", async () => {
  await mailTo(ben, site, "ben@patron.invalid");
  await staff.goto(`${site.url}/staff/outbox`);
  await staff.getByText("To ada@patron.invalid").first().waitFor();
  for (const page of [staff, ada, ben]) assert.deepEqual(page.faults, []);
});
