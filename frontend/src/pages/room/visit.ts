// How a page at the door gets in: the ticket from the mail's link, and the questions to the site.
import { ApiError } from "../../api/http";
import { join } from "../../api/rooms";
import type { Pass } from "../../api/rooms";
import type { EntryAnswer } from "../../live/connection";
import * as memory from "../../live/memory";

const shape = /^[A-Za-z0-9_-]{20,200}$/;

/**
 * The ticket of the link that was opened. It is taken out of the address bar before anything else happens, so that
 * it is not in the history, in a screenshot, or in a link that somebody copies.
 */
export function takeTicket(): string {
  const fragment = location.hash.slice(1);
  if (fragment !== "") {
    history.replaceState(history.state, "", location.pathname + location.search);
    if (shape.test(fragment)) memory.ticket.write(fragment);
  }
  return memory.ticket.read();
}

/** The id or slug in /room/{event}; undefined on other pages. */
export function roomInPath(path: string): string | undefined {
  const name = /^\/room\/([^/]+)\/?$/.exec(path)?.[1];
  return name === undefined ? undefined : decodeURIComponent(name);
}

/** By ticket when there is one for this event, else as staff. */
export async function enter(event: string): Promise<Pass> {
  const ticket = memory.ticket.read();
  if (ticket === "") return join(event, undefined);
  try {
    return await join(event, ticket);
  } catch (problem) {
    // A ticket of another event in the same tab must not keep staff out.
    if (!(problem instanceof ApiError) || problem.code !== "ticket-refused") throw problem;
    try {
      return await join(event, undefined);
    } catch {
      throw problem;
    }
  }
}

/** The same for the live connection, which asks again when its token is old. */
export async function entryFor(event: string): Promise<EntryAnswer> {
  try {
    return { entry: await enter(event) };
  } catch (problem) {
    if (!(problem instanceof ApiError)) throw problem;
    const passing = problem.code === "offline" || problem.code === "rate-limited" || problem.status >= 500;
    return passing ? { offline: true } : { refused: problem.code };
  }
}
