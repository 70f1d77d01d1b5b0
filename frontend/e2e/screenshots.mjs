// Takes the README's screenshots from a running demo: node frontend/e2e/screenshots.mjs
import { fileURLToPath } from "node:url";
import { launch, person, pictureMoves } from "./browser.mjs";
import { controls, join, personalLink, register, signIn } from "./steps.mjs";
import { startSite } from "./site.mjs";

const shot = (name) => fileURLToPath(new URL(`../screenshots/${name}.png`, import.meta.url));
const site = await startSite();
const browser = await launch();
try {
  const staff = await person(browser);
  await signIn(staff, site.signIn);
  await staff.goto(site.live.replace("/events/", "/room/"));
  await controls(staff).waitFor();

  const names = ["Ada Example", "Ben Example", "Cleo Example"];
  const patrons = [];
  for (const name of names) {
    const patron = await person(browser);
    const email = `${name.split(" ")[0].toLowerCase()}@patron.invalid`;
    await register(patron, site, site.live, name, email);
    await join(patron, await personalLink(patron, site, email));
    patrons.push(patron);
  }
  const [ada, ben, cleo] = patrons;
  const say = async (patron, text) => {
    await patron.getByPlaceholder("Write a message").fill(text);
    await patron.getByRole("button", { name: "Send" }).click();
    await ada.getByRole("log").getByText(text).waitFor();
  };
  await say(ada, "Good evening from the reading room!");
  await say(cleo, "Is the clock in London time?");
  await controls(ben).getByRole("button", { name: "Raise hand" }).click();
  await ada.getByText("Hands raised").first().waitFor();
  await pictureMoves(ada, ada.locator("video").first());
  await ada.screenshot({ path: shot("room") });

  const visitor = await person(browser, { devices: false, viewport: { width: 1280, height: 860 } });
  await visitor.goto(`${site.url}/events`);
  await visitor.screenshot({ path: shot("events") });
} finally {
  await browser.close();
  await site.stop();
}
