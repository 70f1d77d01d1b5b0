// The rule: each address of the console has its page, and everything else is left to the server.
import { describe, expect, it } from "vitest";
import { routeOf } from "./route";

describe("routeOf", () => {
  const rows: [string, ReturnType<typeof routeOf>][] = [
    ["/staff", { page: "events" }],
    ["/staff/", { page: "events" }],
    ["/staff/events", { page: "events" }],
    ["/staff/sign-in", { page: "sign-in" }],
    ["/staff/events/new", { page: "new-event" }],
    ["/staff/events/018f-a%20b", { page: "event", id: "018f-a b" }],
    ["/staff/outbox", { page: "outbox" }],
    ["/staff/settings", { page: "settings" }],
    ["/staff/bans", { page: "bans" }],
    ["/staff/channels", { page: "channels" }],
    ["/staff/elsewhere", { page: "unknown" }],
    ["/staff/events/1/2", { page: "unknown" }],
    ["/events/new", { page: "unknown" }],
  ];
  for (const [path, route] of rows) it(`${path} is ${route.page}`, () => expect(routeOf(path)).toEqual(route));
});
