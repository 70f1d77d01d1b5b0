// The console's pages by address. Pure, so that every address has a test.
export type Route =
  | { page: "events" }
  | { page: "sign-in" }
  | { page: "new-event" }
  | { page: "event"; id: string }
  | { page: "outbox" }
  | { page: "settings" }
  | { page: "bans" }
  | { page: "channels" }
  | { page: "unknown" };

export function routeOf(path: string): Route {
  const parts = path.replace(/\/+$/, "").split("/").slice(1);
  if (parts[0] !== "staff") return { page: "unknown" };
  const [, first, second] = parts;
  if (parts.length === 1) return { page: "events" };
  if (parts.length === 2 && first === "events") return { page: "events" };
  if (parts.length === 2 && first === "sign-in") return { page: "sign-in" };
  if (parts.length === 2 && first === "outbox") return { page: "outbox" };
  if (parts.length === 2 && first === "settings") return { page: "settings" };
  if (parts.length === 2 && first === "bans") return { page: "bans" };
  if (parts.length === 2 && first === "channels") return { page: "channels" };
  if (parts.length === 3 && first === "events" && second === "new") return { page: "new-event" };
  if (parts.length === 3 && first === "events" && second) return { page: "event", id: decodeURIComponent(second) };
  return { page: "unknown" };
}

/** Whether a click on a link is an ordinary one within the console, to be followed without loading a page. */
export function staysInside(event: MouseEvent): string | undefined {
  if (event.button !== 0 || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return undefined;
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  if (!link || link.target || link.origin !== location.origin) return undefined;
  return routeOf(link.pathname).page === "unknown" ? undefined : link.pathname;
}
