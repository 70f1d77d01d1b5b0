// The first visit of an administrator to a real site with a real mail server's
// manners: set the library up, send a test mail, and patrons can register.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { accessible, launch, person } from "./browser.mjs";

const binary = fileURLToPath(new URL("../../build/lyceum", import.meta.url));
const run = promisify(execFile);
let folder, sink, site, url, browser;
const mails = [];

/** Takes every mail, in the words of RFC 5321. */
function takeMail(socket) {
  let text = "", inMail = false;
  socket.write("220 sink.invalid ESMTP\r\n");
  socket.on("error", () => {});
  socket.on("data", (part) => {
    text += part;
    for (;;) {
      const end = text.indexOf(inMail ? "\r\n.\r\n" : "\r\n");
      if (end < 0) return;
      const line = text.slice(0, end);
      text = text.slice(end + (inMail ? 5 : 2));
      if (inMail) mails.push(line);
      inMail = !inMail && /^DATA$/i.test(line);
      socket.write(inMail ? "354 go on\r\n" : /^QUIT/i.test(line) ? "221 bye\r\n" : "250 ok\r\n");
    }
  });
}

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "lyceum-e2e-"));
  sink = createServer(takeMail).listen(0, "127.0.0.1");
  await once(sink, "listening");
  const env = {
    PATH: process.env.PATH, LYCEUM_DATA: folder, LYCEUM_LISTEN: "127.0.0.1:0", LYCEUM_MEDIA_ADDR: "127.0.0.1:0",
    LYCEUM_MAIL_URL: `smtp://127.0.0.1:${sink.address().port}`, LYCEUM_MAIL_FROM: "mail@library.invalid",
  };
  site = spawn(binary, ["serve"], { env, stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  url = await new Promise((resolve, reject) => {
    site.stderr.on("data", (part) => {
      said += part;
      const at = /running at (\S+)/.exec(said);
      if (at) resolve(at[1]);
    });
    site.on("exit", () => reject(new Error(`lyceum ended: ${said}`)));
  });
  site.lyceum = async (...args) => (await run(binary, args, { env })).stdout.trim();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  if (site?.exitCode === null && site.signalCode === null) {
    site.kill("SIGKILL");
    await once(site, "exit");
  }
  sink?.close();
  await rm(folder, { recursive: true, force: true });
});

test("an administrator sets the library up, and a test mail opens registration", async () => {
  const id = await site.lyceum("event", "add", "--title", "A talk", "--starts", "2031-01-31T18:00:00Z");
  const patron = await person(browser, { devices: false });
  await patron.goto(`${url}/events/${id}`);
  await patron.getByText("Registration is not open yet.").waitFor();
  assert.equal(await patron.locator("form").count(), 0);

  const staff = await person(browser, { devices: false });
  await staff.goto(url + (await site.lyceum("staff", "add", "desk@library.invalid", "--right", "admin")));
  const enter = staff.getByRole("button", { name: /sign in/i });
  await enter.or(staff.getByRole("heading", { name: "Welcome to your Lyceum" })).first().waitFor();
  if (await enter.count()) await enter.first().click();
  await staff.getByRole("heading", { name: "Welcome to your Lyceum" }).waitFor();
  await accessible(staff, "the first visit");

  await staff.getByLabel("Name of the library").fill("Harbour Library");
  await staff.getByLabel("Accent colour", { exact: true }).fill("#ffee88");
  await staff.getByRole("button", { name: "Save settings" }).click();
  await staff.getByRole("link", { name: /too pale/ }).waitFor();
  await staff.getByLabel("Accent colour", { exact: true }).fill("#7a1f3d");
  await staff.getByRole("button", { name: "Save settings" }).click();
  await staff.getByText(/^Saved\./).waitFor();
  await staff.getByRole("button", { name: /Send a test mail/ }).click();
  await staff.getByText("The mail went out to desk@library.invalid.", { exact: false }).waitFor();
  assert.match(mails[0], /From: .*Harbour Library/);
  await accessible(staff, "the settings");
  if (process.env.PICTURES) await staff.screenshot({ path: join(process.env.PICTURES, "settings.png"), fullPage: true });

  await patron.reload();
  await patron.getByRole("link", { name: "Harbour Library" }).waitFor();
  assert.equal(await patron.locator("button[type=submit]").evaluate((button) => getComputedStyle(button).backgroundColor), "rgb(122, 31, 61)");
  await accessible(patron, "an event in the library's colour");
  await staff.getByRole("link", { name: "Guide for operators" }).click();
  await staff.getByRole("heading", { level: 1, name: "Guide for operators" }).waitFor();
  await accessible(staff, "the guide");
  if (process.env.PICTURES) await staff.screenshot({ path: join(process.env.PICTURES, "guide.png") });
  assert.deepEqual([...staff.faults, ...patron.faults], []);
});
